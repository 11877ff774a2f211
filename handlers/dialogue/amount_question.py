"""The question of how much: money to spend, or crypto to receive. Strict, and helpful about what it does not take.

An amount in fiat is what is spent on crypto, before the fee; the review card shows the sum that is paid in all.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, Final

from bot.payments.amounts import AmountFault, AmountProblem, read_money
from bot.payments.catalogue import tokens
from bot.payments.limits import LimitProblem, check
from bot.payments.line_words import names_a_coin
from bot.payments.lines import BuyLine, LineProblem, read_wish
from bot.payments.money import Money, decimals_of, is_fiat, to_plain
from bot.screens.formats import money, token_label
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, Talk

_SUGGESTED_TIMES_LEAST: Final = (2, 5, 10, 20)
_DOLLARS: Final = "USD"
_MOST_WORDS: Final = 2  # a number and what it counts


def packed_amount(amount: Money) -> dict[str, str]:
    """An amount as an answer."""
    return {"currency": amount.currency, "amount": amount.to_plain()}


def unpacked_amount(value: Any) -> Money:
    """The other way round."""
    return Money(Decimal(value["amount"]), value["currency"])


def amount_option(amount: Money, talk: Talk, *, marked: bool = False) -> Option:
    """An amount as a button."""
    return Option(money(amount, talk.texts.language), packed_amount(amount), marked=marked)


def limit_problem(problem: LimitProblem, talk: Talk) -> Problem:
    """An amount outside its limits, with the nearest that is allowed as a button."""
    bound = money(problem.bound, talk.texts.language)
    return Problem(problem.text_key, {"bound": bound}, (amount_option(problem.bound, talk),))


class AmountQuestion(Question):
    """How much: money to spend, or crypto to receive. A bare number is money, as the question says.

    Other forms ask for crypto and money in other words, and may take a bare number for crypto.
    """

    name: ClassVar[str] = "amount"
    for_dollars: ClassVar[str] = "amount.dollars"
    for_other_coins: ClassVar[str] = "amount.not_sold"
    for_other_money: ClassVar[str] = "amount.other_currency"

    def currency(self, talk: Talk) -> str:
        """The money of this form: its country must be known."""
        assert talk.country is not None
        return talk.country.currency

    def takes(self, money: str, talk: Talk) -> bool:
        """Whether an amount may be in this fiat. Where the country is not known yet, any will do: its answer settles it."""
        return talk.country is None or talk.country.currency == money

    def bare(self, talk: Talk) -> str:
        """What a number counts that stands alone."""
        return self.currency(talk)

    def perhaps(self, number: Decimal, talk: Talk) -> tuple[Option, ...]:
        """What a bare number may have meant that is beyond its limits: "20" is too little money, but a usual amount of
        crypto."""
        return tuple(self._in_tokens(number, talk))[:1]

    def ask(self, talk: Talk) -> Asked:
        currency = self.currency(talk)
        limit = talk.offered.limits.get(currency)
        steps = () if limit is None else tuple(limit.minimum * times for times in _SUGGESTED_TIMES_LEAST)
        suggested = tuple(
            amount_option(Money(step, currency), talk) for step in steps if limit is not None and step <= limit.maximum
        )
        example = to_plain(steps[1] if steps else Decimal(100))
        values = {"currency": currency, "example": example, "token": token_label(self._token(talk))}
        return Asked("ask.amount", values, suggested, columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_money(text, default_currency=self.bare(talk))
        if isinstance(found, AmountProblem):
            line = read_wish(text, default_currency=self.currency(talk))
            if isinstance(line, LineProblem) and line.amount is not None and not line.line.unclear:
                return self.explained(line.amount, talk)  # "5000 francs en usdt"
            if isinstance(line, BuyLine) and line.amount is not None and line.currency is not None and not line.unclear:
                return self.judge(line.amount, line.currency, talk)  # "20 usdc on base", "1500 kes please"
            return self.explained(found, talk, text)
        return self.judge(found.amount, found.currency, talk)

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        amount = unpacked_amount(value)
        return self.judge(amount.amount, amount.currency, talk)

    def judge(self, number: Decimal, currency: str | None, talk: Talk) -> Answer | Problem:
        """Whether this many of `currency` can be moved; None is a bare number."""
        named = currency or self.bare(talk)
        if named == _DOLLARS:
            return Problem(self.for_dollars, {}, tuple(self._in_tokens(number, talk)))
        if not is_fiat(named) and named not in {token.code for token in tokens(talk.offered.pairs)}:
            return self.not_sold(named, talk)
        if is_fiat(named) and not self.takes(named, talk):
            return Problem(self.for_other_money, {"word": named, "currency": self.currency(talk)})
        if not fits(number, named):
            decimals = AmountProblem(AmountFault.TOO_MANY_DECIMALS, decimals=decimals_of(named), currency=named)
            return self.explained(decimals, talk)
        problem = check(Money(number, named), talk.offered.limits)
        if problem is None:
            return Answer(packed_amount(Money(number, named)))
        explained = limit_problem(problem, talk)
        if currency is None:
            return Problem(explained.key, explained.values, (*self.perhaps(number, talk), *explained.options))
        return explained

    def holds(self, value: Any, talk: Talk) -> bool:
        currency = value["currency"]
        if not is_fiat(currency):
            return bool(talk.answers.get("token", currency) == currency)
        return self.takes(currency, talk)

    def shown(self, value: Any, talk: Talk) -> str:
        return money(unpacked_amount(value), talk.texts.language)

    def either(self, amount: Decimal, talk: Talk) -> Problem:
        """A number of which it is not known what it counts: money or crypto."""
        own = self.currency(talk)
        options = list(self._in_tokens(amount, talk))[:2]
        if fits(amount, own):
            options.insert(0, amount_option(Money(amount, own), talk))
        return Problem("line.amount_of_what", {}, tuple(options))

    def explained(self, problem: AmountProblem, talk: Talk, text: str = "") -> Problem:
        """Why a typed number was not taken, with what may have been meant as buttons."""
        if problem.fault is AmountFault.UNKNOWN_CURRENCY and problem.word is not None:
            coin = problem.word.split()[-1] if problem.word.split() else ""
            if names_a_coin(coin):
                return self.not_sold(coin.upper(), talk)
            if len(text.split()) > _MOST_WORDS:  # a sentence: whichever of its words would be blamed without reason
                return Problem("amount.not_a_number")
        currency = problem.currency or self.bare(talk)
        if currency != _DOLLARS and is_fiat(currency) and not self.takes(currency, talk):
            return Problem(self.for_other_money, {"word": currency, "currency": self.currency(talk)})
        options = [
            amount_option(Money(reading, currency), talk)
            for reading in problem.readings
            if currency != _DOLLARS and fits(reading, currency)
        ]
        if problem.fault is AmountFault.TOO_MANY_DECIMALS and problem.currency is None:
            loose = read_money(text, default_currency=None)
            if not isinstance(loose, AmountProblem):
                options.extend(list(self._in_tokens(loose.amount, talk))[:1])
        values = {
            "word": problem.word or "",
            "currency": currency,
            "currencies": ", ".join(problem.currencies),
            "decimals": "" if problem.decimals is None else problem.decimals,
            "token": token_label(self._token(talk)),
        }
        whole_only = problem.fault is AmountFault.TOO_MANY_DECIMALS and problem.decimals == 0
        return Problem("amount.whole_only" if whole_only else problem.text_key, values, tuple(options))

    def _in_tokens(self, amount: Decimal, talk: Talk) -> Iterator[Option]:
        """This number of each token that it could count."""
        chosen = talk.answers.get("token")
        for token in tokens(talk.offered.pairs):
            meant = chosen in (None, token.code)
            if meant and fits(amount, token.code) and check(Money(amount, token.code), talk.offered.limits) is None:
                yield amount_option(Money(amount, token.code), talk)

    def not_sold(self, coin: str, talk: Talk) -> Problem:
        """An amount of another coin: what is sold here. Its number is nobody's answer."""
        sold = ", ".join(token.label for token in tokens(talk.offered.pairs))
        return Problem(self.for_other_coins, {"word": coin, "tokens": sold})

    def _token(self, talk: Talk) -> str:
        chosen = talk.answers.get("token")
        return chosen if isinstance(chosen, str) else tokens(talk.offered.pairs)[0].code


def fits(amount: Decimal, currency: str) -> bool:
    """Whether a currency has as many decimals as a number uses."""
    exponent = Decimal(Money(amount, currency).to_plain()).as_tuple().exponent
    return -int(exponent) <= decimals_of(currency)
