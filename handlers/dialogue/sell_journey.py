"""Selling: what fills the sell form in advance, and the limits of its offer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from bot.engine.results import PaymentView, SellOffer, SellRequest
from bot.payments.catalogue import tokens
from bot.payments.limits import check
from bot.payments.line_words import names_a_coin
from bot.payments.lines import Line, LineFault, LineProblem, SellLine, read_line
from bot.payments.money import Money, is_fiat
from bot.payments.parties import Destination
from bot.screens.formats import chain_label, short_address, token_label
from bot.screens.texts import Texts
from handlers.dialogue.amount_question import limit_problem, packed_amount, unpacked_amount
from handlers.dialogue.buy_questions import is_secret
from handlers.dialogue.destinations import OWN, SAVED, packed_recipient
from handlers.dialogue.form import Answer, Form, Problem, Talk
from handlers.dialogue.journey import Elsewhere, Filled, Journey, held_answers
from handlers.dialogue.party_answers import party_for_later, take_party
from handlers.dialogue.sell_form import AMOUNT, CHAIN, COUNTRY, SELL, SENDER, WHERE, request_of
from handlers.dialogue.send_questions import known_line


class SellJourney(Journey[SellRequest, SellOffer]):
    """A sale of crypto, paid out to the customer or to somebody else."""

    form: ClassVar[Form] = SELL

    def from_line(self, line: Line | LineProblem, talk: Talk) -> Filled:
        """What a line says. Nothing comes in by it that would be refused when typed at its question."""
        said = line.line if isinstance(line, LineProblem) else line
        assert isinstance(said, SellLine)
        answers: dict[str, Any] = {}
        problems: dict[str, Problem] = {}
        country = COUNTRY.settled(talk)
        if country is not None:
            answers["country"] = country
        if said.token is not None:
            answers["token"] = said.token
        _take_chain(said, replace(talk, answers=answers), answers, problems)
        if said.party is not None and country is not None:
            take_party(SELL, WHERE, said.party, replace(talk, answers=dict(answers)), answers, problems)
        elif said.party is not None:
            answers |= party_for_later(said.party)
        _take_amount(line, said, replace(talk, answers=dict(answers)), answers, problems)
        _take_sender(said, replace(talk, answers=dict(answers)), answers, problems)
        for word in said.unclear[:1]:
            problems.setdefault("", _unclear(word.word, talk))
        return Filled(answers, problems)

    def from_payment(self, view: PaymentView, talk: Talk) -> Filled:
        """The answers of an earlier sale, as far as they still hold."""
        request = view.order
        assert isinstance(request, SellRequest)
        to = request.destination
        number, currency = (
            (request.crypto_amount, request.token)
            if request.crypto_amount is not None
            else (request.fiat_amount, to.currency)
        )
        assert number is not None
        wanted: dict[str, Any] = {
            "language": talk.person.language,
            "country": to.country if to.own else COUNTRY.settled(talk) or to.country,
            "token": request.token,
            "chain": request.chain,
            "where": {"way": OWN} if to.own else _known_place(to, talk),
            "amount": packed_amount(Money(number, currency)),
            "phone": to.phone,
            "network": to.network,
            "name": to.name,
            "sender_address": request.sender_address,
            "refund_address": request.refund_address,
        }
        return Filled(held_answers(SELL, {name: value for name, value in wanted.items() if value is not None}, talk))

    def answer_elsewhere(self, text: str, asked: str, talk: Talk) -> Elsewhere | Problem | None:
        """An amount with its currency that was typed at another question; a wallet that was pasted before its turn.

        A text that says anything else is left alone, and so are bare numbers: they may answer what was asked.
        """
        if talk.country is None:
            return None
        line = read_line(f"sell {text}", default_currency=talk.country.currency, country=talk.country.iso2)
        if not isinstance(line, SellLine) or line.unclear or line.party is not None:
            return None
        if line.address is not None:
            early = asked in ("token", "amount", "chain", "where") and line == SellLine(address=line.address)
            answers = {**talk.answers, "pasted": line.address}
            return Elsewhere(SENDER.name, short_address(line.address), answers) if early else None
        if asked == AMOUNT.name or line.amount is None or line.currency is None or line.chain is not None:
            return None
        found = AMOUNT.judge(line.amount, line.currency, talk)
        if isinstance(found, Problem):
            return Problem(found.key, found.values)
        answers = SELL.answered(talk, AMOUNT.name, found.value)
        if not is_fiat(line.currency):
            answers = SELL.answered(replace(talk, answers=answers), "token", line.currency)
        return Elsewhere(AMOUNT.name, AMOUNT.shown(found.value, talk), answers)

    def request_of(self, answers: Mapping[str, Any], talk: Talk) -> SellRequest:
        return request_of(answers, talk)

    def known(self, answers: Mapping[str, Any], texts: Texts) -> str | None:
        return known_line(answers, texts)

    def beyond_limits(self, offer: SellOffer, talk: Talk) -> tuple[str, Problem] | None:
        """The side that was not asked for: the other one was held against its limits when it was answered."""
        asked = unpacked_amount(talk.answers["amount"])
        beyond = check(offer.pay if is_fiat(asked.currency) else offer.fiat_amount, talk.offered.limits)
        return None if beyond is None else (AMOUNT.name, limit_problem(beyond, talk))


def _known_place(to: Destination, talk: Talk) -> dict[str, Any]:
    """Where an earlier sale went, as the answer to `where`."""
    same = next((known for known in talk.recipients if known.destination.identity == to.identity), None)
    if same is not None:
        return packed_recipient(same)
    return {"way": SAVED, "destination": to.to_json(), "called": to.name, "uses": 0, "last": None}


def _take_chain(said: SellLine, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]) -> None:
    if said.chain is None:
        return
    if CHAIN.holds(said.chain, talk) and any(said.chain == chain for chain, _ in talk.offered.pairs):
        answers["chain"] = said.chain
        return
    values = {"chain": chain_label(said.chain), "token": token_label(said.token or "USDC")}
    problems["chain"] = Problem("chain.not_offered", values)


def _take_amount(
    line: Line | LineProblem, said: SellLine, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]
) -> None:
    if isinstance(line, LineProblem) and line.fault is not LineFault.AMOUNT:
        problems[AMOUNT.name if line.fault is LineFault.TWO_AMOUNTS else ""] = Problem(line.text_key)
    currency = said.currency or said.fiat or said.token
    if said.amount is not None and currency is not None:
        found = AMOUNT.judge(said.amount, currency, talk)
        if isinstance(found, Problem):
            problems[AMOUNT.name] = found
        elif AMOUNT.holds(found.value, talk):
            answers[AMOUNT.name] = found.value
    elif isinstance(line, LineProblem) and line.amount is not None and talk.country is not None:
        problems[AMOUNT.name] = AMOUNT.explained(line.amount, talk)
    elif said.amount is not None and talk.country is not None:
        problems[AMOUNT.name] = AMOUNT.either(said.amount, talk)


def _take_sender(said: SellLine, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]) -> None:
    if said.address is None or is_secret(said.address):
        return
    if "chain" not in answers:
        answers["pasted"] = said.address
        return
    found = SENDER.read(said.address, talk)
    if isinstance(found, Answer):
        answers[SENDER.name] = found.value
    else:
        problems[SENDER.name] = found


def _unclear(word: str, talk: Talk) -> Problem:
    if names_a_coin(word):
        bought = ", ".join(token.label for token in tokens(talk.offered.pairs))
        return Problem("selling.not_bought", {"word": word.upper(), "tokens": bought})
    return Problem("line.unclear", {"word": word})
