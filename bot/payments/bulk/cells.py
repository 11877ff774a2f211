"""What single cells say: text that is no formula, an amount with one meaning, a currency, a country, a network.

An amount is read as everywhere else, and more strictly: a file is written by a program or copied from one, so that "2k" is
a slip, and two notations in one file, of two hands or programs, mean that one of them may be wrong. Digits of another
script are the same digits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.payments.amounts import AmountFault, AmountProblem, read_money
from bot.payments.bulk.columns import Column, squeezed
from bot.payments.catalogue.countries import Country
from bot.payments.catalogue.networks import network_label
from bot.payments.currency_words import UnclearCurrency, currency_of
from bot.payments.money import Money, UnknownCurrencyError, is_fiat, to_plain
from bot.payments.phones import Phone, PhoneFault, PhoneProblem
from bot.payments.typed_text import plain_characters, reorders_text

LONGEST_CELL: Final = 200
LONGEST_NOTE: Final = 100
_LONGEST_SHOWN: Final = 40
_NUMERIC = re.compile(r"[+-]\s?[0-9][0-9 .,()/'-]*")
_SHORTENED = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]{1,2}")
_POWER = re.compile(
    r"(?P<digits>[0-9](?:\.[0-9]{1,9})?)[eE](?P<zeros>[0-9]{1,2})"
)  # as people write it: a sheet sets a +
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_GAP = re.compile(r"(?<=[0-9])[ '](?=[0-9])")
_THOUSAND_OR_MILLION = re.compile(r"[0-9]\s?[kKmM](?![^\W\d_])")


class RowFault(StrEnum):
    """Why a row cannot be paid as it stands."""

    FORMULA = "formula"
    LINE_BREAK = "line_break"
    CELL_TOO_LONG = "cell_too_long"
    MORE_CELLS = "more_cells"
    NO_DESTINATION = "no_destination"
    TWO_DESTINATIONS = "two_destinations"
    NAME_MISSING = "name_missing"
    NAME = "name"
    NAME_BUSINESS = "name_business"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT = "amount"
    AMOUNT_SHORT = "amount_short"
    AMOUNT_SHORT_AS = "amount_short_as"
    AMOUNT_AMBIGUOUS = "amount_ambiguous"
    AMOUNT_SIGN = "amount_sign"
    AMOUNT_DECIMALS = "amount_decimals"
    AMOUNT_WHOLE = "amount_whole"
    AMOUNT_NOTATION = "amount_notation"
    AMOUNT_MIXED = "amount_mixed"
    AMOUNT_SPLIT = "amount_split"
    CURRENCY_MISSING = "currency_missing"
    CURRENCY = "currency"
    CURRENCY_DIFFERS = "currency_differs"
    CURRENCY_OF_COUNTRY = "currency_of_country"
    TOO_MUCH = "too_much"
    COUNTRY = "country"
    COUNTRY_MISSING = "country_missing"
    NOT_SERVED = "not_served"
    PHONE = "phone"
    PHONE_OF = "phone_of"
    PHONE_SHORTENED = "phone_shortened"
    PHONE_LENGTH = "phone_length"
    PHONE_NOT_MOBILE = "phone_not_mobile"
    PHONE_COUNTRY = "phone_country"
    NETWORK = "network"
    NETWORK_MISSING = "network_missing"
    TILL = "till"
    PAYBILL = "paybill"
    PAYBILL_ACCOUNT = "paybill_account"
    BANK = "bank"
    BANK_ACCOUNT = "bank_account"
    BANK_PHONE = "bank_phone"
    NOTE = "note"
    SAME_ROW = "same_row"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One reason why a row was refused. `names` are the values that its sentence needs, as they stand in the file."""

    fault: RowFault
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def problem(fault: RowFault, **names: str) -> CellProblem:
    """A reason; what it names is cut to what a message can show."""
    return CellProblem(fault, MappingProxyType({name: shown(value) for name, value in names.items()}))


