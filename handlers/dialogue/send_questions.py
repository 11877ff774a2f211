"""Questions about a transfer itself: how much, from which phone, what for; and the end of a new number, once more.

An amount in the sender's currency is what is sent, before our fee; one in the recipient's currency is what arrives.
"""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from bot.payments.amounts import AmountFault, AmountProblem, read_money
from bot.payments.catalogue.chains import TOKENS
from bot.payments.limits import asks_again, check
from bot.payments.money import Money, decimals_of, is_fiat, to_plain
from bot.payments.parties import Destination, Way
from bot.payments.typed_text import plain_characters, reorders_text
from bot.screens.formats import money
from bot.screens.places import country_name
from bot.screens.texts import Texts
from handlers.dialogue.amount_question import amount_option, fits, limit_problem, packed_amount, unpacked_amount
from handlers.dialogue.destinations import destination_country, destination_of, history_of, way_of
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, SharedContact, Talk
from handlers.dialogue.person_questions import PhoneQuestion

_SUGGESTED_TIMES_LEAST: Final = (1, 2, 5, 10)
_ENDING: Final = 4
_LONGEST_NOTE: Final = 60
_ARRIVING: Final = (" to arrive", " arrives", " arriving", " zifike", " ifike", " à l'arrivée", " à recevoir")


