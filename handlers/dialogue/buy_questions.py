"""Questions about a purchase: how much, which token, on which chain, to which wallet address.

An amount in fiat is what is spent on crypto, before the fee; the review card shows the sum that is paid in all.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, Final

from bot.payments.addresses import Address, AddressFault, AddressProblem, check_address
from bot.payments.amounts import AmountFault, AmountProblem, read_money
from bot.payments.catalogue import chains_for, is_offered, read_chain_word, read_token_word, tokens
from bot.payments.catalogue.chains import CHAIN_WORDS, TOKEN_WORDS, TOKENS
from bot.payments.limits import LimitProblem, check
from bot.payments.money import Money, decimals_of, is_fiat, to_plain
from bot.screens.formats import chain_label, money, short_address, token_label
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, Talk
from handlers.dialogue.near import nearest

_SUGGESTED_TIMES_LEAST: Final = (2, 5, 10, 20)
_MOST_ADDRESSES: Final = 5
_DOLLARS: Final = "USD"


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
    """How much: money to spend, or crypto to receive. A bare number is money, as the question says."""

    name: ClassVar[str] = "amount"

    def ask(self, talk: Talk) -> Asked:
        currency = self._currency(talk)
        limit = talk.offered.limits.get(currency)
        steps = () if limit is None else tuple(limit.minimum * times for times in _SUGGESTED_TIMES_LEAST)
        suggested = tuple(
            amount_option(Money(step, currency), talk) for step in steps if limit is not None and step <= limit.maximum
        )
        example = to_plain(steps[1] if steps else Decimal(100))
        values = {"currency": currency, "example": example, "token": token_label(self._token(talk))}
        return Asked("ask.amount", values, suggested, columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_money(text, default_currency=self._currency(talk))
        if isinstance(found, AmountProblem):
            return self.explained(found, talk, text)
        return self.judge(found.amount, found.currency, talk)

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        amount = unpacked_amount(value)
        return self.judge(amount.amount, amount.currency, talk)

    def judge(self, number: Decimal, currency: str | None, talk: Talk) -> Answer | Problem:
        """Whether this many of `currency` can be bought or spent; None is a bare number, which is the customer's money.

        Where the country is not known yet, any fiat that is named is taken: the country's answer settles it.
        """
        own = None if talk.country is None else talk.country.currency
        named = currency or self._currency(talk)
        if named == _DOLLARS:
            return Problem("amount.dollars", {}, tuple(self._in_tokens(number, talk)))
        if not is_fiat(named) and named not in {token.code for token in tokens(talk.offered.pairs)}:
            return Problem("amount.not_sold", {"word": named})
        if is_fiat(named) and own not in (None, named):
            return Problem("amount.other_currency", {"word": named, "currency": own})
        if not _fits(number, named):
            decimals = AmountProblem(AmountFault.TOO_MANY_DECIMALS, decimals=decimals_of(named), currency=named)
            return self.explained(decimals, talk)
        problem = check(Money(number, named), talk.offered.limits)
        if problem is None:
            return Answer(packed_amount(Money(number, named)))
        explained = limit_problem(problem, talk)
        if currency is None:
            # "20" is too little money, but a usual amount of crypto: perhaps that was meant
            meant = tuple(self._in_tokens(number, talk))
            return Problem(explained.key, explained.values, (*meant[:1], *explained.options))
        return explained

    def holds(self, value: Any, talk: Talk) -> bool:
        currency = value["currency"]
        if not is_fiat(currency):
            return bool(talk.answers.get("token", currency) == currency)
        return talk.country is None or talk.country.currency == currency

    def shown(self, value: Any, talk: Talk) -> str:
        return money(unpacked_amount(value), talk.texts.language)

    def either(self, amount: Decimal, talk: Talk) -> Problem:
        """A number of which it is not known what it counts: money or crypto."""
        own = self._currency(talk)
        options = list(self._in_tokens(amount, talk))[:2]
        if _fits(amount, own):
            options.insert(0, amount_option(Money(amount, own), talk))
        return Problem("line.amount_of_what", {}, tuple(options))

    def explained(self, problem: AmountProblem, talk: Talk, text: str = "") -> Problem:
        """Why a typed number was not taken, with what may have been meant as buttons."""
        currency = problem.currency or self._currency(talk)
        options = [
            amount_option(Money(reading, currency), talk)
            for reading in problem.readings
            if currency != _DOLLARS and _fits(reading, currency)
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
            if meant and _fits(amount, token.code) and check(Money(amount, token.code), talk.offered.limits) is None:
                yield amount_option(Money(amount, token.code), talk)

    def _currency(self, talk: Talk) -> str:
        assert talk.country is not None
        return talk.country.currency

    def _token(self, talk: Talk) -> str:
        chosen = talk.answers.get("token")
        return chosen if isinstance(chosen, str) else tokens(talk.offered.pairs)[0].code


class TokenQuestion(Question):
    """Which token; known already when the amount counts one."""

    name: ClassVar[str] = "token"

    def settled(self, talk: Talk) -> Any | None:
        amount = talk.answers.get("amount")
        if amount is not None and not is_fiat(amount["currency"]):
            return amount["currency"]
        possible = self._possible(talk)
        return possible[0] if len(possible) == 1 else None

    def has_choice(self, talk: Talk) -> bool:
        return len(self._possible(talk)) > 1

    def ask(self, talk: Talk) -> Asked:
        options = tuple(Option(f"{TOKENS[code].label} ({TOKENS[code].name})", code) for code in self._possible(talk))
        return Asked("ask.token", {}, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        possible = self._possible(talk)
        code = read_token_word(text.strip())
        if code in possible:
            return Answer(code)
        near = nearest(text, TOKEN_WORDS)
        if near in possible and near is not None:
            return Problem(
                "token.near_miss", {"token": token_label(near)}, (Option(token_label(near), near, marked=True),)
            )
        return Problem("token.not_sold")

    def holds(self, value: Any, talk: Talk) -> bool:
        amount = talk.answers.get("amount")
        counts_another = amount is not None and not is_fiat(amount["currency"]) and amount["currency"] != value
        return not counts_another and any(token.code == value for token in tokens(talk.offered.pairs))

    def shown(self, value: Any, talk: Talk) -> str:
        return token_label(value)

    def _possible(self, talk: Talk) -> list[str]:
        chain = talk.answers.get("chain") if "token" not in talk.answers else None
        codes = [token.code for token in tokens(talk.offered.pairs)]
        return [code for code in codes if chain is None or is_offered(chain, code, talk.offered.pairs)]


class ChainQuestion(Question):
    """On which chain; only the pairs that are offered, and not asked where there is one."""

    name: ClassVar[str] = "chain"
    drops: ClassVar[frozenset[str]] = frozenset({"address"})

    def settled(self, talk: Talk) -> Any | None:
        possible = chains_for(talk.answers["token"], talk.offered.pairs)
        return possible[0].code if len(possible) == 1 else None

    def has_choice(self, talk: Talk) -> bool:
        return "token" not in talk.answers or len(chains_for(talk.answers["token"], talk.offered.pairs)) > 1

    def ask(self, talk: Talk) -> Asked:
        token = talk.answers["token"]
        options = tuple(Option(chain.label, chain.code) for chain in chains_for(token, talk.offered.pairs))
        return Asked("ask.chain", {"token": token_label(token)}, options, columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        token = talk.answers["token"]
        word = text.strip()
        code = read_chain_word(word) or read_chain_word(word.removesuffix(" chain").removesuffix(" network"))
        if code is not None and is_offered(code, token, talk.offered.pairs):
            return Answer(code)
        values = {"token": token_label(token), "chain": "" if code is None else chain_label(code)}
        if code is not None:
            return Problem("chain.not_offered", values)
        near = nearest(word, CHAIN_WORDS)
        if near is not None and is_offered(near, token, talk.offered.pairs):
            label = chain_label(near)
            return Problem("chain.near_miss", {"chain": label}, (Option(label, near, marked=True),))
        return Problem("chain.unknown", values)

    def holds(self, value: Any, talk: Talk) -> bool:
        token = talk.answers.get("token")
        return token is None or is_offered(value, token, talk.offered.pairs)

    def shown(self, value: Any, talk: Talk) -> str:
        return chain_label(value)


class AddressQuestion(Question):
    """Where the crypto goes: a wallet used before, or one that is pasted. The text of a refused one is never kept."""

    name: ClassVar[str] = "address"

    def settled(self, talk: Talk) -> Any | None:
        pasted = self._pasted(talk)
        return pasted.value if pasted is not None and pasted.checksum else None

    def ask(self, talk: Talk) -> Asked:
        chain = talk.answers["chain"]
        pasted = self._pasted(talk)
        known = [known.value for known in talk.saved if known.chain == chain]
        offered = dict.fromkeys([*([] if pasted is None else [pasted.value]), *known])
        options = tuple(Option(short_address(value), value) for value in offered)[:_MOST_ADDRESSES]
        values = {"token": token_label(talk.answers["token"]), "chain": chain_label(chain)}
        if chain == "STELLAR":
            return Asked("ask.address_stellar", values, options)
        return Asked("ask.address_again" if options else "ask.address", values, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = check_address(text, talk.answers["chain"])
        if isinstance(found, Address):
            if found.checksum:
                return Answer(found.value)
            ends = {"first": found.value[:6], "last": found.value[-6:]}
            label = talk.texts.plain("button.address_is_right")
            return Problem("address.compare", ends, (Option(label, found.value, marked=True),))
        return self._explained(found, talk)

    def holds(self, value: Any, talk: Talk) -> bool:
        chain = talk.answers.get("chain")
        return chain is not None and isinstance(check_address(value, chain), Address)

    def shown(self, value: Any, talk: Talk) -> str:
        return short_address(value)

    def _pasted(self, talk: Talk) -> Address | None:
        """The address that came with a line, before its chain was known."""
        text = talk.answers.get("pasted")
        found = None if text is None else check_address(text, talk.answers["chain"])
        return found if isinstance(found, Address) else None

    def _explained(self, problem: AddressProblem, talk: Talk) -> Problem:
        values = {"chain": chain_label(problem.chain), "token": token_label(talk.answers.get("token", "USDC"))}
        if problem.fault is AddressFault.WRONG_CHAIN and problem.found is not None:
            values["found"] = talk.texts.plain(f"address.family_{problem.found}")
        return Problem(problem.text_key, values)


def is_secret(text: str) -> bool:
    """Whether a message looks like a private key or a seed phrase, wherever in the chat it was sent."""
    found = check_address(text, "ETHEREUM")
    return isinstance(found, AddressProblem) and found.fault is AddressFault.SECRET


def _fits(amount: Decimal, currency: str) -> bool:
    exponent = Decimal(Money(amount, currency).to_plain()).as_tuple().exponent
    return -int(exponent) <= decimals_of(currency)
