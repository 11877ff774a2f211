"""One line that asks for money: "request 1500 kes for lunch", "500-2000 for church x10", "split 3000 4 taxi".

The same words are read in a private chat, in a group and in inline mode. Nothing is guessed: of several numbers the one
with a currency is the amount, and where that does not decide, the line is asked again. What is left over is the title.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from bot.payments.amounts import AmountProblem, read_money
from bot.payments.currency_words import currency_of
from bot.payments.line_words import is_amount, words_of
from bot.payments.money import UnknownCurrencyError, is_fiat
from bot.payments.requests import LIFE, MOST_TITLE, MOST_USES, Pricing, RequestFault, Terms, share_of, terms_fault
from bot.payments.typed_text import plain_characters, reorders_text

_MAX_LINE: Final = 300
_LEAST_PACKAGES: Final = 2
_VERBS: Final = frozenset({"request", "/request", "omba", "/omba", "demander", "demande"})
_SPLIT_VERBS: Final = frozenset({"split", "/split", "gawa", "partager"})
_BEFORE_TITLE: Final = frozenset({"for", "kwa", "ya", "pour", "de", "as", "of"})
_UNLIMITED: Final = frozenset({"unlimited", "many", "everyone", "anyone", "wote", "tous", "each"})
_ONCE: Final = frozenset({"once", "single"})
_ANY: Final = frozenset({"any", "open", "chochote", "libre"})
_PEOPLE: Final = frozenset(
    ("times", "people", "persons", "friends", "payers", "watu", "fois", "personnes", "uses", "ways")
)
_UNITS: Final = {
    **dict.fromkeys(("hour", "hours", "heure", "heures", "saa"), timedelta(hours=1)),
    **dict.fromkeys(("day", "days", "siku", "jour", "jours"), timedelta(days=1)),
    **dict.fromkeys(("week", "weeks", "wiki", "semaine", "semaines"), timedelta(weeks=1)),
}
_TIMES = re.compile(r"(?:[x×*]([0-9]{1,5})|([0-9]{1,5})[x×])", re.IGNORECASE)
_RANGE = re.compile(r"([^-]*[0-9][^-]*)-([^-]*[0-9][^-]*)")
_BETWEEN_PACKAGES = re.compile(r"[;,]\s+|\s*\n\s*|\s+/\s+")
_WHOLE = re.compile(r"[0-9]{1,5}")


class RequestLineFault(StrEnum):
    """Why a line that asks for money cannot be taken."""

    NO_AMOUNT = "no_amount"
    TWO_AMOUNTS = "two_amounts"
    AMOUNT = "amount"
    NOT_FIAT = "not_fiat"
    NO_PEOPLE = "no_people"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class RequestLineProblem:
    """What is wrong with a line. `amount` for a number that was refused, `terms` for terms that cannot be."""

    fault: RequestLineFault
    amount: AmountProblem | None = None
    terms: RequestFault | None = None
    word: str = ""

    @property
    def text_key(self) -> str:
        """The key of the sentence that says so."""
        if self.amount is not None:
            return "amount.whole_only" if self.amount.decimals == 0 else self.amount.text_key
        return self.terms.text_key if self.terms is not None else f"request.line.{self.fault}"


def begins_request(text: str) -> bool:
    """Whether a message's first word asks to ask for money."""
    words = text.split(maxsplit=1)
    return bool(words) and words[0].casefold().split("@", 1)[0] in _VERBS | _SPLIT_VERBS


def read_request_line(
    text: str, *, currency: str, uses: int | None = 1, needs_amount: bool = True
) -> Terms | RequestLineProblem:
    """The terms in a line, with or without the verb in front. Never raises.

    `currency` is the maker's own: what is asked for is paid out to their phone. `uses` is how often it can be paid where
    the line does not say. A line without an amount is one for any amount unless it `needs_amount`.
    """
    if len(text) > _MAX_LINE or reorders_text(text):
        return RequestLineProblem(RequestLineFault.NO_AMOUNT)
    packages = _packages(text, currency)
    if packages is not None:
        return packages if isinstance(packages, RequestLineProblem) else _with_packages(packages, currency, uses)
    words = words_of(" ".join(text.split()))
    splits = bool(words) and words[0].casefold().split("@", 1)[0] in _SPLIT_VERBS
    if words and (splits or words[0].casefold().split("@", 1)[0] in _VERBS):
        words = words[1:]
    reader = _Reader(words, currency)
    return reader.shares() if splits else reader.terms(uses, needs_amount=needs_amount)


