"""One row: where its money goes and how much it is, or everything that is wrong with it.

What a row does not say is taken from what it does say where that is certain: the country from the number or the currency,
the network from the number's range.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from bot.payments.accounts import (
    AccountProblem,
    Bank,
    read_bank_account,
    read_business_name,
    read_paybill_account,
    read_short_code,
)
from bot.payments.bulk.cells import (
    CellProblem,
    Marks,
    RowFault,
    marks_of,
    networks_of,
    phone_fault,
    problem,
    read_amount_cell,
    read_cell,
    read_country,
    read_currency,
    read_network,
    read_note,
    shown,
    split_amount,
)
from bot.payments.bulk.columns import DESTINATIONS, OURS, Column, squeezed
from bot.payments.bulk.table import Record, Table
from bot.payments.catalogue.countries import Country
from bot.payments.limits import DEFAULT_LIMITS, Limit, LimitFault, check
from bot.payments.money import Money
from bot.payments.names import LEAST_LETTERS, LONGEST_NAME, NameProblem, read_name
from bot.payments.parties import Destination, Way
from bot.payments.phones import Phone, PhoneProblem, network_of, read_phone

_WAYS: Final[Mapping[Column, Way]] = MappingProxyType({column: Way(str(column)) for column in DESTINATIONS})
_BUSINESSES: Final = frozenset({Column.TILL, Column.PAYBILL})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Served:
    """What can be paid now: countries with their ways and networks, the banks of each, and the limits of one payment."""

    countries: tuple[Country, ...]
    banks: Mapping[str, tuple[Bank, ...]] = field(default_factory=lambda: MappingProxyType({}))
    limits: Mapping[str, Limit] = field(default_factory=lambda: DEFAULT_LIMITS)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be paid. `line` is where it stands in the file."""

    line: int
    destination: Destination
    amount: Money
    note: str

    @property
    def sameness(self) -> tuple[str, Money, str]:
        """Equal for two rows of which one is probably a slip."""
        return self.destination.identity, self.amount, self.note.casefold()


