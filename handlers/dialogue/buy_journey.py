"""Buying: what fills the buy form in advance, its offer, and its review card."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from bot.engine.results import BuyOffer, BuyRequest, PaymentView
from bot.payments.catalogue import tokens
from bot.payments.limits import check
from bot.payments.line_words import names_a_coin
from bot.payments.lines import BuyLine, Line, LineFault, LineProblem, read_wish
from bot.payments.money import Money
from bot.screens.formats import chain_label, short_address, token_label
from handlers.dialogue.amount_question import limit_problem, packed_amount
from handlers.dialogue.buy_form import ADDRESS, AMOUNT, BUY, CHAIN, request_of
from handlers.dialogue.buy_questions import is_secret
from handlers.dialogue.form import Answer, Form, Problem, Talk
from handlers.dialogue.journey import Elsewhere, Filled, Journey, held_answers
from handlers.dialogue.person_questions import CountryQuestion

_BEFORE_ADDRESS: Final = frozenset({"amount", "token", "chain"})


class BuyJourney(Journey[BuyRequest, BuyOffer]):
    """A purchase of crypto with money."""

    form: ClassVar[Form] = BUY

    def from_line(self, line: Line | LineProblem, talk: Talk) -> Filled:
        """What a line says, for a customer whose country may or may not be known; the form asks for the rest.

        An amount is only taken when its question would take it too, so nothing comes in by a line that is refused typed.
        """
        said = line.line if isinstance(line, LineProblem) else line
        assert isinstance(said, BuyLine)
        answers: dict[str, Any] = {}
        problems: dict[str, Problem] = {}
        _take_country(talk, answers)
        if said.token is not None:
            answers["token"] = said.token
        _take_chain(said, talk, answers, problems)
        _take_amount(line, said, replace(talk, answers=dict(answers)), answers, problems)
        _take_address(said, replace(talk, answers=answers), answers, problems)
        for word in said.unclear[:1]:
            if names_a_coin(word.word):
                sold = ", ".join(token.label for token in tokens(talk.offered.pairs))
                problems.setdefault("", Problem("line.not_sold", {"word": word.word.upper(), "tokens": sold}))
                continue
            options = tuple(word.suggestions)
            meant = ", ".join(
                chain_label(code) if CHAIN.holds(code, _bare(talk)) else token_label(code) for code in options
            )
            key = "line.unclear_with_guess" if meant else "line.unclear"
            problems.setdefault("", Problem(key, {"word": word.word, "meant": meant}))
        return Filled(answers, problems)

    def from_payment(self, view: PaymentView, talk: Talk) -> Filled:
        """The answers of an earlier purchase, as far as they still hold."""
        request = view.order
        assert isinstance(request, BuyRequest)
        fiat = request.fiat_amount is not None
        amount = request.fiat_amount if request.fiat_amount is not None else request.crypto_amount
        assert amount is not None
        wanted: dict[str, Any] = {
            "language": talk.person.language,
            "country": request.country,
            "token": request.token,
            "chain": request.chain,
            "amount": packed_amount(Money(amount, request.currency if fiat else request.token)),
            "address": request.address,
            "phone": request.phone,
            "name": request.account_name,
        }
        if request.network is not None:
            wanted["network"] = request.network
        return Filled(held_answers(BUY, wanted, talk))

    def answer_elsewhere(self, text: str, asked: str, talk: Talk) -> Elsewhere | Problem | None:
        """The amount that was typed at another question, with token and chain if they were said as well; or a wallet address.

        Only an amount with its currency is taken, in a text that says nothing else, and only where all of it goes together;
        a problem says why this clear amount cannot be used. An address by itself is kept, and judged once the chain is known.
        None: nothing certain was said.
        """
        if talk.country is None:
            return None
        line = read_wish(text, default_currency=talk.country.currency)
        if isinstance(line, LineProblem):
            return None
        if line.address is not None:
            early = asked in _BEFORE_ADDRESS and line == BuyLine(address=line.address)
            answers = {**talk.answers, "pasted": line.address}
            return Elsewhere(ADDRESS.name, short_address(line.address), answers) if early else None
        if asked == AMOUNT.name:
            return None
        coin = next((word.word for word in line.unclear if names_a_coin(word.word)), None)
        if coin is not None and any(char.isdigit() for char in text):
            return AMOUNT.not_sold(coin.upper(), talk)
        if line.amount is None or line.currency is None or line.unclear:
            return None
        found = AMOUNT.judge(line.amount, line.currency, replace(talk, answers={"country": talk.country.iso2}))
        if isinstance(found, Problem):
            return Problem(found.key, found.values)
        answers = BUY.answered(talk, AMOUNT.name, found.value)
        for name, value in (("token", line.token), ("chain", line.chain)):
            if value is not None:
                answers = BUY.answered(replace(talk, answers=answers), name, value)
        kept = {"token": line.token, "chain": line.chain, "amount": found.value}
        here = replace(talk, answers=answers)
        for name, value in kept.items():
            question = BUY.question(name)
            if value is not None and (
                question is None or answers.get(name) != value or not question.holds(value, here)
            ):
                return None
        return Elsewhere(AMOUNT.name, AMOUNT.shown(found.value, here), answers)

    def request_of(self, answers: Mapping[str, Any], talk: Talk) -> BuyRequest:
        return request_of(answers, talk)

    def beyond_limits(self, offer: BuyOffer, talk: Talk) -> tuple[str, Problem] | None:
        beyond = check(offer.fiat_amount, talk.offered.limits)
        return None if beyond is None else (AMOUNT.name, limit_problem(beyond, talk))


def _bare(talk: Talk) -> Talk:
    return replace(talk, answers={})


def _take_country(talk: Talk, answers: dict[str, Any]) -> None:
    country = CountryQuestion().settled(talk)
    if country is not None:
        answers["country"] = country


def _take_chain(said: BuyLine, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]) -> None:
    if said.chain is None:
        return
    if CHAIN.holds(said.chain, replace(talk, answers=answers)) and any(said.chain == c for c, _ in talk.offered.pairs):
        answers["chain"] = said.chain
        return
    values = {"chain": chain_label(said.chain), "token": token_label(said.token or "USDC")}
    problems["chain"] = Problem("chain.not_offered", values)


def _take_amount(
    line: Line | LineProblem, said: BuyLine, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]
) -> None:
    if isinstance(line, LineProblem) and line.fault is not LineFault.AMOUNT:
        problems["amount" if line.fault is LineFault.TWO_AMOUNTS else ""] = Problem(line.text_key)
    currency = said.currency or said.fiat
    if said.amount is not None and currency is not None:
        found = AMOUNT.judge(said.amount, currency, talk)
        if isinstance(found, Problem):
            problems["amount"] = found
        elif AMOUNT.holds(found.value, talk):
            answers["amount"] = found.value
    elif talk.country is not None and isinstance(line, LineProblem) and line.amount is not None:
        problems["amount"] = AMOUNT.explained(line.amount, talk)
    elif talk.country is not None and said.amount is not None:
        problems["amount"] = AMOUNT.either(said.amount, talk)


def _take_address(said: BuyLine, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]) -> None:
    if said.address is None or is_secret(said.address):
        return
    if "chain" not in answers:
        answers["pasted"] = said.address
        return
    found = ADDRESS.read(said.address, talk)
    if isinstance(found, Answer):
        answers["address"] = found.value
    else:
        problems["address"] = found
