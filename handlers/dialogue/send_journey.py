"""Sending money: what fills the send form in advance, its offer, and its review card."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from bot.engine.results import PaymentView, SendOffer, SendRequest
from bot.payments.limits import check
from bot.payments.line_parties import Party
from bot.payments.lines import Line, LineFault, LineProblem, SendLine, read_line
from bot.payments.money import Money
from bot.screens.texts import Texts
from handlers.dialogue.amount_question import limit_problem, packed_amount
from handlers.dialogue.destinations import SAVED
from handlers.dialogue.form import Answer, Form, Problem, Talk
from handlers.dialogue.journey import Elsewhere, Filled, Journey, held_answers
from handlers.dialogue.party_answers import party_for_later, take_network, take_party
from handlers.dialogue.person_questions import CountryQuestion
from handlers.dialogue.send_form import AMOUNT, NOTE, SEND, WHERE, request_of
from handlers.dialogue.send_questions import known_line


class SendJourney(Journey[SendRequest, SendOffer]):
    """Money from the customer's phone or bank to somebody."""

    form: ClassVar[Form] = SEND

    def from_line(self, line: Line | LineProblem, talk: Talk) -> Filled:
        """What a line says. Nothing comes in by it that would be refused when typed at its question."""
        said = line.line if isinstance(line, LineProblem) else line
        assert isinstance(said, SendLine)
        answers: dict[str, Any] = {}
        problems: dict[str, Problem] = {}
        country = CountryQuestion().settled(talk)
        if country is None:
            return Filled(_for_later(said, talk))
        answers["country"] = country
        party = said.party or _named_without_preposition(said)
        if party is not None:
            take_party(SEND, WHERE, party, replace(talk, answers=dict(answers)), answers, problems)
        if said.party is not None:
            _take_rest(said, replace(talk, answers=dict(answers)), answers, problems)
        _take_amount(line, said, replace(talk, answers=dict(answers)), answers, problems)
        return Filled({**answers, **_note(said, talk)}, problems)

    def from_payment(self, view: PaymentView, talk: Talk) -> Filled:
        """The answers of an earlier transfer, as far as they still hold."""
        request = view.order
        assert isinstance(request, SendRequest)
        where = {
            "way": SAVED,
            "destination": request.destination.to_json(),
            "called": request.destination.name,
            **_history(request, talk),
        }
        wanted: dict[str, Any] = {
            "language": talk.person.language,
            "country": request.payer.country,
            "where": where,
            "amount": packed_amount(request.amount),
            "phone": request.payer.phone,
            "name": request.payer.account_name,
        }
        if request.payer.network is not None:
            wanted["network"] = request.payer.network
        return Filled(held_answers(SEND, wanted, talk))

    def answer_elsewhere(self, text: str, asked: str, talk: Talk) -> Elsewhere | Problem | None:
        """An amount with its currency that was typed at another question, and at the first one also the recipient.

        A text that says anything else is left alone, and so are bare numbers: they may answer what was asked.
        """
        if talk.country is None:
            return None
        line = read_line(f"send {text}", default_currency=talk.country.currency, country=talk.country.iso2)
        if not isinstance(line, SendLine) or line.unclear or line.amount is None:
            return None
        answers = dict(talk.answers)
        if line.party is not None:
            taken: dict[str, Any] = {}
            problems: dict[str, Problem] = {}
            if asked != "where":
                return None
            take_party(SEND, WHERE, line.party, talk, taken, problems)
            if problems:
                return problems.get("where")
            for name, value in taken.items():
                answers = SEND.answered(replace(talk, answers=answers), name, value)
        elif asked == AMOUNT.name or line.currency is None:
            return None
        here = replace(talk, answers=answers)
        found = AMOUNT.judge(line.amount, line.currency or talk.country.currency, here)
        if isinstance(found, Problem):
            return Problem(found.key, found.values)
        return Elsewhere(AMOUNT.name, AMOUNT.shown(found.value, here), SEND.answered(here, AMOUNT.name, found.value))

    def request_of(self, answers: Mapping[str, Any], talk: Talk) -> SendRequest:
        return request_of(answers, talk)

    def beyond_limits(self, offer: SendOffer, talk: Talk) -> tuple[str, Problem] | None:
        beyond = check(offer.pay - offer.fee, talk.offered.limits) or check(offer.receive, talk.offered.limits)
        return None if beyond is None else (AMOUNT.name, limit_problem(beyond, talk))

    def known(self, answers: Mapping[str, Any], texts: Texts) -> str | None:
        return known_line(answers, texts)


def _for_later(said: SendLine, talk: Talk) -> dict[str, Any]:
    """What somebody new said: number and amount mean something certain only once their country is known."""
    kept = _note(said, talk)
    if said.party is not None:
        kept |= party_for_later(said.party)
    if said.amount is not None and said.currency is not None:
        kept["said_amount"] = packed_amount(Money(said.amount, said.currency))
    return kept


def _note(said: SendLine, talk: Talk) -> dict[str, Any]:
    found = None if said.note is None else NOTE.read(said.note, talk)
    return {NOTE.name: found.value} if isinstance(found, Answer) else {}


def _history(request: SendRequest, talk: Talk) -> dict[str, Any]:
    same = [known for known in talk.recipients if known.destination.identity == request.destination.identity]
    last = same[0].last_used_at if same else None
    return {"uses": same[0].uses if same else 0, "last": None if last is None else last.date().isoformat()}


def _take_rest(said: SendLine, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]) -> None:
    """What is left over beside an explicit recipient: a network, or a word that is owned up to."""
    for unclear in said.unclear:
        if not take_network(SEND, unclear.word, talk, answers, problems):
            problems.setdefault("", Problem("line.unclear", {"word": unclear.word}))


def _named_without_preposition(said: SendLine) -> Party | None:
    """ "send mary 500": a word that names nothing else is whom it goes to."""
    words = [unclear.word for unclear in said.unclear if len(unclear.word) > 1]
    return Party(name=" ".join(words)) if words and said.amount is not None else None


def _take_amount(
    line: Line | LineProblem, said: SendLine, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]
) -> None:
    assert talk.country is not None
    if said.token is not None and said.amount is not None and said.currency == said.token:
        found = AMOUNT.judge(said.amount, said.currency, talk)
        problems[AMOUNT.name] = found if isinstance(found, Problem) else Problem("amount.not_a_number")
        return
    if isinstance(line, LineProblem) and line.fault is not LineFault.AMOUNT:
        problems[AMOUNT.name] = Problem(line.text_key)
        return
    if isinstance(line, LineProblem) and line.amount is not None:
        problems[AMOUNT.name] = AMOUNT.explained(line.amount, talk)
        return
    if said.amount is None:
        return
    judged = AMOUNT.judge(said.amount, said.currency or said.fiat or talk.country.currency, talk)
    if isinstance(judged, Problem):
        problems[AMOUNT.name] = judged
    else:
        answers[AMOUNT.name] = judged.value