class RowReader:
    """Reads one row, collecting what is wrong with it."""

    def __init__(self, table: Table, record: Record, served: Served) -> None:
        self._served = served
        self._line = record.line
        self._faults: list[CellProblem] = []
        self._cells: dict[Column, str] = {}
        self._broken: set[Column] = set()
        self._currency: str | None = None
        self.marks: Marks | None = None
        self._split = self._amount_split(table, record)
        self._shifted = any(cell.strip() for cell in record.cells[len(table.columns) :])
        for column, cell in zip(table.columns, record.cells, strict=False):
            if column is None or column in OURS:
                continue
            text = read_cell(column, cell)
            if isinstance(text, CellProblem):
                self._faults.append(text)
                self._broken.add(column)
            elif text:
                self._cells[column] = text

    @property
    def label(self) -> str:
        """Whom the row is about, as far as it says."""
        return shown(next((self._cells[one] for one in (Column.NAME, *DESTINATIONS) if one in self._cells), ""))

    def read(self) -> Row | list[CellProblem]:
        """The payment, or every reason why there is none."""
        if self._shifted:
            return [problem(RowFault.MORE_CELLS)]  # nothing stands in its own column then
        if self._split is not None:
            self._faults.append(self._split)
        column = self._destination()
        country = self._country()
        amount = self._amount(country)
        note = self._take(read_note(self._cells.get(Column.NOTE, "")))
        name = self._name(column)
        destination = None
        if column is not None and country is None and column not in self._broken:
            country = self._country_of(column)
        if column is not None and country is not None and column not in self._broken:
            destination = self._place(column, country, name or "")
        if destination is not None and amount is not None and amount.currency != destination.currency:
            names = {"country": destination.country, "currency": destination.currency}
            self._faults.append(problem(RowFault.CURRENCY_OF_COUNTRY, cell=amount.currency, **names))
        if self._faults or destination is None or amount is None or note is None or name is None:
            return self._faults
        return Row(self._line, destination, amount, note)

    def _amount_split(self, table: Table, record: Record) -> CellProblem | None:
        place = table.columns.index(Column.AMOUNT)
        beside = table.columns[place + 1 : place + 2]
        if table.separator != "," or beside not in ((Column.NOTE,), (None,)):
            return None
        cells = record.cells[place : place + 2]
        return split_amount(*cells) if cells else None

    def _take(self, found: T | CellProblem) -> T | None:
        if isinstance(found, CellProblem):
            self._faults.append(found)
            return None
        return found

    def _destination(self) -> Column | None:
        """In which one of the columns the row says where its money goes; a bank's row has a phone as well."""
        named = [one for one in DESTINATIONS if one in self._cells or one in self._broken]
        if Column.BANK in named and Column.PHONE in named:
            named.remove(Column.PHONE)
        if not named:
            self._faults.append(problem(RowFault.NO_DESTINATION))
        elif len(named) > 1:
            self._faults.append(problem(RowFault.TWO_DESTINATIONS, columns=", ".join(named)))
        return named[0] if len(named) == 1 else None

    def _name(self, column: Column | None) -> str | None:
        cell = self._cells.get(Column.NAME)
        if cell is None:
            if Column.NAME not in self._broken:
                self._faults.append(problem(RowFault.NAME_MISSING))
            return None
        is_business = column in _BUSINESSES or (column is None and not _BUSINESSES.isdisjoint(self._cells))
        found = read_business_name(cell) if is_business else read_name(cell)
        match found:
            case NameProblem():
                bounds = {"least": str(LEAST_LETTERS), "most": str(LONGEST_NAME)}
                self._faults.append(problem(RowFault.NAME, cell=cell, **bounds))
            case AccountProblem():
                bounds = {"least": str(found.least), "most": str(found.most)}
                self._faults.append(problem(RowFault.NAME_BUSINESS, cell=cell, **bounds))
            case name:
                return name
        return None

    def _amount(self, country: Country | None) -> Money | None:
        if {Column.AMOUNT, Column.CURRENCY} & self._broken:
            return None
        cell, written = self._cells.get(Column.AMOUNT, ""), self._cells.get(Column.CURRENCY)
        currency = None if written is None else self._take(read_currency(written, country))
        if written is not None and currency is None:
            return None
        self._currency = currency
        amount = self._take(read_amount_cell(cell, currency))
        if amount is None:
            return None
        self._currency = amount.currency
        self.marks = marks_of(cell)
        outside = check(amount, self._served.limits)
        if (
            outside is not None and outside.fault is LimitFault.TOO_LARGE
        ):  # the least is for what customers pay a fee on
            self._faults.append(problem(RowFault.TOO_MUCH, cell=cell, bound=str(outside.bound)))
        return amount

    def _country(self) -> Country | None:
        """The country that the row names itself."""
        cell = self._cells.get(Column.COUNTRY)
        return None if cell is None else self._take(read_country(cell, self._served.countries))

    def _country_of(self, column: Column) -> Country | None:
        """The country where none is named: the one of the number, else the only one with this currency."""
        if Column.COUNTRY in self._cells or Column.COUNTRY in self._broken:
            return None  # it was refused, and why has been said
        phone = self._cells.get(Column.PHONE)
        if phone is not None and phone.startswith(("+", "00")):
            read = read_phone(phone, country=None)
            known = self._served_country(read.country) if isinstance(read, Phone) else None
            if known is None:
                self._faults.append(phone_fault(phone, read))
            return known
        if self._currency is None:
            return None
        using = [one for one in self._served.countries if one.currency == self._currency]
        using = [one for one in using if _WAYS[column] in one.payouts] or using
        if not using:
            self._faults.append(problem(RowFault.CURRENCY, cell=self._currency))
        elif len(using) > 1:
            self._faults.append(problem(RowFault.COUNTRY_MISSING, countries=", ".join(one.iso2 for one in using)))
        return using[0] if len(using) == 1 else None

    def _served_country(self, iso2: str) -> Country | None:
        return next((one for one in self._served.countries if one.iso2 == iso2), None)

    def _place(self, column: Column, country: Country, name: str) -> Destination | None:
        way = _WAYS[column]
        if way not in country.payouts:
            self._faults.append(problem(RowFault.NOT_SERVED, way=str(column), country=country.iso2))
            return None
        match way:
            case Way.PHONE:
                return self._phone_place(country, name)
            case Way.TILL:
                number = self._number(column, RowFault.TILL)
                return None if number is None else Destination(way, country.iso2, country.currency, name, number=number)
            case Way.PAYBILL:
                return self._paybill_place(country, name)
            case Way.BANK:
                return self._bank_place(country, name)

    def _phone_place(self, country: Country, name: str) -> Destination | None:
        phone = self._phone(country, RowFault.PHONE)
        if phone is None:
            return None
        cell = self._cells.get(Column.NETWORK)
        if cell is not None:
            network = self._take(read_network(cell, country))
        else:
            guessed = network_of(phone)
            network = guessed if guessed in country.networks else None
            if network is None and Column.NETWORK not in self._broken:
                self._faults.append(problem(RowFault.NETWORK_MISSING, networks=networks_of(country)))
        if network is None:
            return None
        return Destination(Way.PHONE, country.iso2, country.currency, name, phone=phone.e164, network=network)

    def _phone(self, country: Country, missing: RowFault) -> Phone | None:
        cell = self._cells.get(Column.PHONE)
        if cell is None:
            if Column.PHONE not in self._broken:
                self._faults.append(problem(missing, cell="–"))
            return None
        found = read_phone(cell, country=country.iso2)
        if isinstance(found, PhoneProblem):
            self._faults.append(phone_fault(cell, found, country))
            return None
        return found

    def _number(self, column: Column, fault: RowFault) -> str | None:
        cell = self._cells.get(column, "")
        found = read_short_code(cell)
        if isinstance(found, AccountProblem):
            self._faults.append(problem(fault, cell=cell))
            return None
        return found

    def _paybill_place(self, country: Country, name: str) -> Destination | None:
        number = self._number(Column.PAYBILL, RowFault.PAYBILL)
        cell = self._cells.get(Column.ACCOUNT, "")
        account = read_paybill_account(cell)
        if isinstance(account, AccountProblem):
            if Column.ACCOUNT not in self._broken:
                self._faults.append(problem(RowFault.PAYBILL_ACCOUNT, cell=cell or "–"))
            return None
        if number is None:
            return None
        return Destination(Way.PAYBILL, country.iso2, country.currency, name, number=number, account=account)

    def _bank_place(self, country: Country, name: str) -> Destination | None:
        cell = self._cells[Column.BANK]
        wanted = squeezed(cell)
        banks = [
            one for one in self._served.banks.get(country.iso2, ()) if wanted in (one.code.lower(), squeezed(one.name))
        ]
        if len(banks) != 1:
            self._faults.append(problem(RowFault.BANK, cell=cell))
        phone = self._phone(country, RowFault.BANK_PHONE)
        text = self._cells.get(Column.ACCOUNT, "")
        account = read_bank_account(text, country.iso2)
        if isinstance(account, AccountProblem):
            if Column.ACCOUNT not in self._broken:
                names = {"least": str(account.least), "most": str(account.most)}
                self._faults.append(problem(RowFault.BANK_ACCOUNT, cell=text or "–", **names))
            return None
        if phone is None or len(banks) != 1:
            return None
        return Destination(
            Way.BANK,
            country.iso2,
            country.currency,
            name,
            phone=phone.e164,
            bank_code=banks[0].code,
            bank_name=banks[0].name,
            account=account,
        )