def shown(text: str) -> str:
    """A cell as it is quoted in a reason: on one line, and not longer than a line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST_SHOWN else f"{flat[: _LONGEST_SHOWN - 1]}…"


def read_cell(column: Column, cell: str) -> str | CellProblem:
    """The text of a cell, with single spaces at most; a formula is refused, and so is what no cell here can hold.

    The apostrophe with which a spreadsheet, or we, mark text that looks like a formula is taken off.
    """
    if len(cell) > LONGEST_CELL:
        return problem(RowFault.CELL_TOO_LONG, column=column)
    if "\n" in cell.strip():
        return problem(RowFault.LINE_BREAK, column=column)
    text = " ".join(cell.split())
    plain = plain_characters(text)
    if plain.startswith("'") and plain[1:2] in ("=", "+", "-", "@"):
        text, plain = text[1:].lstrip(), plain[1:].lstrip()
    if plain.startswith(("=", "@")) or (plain.startswith(("+", "-")) and not _NUMERIC.fullmatch(plain)):
        return problem(RowFault.FORMULA, column=column, cell=text)
    return text


def read_amount_cell(cell: str, written: str | None) -> Money | CellProblem:
    """The money that an amount's cell says; `written` is the currency of its row's own column, where it has one.

    A currency may stand beside the number instead; where both stand they must be the same.
    """
    if not cell:
        return problem(RowFault.AMOUNT_MISSING)
    plain = plain_characters(cell)
    if _THOUSAND_OR_MILLION.search(plain) or _SHORTENED.fullmatch(plain):
        return _shortened(cell, written)
    found = read_money(cell, default_currency=written)
    if isinstance(found, AmountProblem):
        return _amount_problem(cell, found)
    currency = found.currency or written
    if currency is None:
        return problem(RowFault.CURRENCY_MISSING)
    if written is not None and currency != written:
        return problem(RowFault.CURRENCY_DIFFERS, cell=cell, currency=written)
    return Money(found.amount, currency) if _is_money(currency) else problem(RowFault.CURRENCY, cell=currency)


def read_currency(cell: str, country: Country | None) -> str | CellProblem:
    """The currency that a cell names, by its code or by a word; a word of several countries is that of `country`."""
    found = currency_of(plain_characters(cell), None if country is None else country.currency)
    if found is None or isinstance(found, UnclearCurrency) or not _is_money(found):
        return problem(RowFault.CURRENCY, cell=cell)
    return found


def read_country(cell: str, served: Sequence[Country]) -> Country | CellProblem:
    """The country that a cell names, by a code or its name."""
    wanted = squeezed(cell)
    found = next((one for one in served if wanted in (one.iso2.lower(), one.iso3.lower(), squeezed(one.name))), None)
    return found or problem(RowFault.COUNTRY, cell=cell)


def read_network(cell: str, country: Country) -> str | CellProblem:
    """The provider's code of the network that a cell names, by that code or as people call it there."""
    wanted = squeezed(cell)
    fitting = [code for code in country.networks if wanted and wanted in _names_of(country.iso2, code)]
    return fitting[0] if len(fitting) == 1 else problem(RowFault.NETWORK, cell=cell, networks=networks_of(country))


def networks_of(country: Country) -> str:
    """The networks of a country, to be chosen from."""
    return ", ".join(country.networks)


def read_note(cell: str) -> str | CellProblem:
    """What a payment is for: any text on one line."""
    if reorders_text(cell) or not cell.isprintable():
        return problem(RowFault.NOTE, column=Column.NOTE)
    if len(cell) > LONGEST_NOTE:
        return problem(RowFault.CELL_TOO_LONG, column=Column.NOTE)
    return cell


def split_amount(amount: str, beside: str = "") -> CellProblem | None:
    """A comma inside an amount that was taken for the end of its cell: `25,000` reads as 25, with 000 beside it."""
    if not _THOUSANDS.fullmatch(f"{amount.strip()},{beside.strip()}"):
        return None
    return problem(RowFault.AMOUNT_SPLIT, cell=amount, other=beside)


@dataclass(frozen=True, slots=True)
class Marks:
    """How an amount's cell uses points, commas, spaces and apostrophes: the sign of its decimals, and of its thousands."""

    decimal: str | None = None
    thousands: str | None = None
    cell: str = ""


