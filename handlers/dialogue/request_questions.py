"""Questions about a request for money: how much, what for, how often, until when, how, and whether names are shown.

Each is read by the same rules as the line that asks for money, so that nothing is taken here that is refused there.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from bot.payments.amounts import AmountProblem
from bot.payments.money import to_plain
from bot.payments.request_lines import RequestLineProblem, read_request_line
from bot.payments.requests import (
    ANY_METHOD,
    LIFE,
    MOST_NOTE,
    MOST_TITLE,
    MOST_USES,
    Method,
    Pricing,
    RequestFault,
    Terms,
    payable,
)
from bot.screens.foreign import cleaned
from bot.screens.requests import asked_amount
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, Talk

_UNLIMITED: Final = 0  # as an answer: JSON has no better word, and nobody asks for no payment at all
_COUNTS: Final = (1, 5, 10)
_DAYS: Final = (1, 3, 7, 30)
_MOST_DAYS: Final = 365
_METHODS: Final[dict[tuple[Method, ...], str]] = {
    ANY_METHOD: "request.choice_any_method",
    ("mobile_money",): "request.choice_mobile_money",
    ("bank",): "request.choice_bank",
}


def packed_terms(terms: Terms) -> dict[str, Any]:
    """How much is asked for, as an answer."""
    return {
        "currency": terms.currency,
        "pricing": str(terms.pricing),
        "amount": _text(terms.amount),
        "minimum": _text(terms.minimum),
        "maximum": _text(terms.maximum),
        "packages": [[name, to_plain(amount)] for name, amount in terms.packages],
    }


def unpacked_terms(value: Mapping[str, Any], **more: Any) -> Terms:
    """The other way round; `more` are the terms beside the amounts."""
    return Terms(
        currency=value["currency"],
        pricing=Pricing(value["pricing"]),
        amount=_decimal(value["amount"]),
        minimum=_decimal(value["minimum"]),
        maximum=_decimal(value["maximum"]),
        packages=tuple((name, Decimal(amount)) for name, amount in value["packages"]),
        **more,
    )


class RequestAmountQuestion(Question):
    """How much: one amount, a range, or whatever the payer likes."""

    name: ClassVar[str] = "request_amount"

    def ask(self, talk: Talk) -> Asked:
        currency = _currency(talk)
        free = packed_terms(Terms(currency, Pricing.OPEN))
        return Asked(
            "ask.request_amount", {"currency": currency}, (Option(talk.texts.plain("request.choice_any"), free),)
        )

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_request_line(text, currency=_currency(talk))
        return line_problem(found, talk) if isinstance(found, RequestLineProblem) else Answer(packed_terms(found))

    def holds(self, value: Any, talk: Talk) -> bool:
        return talk.country is None or bool(value["currency"] == talk.country.currency)

    def shown(self, value: Any, talk: Talk) -> str:
        return asked_amount(talk.texts, unpacked_terms(value))


class RequestTitleQuestion(Question):
    """What for, in a few words; nothing need be said."""

    name: ClassVar[str] = "request_title"

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.request_title", options=(Option(talk.texts.plain("request.choice_no_title"), ""),))

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        title = cleaned(text, longest=MOST_TITLE + 1)
        return Answer(title) if len(title) <= MOST_TITLE else Problem(RequestFault.TOO_LONG.text_key)

    def shown(self, value: Any, talk: Talk) -> str:
        return str(value) or talk.texts.plain("request.choice_no_title")


class RequestUsesQuestion(Question):
    """How many times it can be paid."""

    name: ClassVar[str] = "request_uses"

    def ask(self, talk: Talk) -> Asked:
        options = tuple(Option(self.shown(count, talk), count) for count in (*_COUNTS, _UNLIMITED))
        return Asked("ask.request_uses", options=options, columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        bare = text.strip().casefold().strip("x× ")
        if not (bare.isascii() and bare.isdigit()) or len(bare) > 6:
            return Problem("request.not_a_count")
        return Answer(int(bare)) if 1 <= int(bare) <= MOST_USES else Problem(RequestFault.TOO_MANY_USES.text_key)

    def shown(self, value: Any, talk: Talk) -> str:
        if value == _UNLIMITED:
            return talk.texts.plain("request.choice_unlimited")
        if value == 1:
            return talk.texts.plain("request.choice_once")
        return talk.texts.plain("request.choice_times", times=value)


class RequestLifeQuestion(Question):
    """Until when it can be paid, in days."""

    name: ClassVar[str] = "request_life"

    def ask(self, talk: Talk) -> Asked:
        return Asked(
            "ask.request_life",
            options=tuple(Option(self.shown(days, talk), days, marked=days == 7) for days in _DAYS),
            columns=2,
        )

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        bare = text.strip().split(" ", 1)[0]
        if not (bare.isascii() and bare.isdigit()) or not 1 <= int(bare[:4]) <= _MOST_DAYS or len(bare) > 3:
            return Problem("request.not_a_time")
        return Answer(int(bare))

    def shown(self, value: Any, talk: Talk) -> str:
        return talk.texts.many_plain("request.choice_days", int(value))


class RequestNamedQuestion(Question):
    """Whether the names of those who paid and agreed are shown; yes unless it is changed."""

    name: ClassVar[str] = "request_named"

    def settled(self, talk: Talk) -> Any | None:
        return True

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.request_named", options=yes_and_no(talk), columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return Problem("dialogue.choose_a_button")

    def shown(self, value: Any, talk: Talk) -> str:
        return talk.texts.plain("request.choice_yes" if value else "request.choice_no")


class RequestMethodsQuestion(Question):
    """In which ways people may pay; however they can unless it is changed."""

    name: ClassVar[str] = "request_methods"

    def settled(self, talk: Talk) -> Any | None:
        return list(ANY_METHOD)

    def ask(self, talk: Talk) -> Asked:
        return Asked(
            "ask.request_methods", options=tuple(Option(self.shown(ways, talk), list(ways)) for ways in _METHODS)
        )

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return Problem("dialogue.choose_a_button")

    def shown(self, value: Any, talk: Talk) -> str:
        return talk.texts.plain(_METHODS[tuple(value)])


class RequestNoteQuestion(Question):
    """More for payers to read than the title says; nobody is asked for it, but it can be added."""

    name: ClassVar[str] = "request_note"

    def settled(self, talk: Talk) -> Any | None:
        return ""

    def ask(self, talk: Talk) -> Asked:
        none = Option(talk.texts.plain("request.choice_no_note"), "")
        return Asked("ask.request_note", {"most": MOST_NOTE}, (none,))

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        note = cleaned(text, longest=MOST_NOTE + 1)
        return Answer(note) if len(note) <= MOST_NOTE else Problem("note.too_long", {"most": MOST_NOTE})

    def shown(self, value: Any, talk: Talk) -> str:
        return str(value) or talk.texts.plain("request.choice_no_note")


def yes_and_no(talk: Talk) -> tuple[Option, ...]:
    """Two buttons."""
    return tuple(
        Option(talk.texts.plain("request.choice_yes" if value else "request.choice_no"), value)
        for value in (True, False)
    )


def terms_of(answers: Mapping[str, Any]) -> Terms:
    """The terms behind a complete form."""
    uses = answers["request_uses"]
    return unpacked_terms(
        answers["request_amount"],
        most_uses=None if uses == _UNLIMITED else uses,
        title=answers["request_title"],
        life=timedelta(days=answers["request_life"]),
        shows_payers=bool(answers["request_named"]),
        methods=tuple(answers["request_methods"]),
        note=answers["request_note"],
    )


def terms_answers(terms: Terms) -> dict[str, Any]:
    """The other way round. A request that never ends is made once more with the time that is usual."""
    life = terms.life or LIFE
    return {
        "request_amount": packed_terms(terms),
        "request_title": terms.title,
        "request_uses": _UNLIMITED if terms.most_uses is None else terms.most_uses,
        "request_life": min(max(1, life.days), _MOST_DAYS),
        "request_named": terms.shows_payers,
        "request_methods": list(terms.methods),
        "request_note": terms.note,
    }


def line_problem(problem: RequestLineProblem, talk: Talk) -> Problem:
    """Why a line that asks for money was not taken, with what may have been meant as buttons."""
    currency = _currency(talk)
    values = {"currency": currency, **amount_values(problem.amount, currency), "word": problem.word}
    amount = problem.amount
    if amount is None:
        return Problem(problem.text_key, values)
    readings = [reading for reading in amount.readings if payable(reading, currency)]
    options = tuple(
        Option(asked_amount(talk.texts, terms), packed_terms(terms))
        for terms in (Terms(currency, Pricing.FIXED, amount=reading) for reading in readings)
    )
    return Problem(problem.text_key, values, options)


def amount_values(amount: AmountProblem | None, currency: str) -> dict[str, object]:
    """What the sentences about amounts may name."""
    if amount is None:
        return {}
    return {
        "word": amount.word or "",
        "currency": amount.currency or currency,
        "currencies": ", ".join(amount.currencies),
        "decimals": "" if amount.decimals is None else amount.decimals,
        "token": "",
    }


def _currency(talk: Talk) -> str:
    assert talk.country is not None
    return talk.country.currency


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else to_plain(amount)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
