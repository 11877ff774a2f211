"""The slots of a line: amount, token, chain, fiat and wallet address, in any order, each at most once.

What is not certain stays empty, so that the form asks; nothing is guessed, since a wrong token or chain is lost money.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from bot.payments.amounts import AmountFault, AmountProblem, ParsedAmount, read_money
from bot.payments.catalogue.chains import read_chain_word, read_token_word
from bot.payments.currency_words import currency_of
from bot.payments.line_words import (
    COIN_NAMES,
    COINS,
    FILLERS,
    ON_A_CHAIN,
    holds_a_token,
    is_address,
    is_amount,
    names_a_coin,
    suggestions_for,
)
from bot.payments.money import is_fiat


@dataclass(frozen=True, slots=True)
class UnclearWord:
    """A word that names nothing of ours, and what may have been meant (codes of tokens or chains, maybe none)."""

    word: str
    suggestions: tuple[str, ...] = ()


class LineFault(StrEnum):
    """Why a line as a whole cannot be taken."""

    AMOUNT = "amount"
    TWO_AMOUNTS = "two_amounts"
    TWO_TOKENS = "two_tokens"
    TWO_CHAINS = "two_chains"


@dataclass(frozen=True, slots=True)
class Slots:
    """What the words of a line say; None wherever they say nothing that is certain.

    `currency` belongs to `amount` (also to one that was refused): a token's code when the amount counts crypto, a fiat
    code when it counts money, None when the line gave a bare number, which may be either and must be asked. `fiat` is
    the fiat that was named, with or without an amount. `chain` and `token` are known codes, maybe not an offered pair;
    `address` is the text as typed, not checked yet.
    """

    token: str | None = None
    chain: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    fiat: str | None = None
    address: str | None = field(default=None, repr=False)
    unclear: tuple[UnclearWord, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotProblem:
    """What is wrong with the words, and the rest that can still be used. The contradicting slot of `slots` is empty."""

    fault: LineFault
    slots: Slots
    amount: AmountProblem | None = None


def read_slots(words: Sequence[str], default_currency: str | None) -> Slots | SlotProblem:
    """What these words say. `default_currency` is the customer's own, for words that several countries share."""
    reader = _SlotReader(words, default_currency)
    for place in range(len(words)):
        reader.take(place)
    return reader.result()