def _packages(text: str, currency: str) -> list[tuple[str, Decimal, str]] | RequestLineProblem | None:
    """Names with a price each, such as "adult 1000, child 400", and what stands behind each; None for any other line."""
    found: list[tuple[str, Decimal, str]] = []
    parts = [part for part in _BETWEEN_PACKAGES.split(text.strip()) if part.strip()]
    for part in parts:
        words = words_of(part)
        if not found and words and words[0].casefold().split("@", 1)[0] in _VERBS:
            words = words[1:]
        places = [place for place, word in enumerate(words) if is_amount(word)]
        alone = len(places) == 1 or (bool(places) and part is parts[-1])  # behind the last price more may be said
        if len(parts) < _LEAST_PACKAGES or not alone or places[0] == 0:
            return None
        if words[places[0] - 1].casefold() in _BEFORE_TITLE:  # "dinner for 2" is no price
            return None
        reader = _Reader(words[places[0] - 1 :], currency)
        named = words[: places[0]]
        if currency_of(named[-1], currency) is not None:  # "adult kes 1000"
            named = named[:-1]
        else:
            reader = _Reader(words[places[0] :], currency)
        amount = reader.first_price()
        if isinstance(amount, RequestLineProblem):
            return amount
        if not named or amount is None:
            return None
        found.append((" ".join(named)[:MOST_TITLE], amount, reader.rest()))
    return found or None


def _with_packages(
    packages: list[tuple[str, Decimal, str]], currency: str, uses: int | None
) -> Terms | RequestLineProblem:
    """The terms of a line with packages; what stands behind the last price says how often, until when and what for."""
    rest = _Reader(words_of(packages[-1][2]), currency)
    terms = rest.around(uses, Pricing.PACKAGES, packages=tuple((name, amount) for name, amount, _ in packages))
    fault = terms_fault(terms)
    return terms if fault is None else RequestLineProblem(RequestLineFault.TERMS, terms=fault)