class SendAmountQuestion(Question):
    """How much: of the sender's currency, or of the recipient's. A bare number is the sender's, as the question says."""

    name: ClassVar[str] = "amount"

    def settled(self, talk: Talk) -> Any | None:
        said = talk.answers.get("said_amount")  # an amount that came with a line, before the country was known
        found = None if said is None else self.judged(said, talk)
        return found.value if isinstance(found, Answer) else None

    def ask(self, talk: Talk) -> Asked:
        own, theirs = self._currencies(talk)
        limit = talk.offered.limits.get(own)
        steps = () if limit is None else tuple(limit.minimum * times for times in _SUGGESTED_TIMES_LEAST)
        options = tuple(amount_option(Money(step, own), talk) for step in steps if limit and step <= limit.maximum)
        example = to_plain(steps[1] if steps else Decimal(100))
        if theirs in (None, own):
            return Asked("ask.send_amount", {"currency": own, "example": example}, options, columns=2)
        least = talk.offered.limits.get(str(theirs))
        arriving = to_plain(least.minimum if least is not None else Decimal(100))
        values = {"currency": own, "example": example, "theirs": theirs, "arriving": arriving}
        return Asked("ask.send_amount_across", values, options, columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        own, theirs = self._currencies(talk)
        plain = plain_characters(text)
        ending = next((words for words in _ARRIVING if plain.lower().endswith(words)), None)
        bare = (theirs or own) if ending is not None else own
        found = read_money(plain if ending is None else plain[: -len(ending)], default_currency=bare)
        if isinstance(found, AmountProblem):
            return self.explained(found, talk)
        return self.judge(found.amount, found.currency or bare, talk)

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        amount = unpacked_amount(value)
        return self.judge(amount.amount, amount.currency, talk)

    def judge(self, number: Decimal, currency: str, talk: Talk) -> Answer | Problem:
        """Whether this many of `currency` can be sent there. Where it goes may not be known yet: then any money will do."""
        own, theirs = self._currencies(talk)
        if currency in TOKENS:
            return Problem("amount.sends_no_crypto", {"token": TOKENS[currency].label, "amount": to_plain(number)})
        if not is_fiat(currency) or (currency != own and theirs is not None and currency != theirs):
            return self._not_taken(currency, talk)
        if not fits(number, currency):
            return self.explained(
                AmountProblem(AmountFault.TOO_MANY_DECIMALS, decimals=decimals_of(currency), currency=currency), talk
            )
        beyond = check(Money(number, currency), talk.offered.limits)
        return Answer(packed_amount(Money(number, currency))) if beyond is None else limit_problem(beyond, talk)

    def holds(self, value: Any, talk: Talk) -> bool:
        own, theirs = self._currencies(talk)
        return value["currency"] == own or theirs in (None, value["currency"])

    def shown(self, value: Any, talk: Talk) -> str:
        return money(unpacked_amount(value), talk.texts.language)

    def explained(self, problem: AmountProblem, talk: Talk) -> Problem:
        """Why a typed number was not taken, with what may have been meant as buttons."""
        own, theirs = self._currencies(talk)
        currency = problem.currency or own
        if problem.currency is not None and theirs is not None and problem.currency not in (own, theirs):
            return self._not_taken(problem.currency, talk)
        values = {
            "word": problem.word or "",
            "currency": currency,
            "currencies": ", ".join(problem.currencies),
            "decimals": "" if problem.decimals is None else problem.decimals,
            "token": "",
        }
        readings = (Money(reading, currency) for reading in problem.readings if is_fiat(currency))
        options = tuple(amount_option(amount, talk) for amount in readings if fits(amount.amount, currency))
        if problem.fault is AmountFault.TOO_MANY_DECIMALS:
            return Problem(
                "amount.whole_only" if problem.decimals == 0 else "amount.too_many_decimals", values, options
            )
        return Problem(problem.text_key, values, options)

    def _not_taken(self, currency: str, talk: Talk) -> Problem:
        """A currency that neither side has."""
        own, theirs = self._currencies(talk)
        country = destination_country(talk)
        if country is None or theirs in (None, own):
            return Problem("amount.other_currency", {"word": currency, "currency": own})
        name = country_name(country.iso2, talk.texts.language)
        values = {"word": currency, "country": name, "currency": own, "theirs": theirs}
        return Problem("amount.not_taken_there", values)

    def _currencies(self, talk: Talk) -> tuple[str, str | None]:
        """The sender's, and the recipient's once that is known."""
        assert talk.country is not None
        country = destination_country(talk)
        return talk.country.currency, None if country is None else country.currency


class PayerPhoneQuestion(PhoneQuestion):
    """The phone that pays; never the one that is paid."""

    def settled(self, talk: Talk) -> Any | None:
        own = super().settled(talk)
        return None if own is None or own == _phone_paid(talk) else own

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return self._apart(super().read(text, talk), talk)

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        return self._apart(Answer(value), talk)

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        return self._apart(super().read_contact(contact, talk), talk)

    def holds(self, value: Any, talk: Talk) -> bool:
        return super().holds(value, talk) and value != _phone_paid(talk)

    def _apart(self, found: Answer | Problem, talk: Talk) -> Answer | Problem:
        same = isinstance(found, Answer) and found.value == _phone_paid(talk)
        return Problem("payee.pays_itself") if same else found


class NoteQuestion(Question):
    """What it is for, in the customer's words. Nobody has to say: it is asked under "Change" only."""

    name: ClassVar[str] = "note"

    def settled(self, talk: Talk) -> Any | None:
        return ""

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.note", {}, (Option(talk.texts.plain("button.no_note"), ""),))

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        note = " ".join(text.split())
        if reorders_text(text) or not note.isprintable():
            return Problem("note.odd_signs")
        return Answer(note) if len(note) <= _LONGEST_NOTE else Problem("note.too_long", {"most": _LONGEST_NOTE})

    def shown(self, value: Any, talk: Talk) -> str:
        return str(value) or talk.texts.plain("button.no_note")


class HistoryQuestion(Question):
    """What we know of the recipient. Never asked: it is looked up, and kept with the answers for the card."""

    name: ClassVar[str] = "history"
    listed: ClassVar[bool] = False

    def applies(self, talk: Talk) -> bool:
        return _destination(talk) is not None

    def settled(self, talk: Talk) -> Any | None:
        found = _destination(talk)
        if found is None:
            return None
        known = next((one for one in talk.recipients if one.destination.identity == found.identity), None)
        uses, last = (0, None) if known is None else (known.uses, known.last_used_at)
        return {"uses": uses, "last": None if last is None else last.date().isoformat(), "of": found.identity}

    def has_choice(self, talk: Talk) -> bool:
        return False

    def holds(self, value: Any, talk: Talk) -> bool:
        found = _destination(talk)
        return found is not None and found.identity == value["of"]


class EndingQuestion(Question):
    """The last four digits of a new recipient's number, where the amount is above what the customer lets pass."""

    name: ClassVar[str] = "ending"
    listed: ClassVar[bool] = False

    def applies(self, talk: Talk) -> bool:
        answers = talk.answers
        if "history" not in answers or "amount" not in answers or answers["history"]["uses"] > 0:
            return False
        return _destination(talk) is not None and asks_again(
            unpacked_amount(answers["amount"]), talk.person.ask_again_above
        )

    def has_choice(self, talk: Talk) -> bool:
        return False

    def ask(self, talk: Talk) -> Asked:
        found = _destination(talk)
        assert found is not None
        values = {"name": found.name, "what": talk.texts.plain(f"ending.{found.way}")}
        return Asked("ask.ending", values)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = _destination(talk)
        typed = "".join(char for char in plain_characters(text) if char not in " -.()+")
        if found is None or not (typed.isascii() and typed.isdigit() and len(typed) >= _ENDING):
            return Problem("ending.four_digits")
        wanted = ending_of(found)
        return Answer(wanted) if typed[-_ENDING:] == wanted else Problem("ending.different")

    def holds(self, value: Any, talk: Talk) -> bool:
        found = _destination(talk)
        return found is not None and ending_of(found) == value


def ending_of(destination: Destination) -> str:
    """The last four digits of what says where the money goes."""
    number = {
        Way.PHONE: destination.phone,
        Way.BANK: destination.account,
        Way.TILL: destination.number,
        Way.PAYBILL: destination.number,
    }[destination.way]
    return (number or "")[-_ENDING:]


def known_line(answers: Any, texts: Texts) -> str | None:
    """What the review card says of the recipient: how often they were paid and when last, or that the number is new."""
    history = answers.get("history")
    if history is None:
        return None
    if history["uses"] == 0 or history["last"] is None:
        return texts.plain("payee.new")
    return history_of(history["uses"], date.fromisoformat(history["last"]), texts)


def _destination(talk: Talk) -> Destination | None:
    """Where it goes, once all of that is answered."""
    if way_of(talk) is None:
        return None
    try:
        return destination_of(talk.answers, talk)
    except KeyError:
        return None


def _phone_paid(talk: Talk) -> str | None:
    found = _destination(talk)
    return found.phone if found is not None and found.way is Way.PHONE else None