class _SlotReader:
    """Walks over the words after the verb, once, and notes what each is."""

    def __init__(self, words: Sequence[str], default_currency: str | None) -> None:
        self._words = words
        self._default = default_currency
        self._names_a_token = any(holds_a_token(word) for word in words)
        self._amount_places = [place for place, word in enumerate(words) if is_amount(word)]
        self._currency_places: dict[int, str] = {}
        for place in self._amount_places:
            self._bind(place)
        self._tokens: list[str] = []
        self._chains: list[str] = []
        self._fiats: list[str] = []
        self._addresses: list[str] = []
        self._unclear: list[UnclearWord] = []

    def take(self, place: int) -> None:
        """Note what the word at `place` is."""
        word = self._words[place]
        lowered = word.lower()
        if place in self._amount_places:
            # "20btc": a number may have brought its coin along
            self._unclear.extend(UnclearWord(coin) for coin in self._attached_currencies(place) if names_a_coin(coin))
            return
        if is_address(word):
            self._addresses.append(word)
        elif (token := read_token_word(word)) is not None:
            self._tokens.append(token)
        elif (chain := read_chain_word(word)) is not None:
            if self._is_a_coin(lowered) and not self._is_on_a_chain(place):
                self._unclear.append(UnclearWord(word))
            else:
                self._chains.append(chain)
        elif isinstance(currency := currency_of(word, self._default), str) and is_fiat(currency):
            self._fiats.append(currency)
        elif names_a_coin(word):
            self._unclear.append(UnclearWord(word))
        elif lowered not in FILLERS and place not in self._currency_places:
            self._unclear.append(UnclearWord(word, suggestions_for(lowered)))

    def result(self) -> Slots | SlotProblem:
        """The slots, or the first thing that is wrong with it."""
        amount, problem = (None, None) if self._asks_for_another_coin() else self._read_amount()
        currency = amount[1] if amount is not None else problem.currency if problem is not None else None
        tokens, fiats = list(self._tokens), list(self._fiats)
        if currency is not None:
            (fiats if is_fiat(currency) else tokens).append(currency)
        line = Slots(
            token=_only(tokens),
            chain=_only(self._chains),
            amount=amount[0] if amount is not None else None,
            currency=currency,
            fiat=_only(fiats),
            address=_only(self._addresses),
            unclear=tuple(self._unclear),
        )
        if len(self._amount_places) > 1:
            return SlotProblem(LineFault.TWO_AMOUNTS, line)
        if problem is not None:
            return SlotProblem(LineFault.AMOUNT, line, problem)
        if len(set(tokens)) > 1:
            return SlotProblem(LineFault.TWO_TOKENS, replace(line, amount=None, currency=None))
        if len(set(self._chains)) > 1:
            return SlotProblem(LineFault.TWO_CHAINS, line)
        return line

    def _read_amount(self) -> tuple[tuple[Decimal, str | None] | None, AmountProblem | None]:
        if len(self._amount_places) != 1:
            return None, None
        place = self._amount_places[0]
        beside = next((word for at, word in self._currency_places.items() if at != place), "")
        written = f"{self._words[place]} {beside}".strip()
        # a bare number may be fiat or crypto, so the customer's currency may explain a word but not allow decimals
        parsed = read_money(written, default_currency=None)
        own = read_money(written, default_currency=self._default)
        if isinstance(parsed, AmountProblem):
            if parsed.fault is AmountFault.UNCLEAR_CURRENCY and self._default in parsed.currencies:
                parsed = own
        elif isinstance(own, AmountProblem) and own.fault is AmountFault.AMBIGUOUS:
            parsed = own
        if isinstance(parsed, AmountProblem):
            return None, parsed
        return (parsed.amount, parsed.currency), None

    def _asks_for_another_coin(self) -> bool:
        """True when the number counts something that is not sold here ("0.1 eth"): it must not be taken for ours."""
        words = {word.word for word in self._unclear}
        after = {self._words[place + 1] for place in self._amount_places if place + 1 < len(self._words)}
        attached = any(
            names_a_coin(currency) for at in self._amount_places for currency in self._attached_currencies(at)
        )
        return attached or any(
            word in words and names_a_coin(word) for word in (*after, *self._currency_places.values())
        )

    def _attached_currencies(self, place: int) -> list[str]:
        found = read_money(self._words[place], default_currency=None)
        return [found.currency] if isinstance(found, ParsedAmount) and found.currency is not None else []

    def _bind(self, place: int) -> None:
        """Find the currency word beside a number: of two, the fiat one ("kes 1500 usdc", "usdc 1500 kes")."""
        if any(char.isalpha() or char in "$₵₦/" for char in re.sub(r"[km]$", "", self._words[place].lower())):
            return
        beside = [at for at in (place + 1, place - 1) if 0 <= at < len(self._words) and not is_amount(self._words[at])]
        known = [(at, currency_of(self._words[at], self._default)) for at in beside]
        candidates = [(at, currency) for at, currency in known if currency is not None]
        if not candidates:
            return
        fiat = [at for at, currency in candidates if not isinstance(currency, str) or is_fiat(currency)]
        chosen = fiat[0] if fiat else candidates[0][0]
        self._currency_places[chosen] = self._words[chosen]

    def _is_a_coin(self, word: str) -> bool:
        return word in COINS or (word in COIN_NAMES and not self._names_a_token)

    def _is_on_a_chain(self, place: int) -> bool:
        before = [word.lower() for word in self._words[max(0, place - 2) : place]]
        after = self._words[place + 1].lower() if place + 1 < len(self._words) else ""
        return bool(before and before[-1] in ON_A_CHAIN) or before[:1] == ["on"] or after in {"network", "chain"}


def _only(values: Sequence[str]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