class _Reader:
    """Walks over the words once and takes out what says how much, how often and until when."""

    def __init__(self, words: Sequence[str], currency: str) -> None:
        self._words = list(words)
        self._currency = currency
        self._taken: set[int] = set()

    def terms(self, uses: int | None, *, needs_amount: bool) -> Terms | RequestLineProblem:
        """A request."""
        life, most = self._life(), self._uses(uses)
        between = self._range()
        if isinstance(between, RequestLineProblem):
            return between
        if between is not None:
            pricing, amount = Pricing.RANGE, None
        else:
            found = self._amount()
            if isinstance(found, RequestLineProblem):
                return found
            if found is None and needs_amount and not self._says(_ANY):
                return RequestLineProblem(RequestLineFault.NO_AMOUNT)
            pricing, amount = (Pricing.OPEN, None) if found is None else (Pricing.FIXED, found)
        lowest, highest = between or (None, None)
        terms = Terms(
            currency=self._currency,
            pricing=pricing,
            amount=amount,
            minimum=lowest,
            maximum=highest,
            most_uses=most,
            title=self._title(),
            life=life,
        )
        fault = terms_fault(terms)
        return terms if fault is None else RequestLineProblem(RequestLineFault.TERMS, terms=fault)

    def first_price(self) -> Decimal | RequestLineProblem | None:
        """The first number, with its currency."""
        place = next((place for place, word in enumerate(self._words) if is_amount(word)), None)
        return None if place is None else self._priced(place)

    def rest(self) -> str:
        """What was not taken."""
        return " ".join(word for place, word in enumerate(self._words) if place not in self._taken)

    def around(self, uses: int | None, pricing: Pricing, **amounts: Any) -> Terms:
        """Terms whose amounts are known: how often, until when and what for."""
        life, most = self._life(), self._uses(uses)
        return Terms(
            currency=self._currency, pricing=pricing, most_uses=most, title=self._title(), life=life, **amounts
        )

    def shares(self) -> Terms | RequestLineProblem:
        """A sum to be split: "3000 4 taxi", "3000 between 4"."""
        life = self._life()
        people = self._uses(None)
        numbers = [place for place, word in enumerate(self._words) if place not in self._taken and is_amount(word)]
        if people is None and len(numbers) > 1 and _WHOLE.fullmatch(self._words[numbers[-1]]):
            people = int(self._words[numbers[-1]])
            self._taken.add(numbers[-1])
        if people is None or not 1 <= people <= MOST_USES:
            return RequestLineProblem(RequestLineFault.NO_PEOPLE)
        total = self._amount()
        if isinstance(total, RequestLineProblem):
            return total
        if total is None:
            return RequestLineProblem(RequestLineFault.NO_AMOUNT)
        for place, word in enumerate(self._words):
            if word.casefold() in {"between", "by", "among", "kati", "entre", "into", "with"}:
                self._taken.add(place)
        terms = Terms(
            currency=self._currency,
            pricing=Pricing.FIXED,
            amount=share_of(total, people, self._currency),
            most_uses=people,
            title=self._title(),
            life=life,
        )
        fault = terms_fault(terms)
        return terms if fault is None else RequestLineProblem(RequestLineFault.TERMS, terms=fault)

    def _life(self) -> timedelta | None:
        for place, (number, unit) in enumerate(zip(self._words, self._words[1:], strict=False)):
            step = _UNITS.get(unit.casefold())
            if step is not None and _WHOLE.fullmatch(number):
                self._take(place, 2, before={"for", "in", "within", "valid", "expires"})
                return int(number) * step
        return LIFE

    def _uses(self, default: int | None) -> int | None:
        for place, word in enumerate(self._words):
            lowered = word.casefold()
            after = self._words[place + 1].casefold() if place + 1 < len(self._words) else ""
            found = _TIMES.fullmatch(lowered)
            if found is not None and place not in self._taken:
                self._taken.add(place)
                return int(found[1] or found[2])
            if _WHOLE.fullmatch(word) and after in _PEOPLE and place not in self._taken:
                self._take(place, 2, before={"for", "from", "by", "to"})
                return int(word)
            if lowered in _UNLIMITED:
                self._taken.add(place)
                return None
            if lowered in _ONCE:
                self._taken.add(place)
                return 1
        return default

    def _range(self) -> tuple[Decimal, Decimal] | RequestLineProblem | None:
        for place, word in enumerate(self._words):
            found = _RANGE.fullmatch(word)
            if found is None or place in self._taken:
                continue
            if not (is_amount(found[1]) and is_amount(found[2])):
                continue
            self._taken.add(place)
            beside = self._currency_beside(place)
            low, high = self._money(f"{found[1]} {beside}"), self._money(f"{found[2]} {beside}")
            if isinstance(low, RequestLineProblem):
                return low
            return high if isinstance(high, RequestLineProblem) else (low, high)
        return None

    def _amount(self) -> Decimal | RequestLineProblem | None:
        places = [place for place, word in enumerate(self._words) if place not in self._taken and is_amount(word)]
        if not places:
            return None
        with_currency = [place for place in places if self._has_currency(place)]
        chosen = with_currency if len(with_currency) == 1 else places
        if len(chosen) > 1:
            return RequestLineProblem(RequestLineFault.TWO_AMOUNTS)
        return self._priced(chosen[0])

    def _priced(self, place: int) -> Decimal | RequestLineProblem:
        self._taken.add(place)
        beside = "" if self._brings_currency(place) else self._currency_beside(place)
        return self._money(f"{self._words[place]} {beside}".strip())

    def _money(self, written: str) -> Decimal | RequestLineProblem:
        found = read_money(written, default_currency=self._currency)
        if isinstance(found, AmountProblem):
            return RequestLineProblem(RequestLineFault.AMOUNT, amount=found, word=found.word or "")
        named = found.currency or self._currency
        try:
            fiat = is_fiat(named)
        except UnknownCurrencyError:
            fiat = False
        if not fiat or named != self._currency:
            return RequestLineProblem(RequestLineFault.NOT_FIAT, word=named)
        return found.amount

    def _has_currency(self, place: int) -> bool:
        return self._brings_currency(place) or any(self._names_currency(at) for at in (place + 1, place - 1))

    def _brings_currency(self, place: int) -> bool:
        found = read_money(self._words[place], default_currency=None)
        return not isinstance(found, AmountProblem) and found.currency is not None

    def _names_currency(self, place: int) -> bool:
        if not 0 <= place < len(self._words) or place in self._taken:
            return False
        return currency_of(self._words[place], self._currency) is not None

    def _currency_beside(self, place: int) -> str:
        for at in (place + 1, place - 1):
            if self._names_currency(at):
                self._taken.add(at)
                return self._words[at]
        return ""

    def _says(self, words: frozenset[str]) -> bool:
        for place, word in enumerate(self._words):
            if word.casefold() in words:
                self._taken.add(place)
                if place + 1 < len(self._words) and self._words[place + 1].casefold() in {"amount", "kiasi", "montant"}:
                    self._taken.add(place + 1)
                return True
        return False

    def _take(self, place: int, count: int, *, before: set[str]) -> None:
        self._taken.update(range(place, place + count))
        if place > 0 and self._words[place - 1].casefold() in before:
            self._taken.add(place - 1)

    def _title(self) -> str:
        left = [word for place, word in enumerate(self._words) if place not in self._taken]
        while left and left[0].casefold() in _BEFORE_TITLE:
            left = left[1:]
        return plain_characters(" ".join(left))[:MOST_TITLE].rstrip()