def marks_of(cell: str) -> Marks:
    """What the signs between the digits of an amount that could be read must mean there."""
    plain = plain_characters(cell)
    body = re.sub(r"[^0-9.,]", "", plain).strip(".,")
    signs = [char for char in body if char in ".,"]
    gap = _GAP.search(plain)
    thousands = None if gap is None else gap[0]
    if not signs:
        return Marks(None, thousands, cell)
    if len(set(signs)) == 2:
        return Marks(signs[-1], signs[0], cell)
    grouped = gap is None and re.fullmatch(r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+", body) is not None
    return Marks(None, signs[0], cell) if grouped else Marks(signs[0], thousands, cell)


def _shortened(cell: str, written: str | None) -> CellProblem:
    """An amount in short, as "2k" or "1e3": with its one meaning in digits, where it has just one that can be paid.

    What a spreadsheet shortened ("1.5E+05") may have lost digits, so there no figure is suggested.
    """
    power = _POWER.fullmatch(plain_characters(cell))
    if power is not None:
        whole = Decimal(power["digits"]).scaleb(int(power["zeros"]))
        found = read_money(to_plain(whole), default_currency=written)
    else:
        found = read_money(cell, default_currency=written)
    if isinstance(found, AmountProblem):
        return problem(RowFault.AMOUNT_SHORT, cell=cell)
    beside = f"{found.currency} " if found.currency is not None and written is None else ""
    return problem(RowFault.AMOUNT_SHORT_AS, cell=cell, accepted=f"{beside}{to_plain(found.amount)}")


def _amount_problem(cell: str, found: AmountProblem) -> CellProblem:
    match found.fault:
        case AmountFault.AMBIGUOUS:
            more, less = (to_plain(value) for value in found.meanings)
            accepted = " / ".join(to_plain(value) for value in found.readings)
            mark = max(".,", key=plain_characters(cell).rfind)
            return problem(RowFault.AMOUNT_AMBIGUOUS, cell=cell, more=more, less=less, mark=mark, accepted=accepted)
        case AmountFault.NEGATIVE | AmountFault.ZERO:
            return problem(RowFault.AMOUNT_SIGN, cell=cell)
        case AmountFault.TOO_MANY_DECIMALS:
            if not found.decimals:
                return problem(RowFault.AMOUNT_WHOLE, cell=cell)
            return problem(RowFault.AMOUNT_DECIMALS, cell=cell, count=str(found.decimals))
        case AmountFault.UNKNOWN_CURRENCY | AmountFault.UNCLEAR_CURRENCY:
            return problem(RowFault.CURRENCY, cell=cell)
        case AmountFault.TOO_LONG:
            return problem(RowFault.CELL_TOO_LONG, column=Column.AMOUNT)
        case AmountFault.NOT_A_NUMBER:
            return problem(RowFault.AMOUNT, cell=cell)


def phone_fault(cell: str, found: Phone | PhoneProblem, country: Country | None = None) -> CellProblem:
    """Why a number was refused, in `country` where that is known; a `Phone` is a right one that cannot be paid."""
    if _SHORTENED.fullmatch(plain_characters(cell).replace(" ", "")):  # a spreadsheet lost digits of it
        return problem(RowFault.PHONE_SHORTENED, cell=cell)
    if isinstance(found, Phone):
        return problem(RowFault.NOT_SERVED, way=Column.PHONE, country=found.country)
    match found.fault:
        case PhoneFault.TOO_SHORT | PhoneFault.TOO_LONG:
            return problem(RowFault.PHONE_LENGTH, cell=cell)
        case PhoneFault.NOT_MOBILE:
            return problem(RowFault.PHONE_NOT_MOBILE, cell=cell)
        case PhoneFault.WRONG_COUNTRY if country is not None:
            return problem(RowFault.PHONE_COUNTRY, cell=cell, theirs=found.country or "–", country=country.iso2)
        case _ if country is not None:
            return problem(RowFault.PHONE_OF, cell=cell, country=country.iso2)
        case _:
            return problem(RowFault.PHONE, cell=cell)


def _is_money(currency: str) -> bool:
    try:
        return is_fiat(currency)
    except UnknownCurrencyError:
        return False


def _names_of(country: str, code: str) -> set[str]:
    label = network_label(country, code)
    brand, _, company = label.partition("(")
    first = brand.split()[0] if brand.split() else brand
    return {squeezed(one) for one in (code, label, brand, first, company.removesuffix(")").removeprefix("ex "))}
