"""What operators write to have the house pay or collect: "500 KES to 0712 345 678 Jane Doe for rent". Pure.

It is read as customers' lines are, and more strictly: amount with its currency, number, name and reason must all be there,
and a word that fits nowhere is a reason to ask again. Nothing is guessed but the network of a number, which can be chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from bot.payments.accounts import read_business_name, read_paybill_account, read_short_code
from bot.payments.amounts import AmountFault, AmountProblem
from bot.payments.catalogue.countries import Country
from bot.payments.line_parties import NOTES, TO, Cut, Party, cut_at_number, cut_note, cut_party
from bot.payments.line_slots import SlotProblem, read_slots
from bot.payments.line_words import is_amount, words_of
from bot.payments.money import Money, is_fiat, to_plain
from bot.payments.names import read_name
from bot.payments.parties import Destination, Payer, Way
from bot.payments.phones import Phone, network_of, read_phone
from bot.payments.typed_text import reorders_text
from bot.payments.wrong_words import Why, WrongWord

FROM: Final = frozenset({"from", "kutoka", "de"})
MOST_NOTE: Final = 200
_MOST_LINE: Final = 400


class HouseFault(StrEnum):
    """Why a line that says everything cannot be taken; of others it is told which word is wrong (`WrongWord`)."""

    AMOUNT = "amount"
    AMOUNT_WHOLE = "amount_whole"  # the currency has no decimals
    AMOUNT_DECIMALS = "amount_decimals"  # more of them than it has
    AMOUNT_AMBIGUOUS = "amount_ambiguous"
    AMOUNT_SIGN = "amount_sign"  # nothing, or less
    PHONE = "phone"
    NUMBER = "number"  # of a till or a paybill
    NAME = "name"
    NOT_SERVED = "not_served"
    COUNTRY = "country"  # several use the currency, and the number does not say which one it is of


@dataclass(frozen=True, slots=True)
class HouseLine:
    """A line that says everything; nothing of `party` is checked yet."""

    amount: Money
    party: Party
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Payee:
    """Whom the house pays, checked. `networks` are those that can be chosen for a phone, the likeliest first."""

    to: Destination
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Debtor:
    """Whom the house collects from, checked; otherwise as `Payee`."""

    payer: Payer
    networks: tuple[str, ...] = ()


def read_payout_line(text: str) -> HouseLine | HouseFault | WrongWord:
    """What stands behind the command that pays somebody. Never raises."""
    return _read(text, TO, "to")


def read_collection_line(text: str) -> HouseLine | HouseFault | WrongWord:
    """What stands behind the command that collects from somebody. Never raises."""
    line = _read(text, FROM, "from")
    if isinstance(line, HouseLine) and line.party.way is not Way.PHONE:
        return WrongWord(Why.NO_PHONE, str(line.party.way))
    return line


def payee_of(line: HouseLine, countries: Sequence[Country]) -> Payee | HouseFault:
    """Whom a line pays. `countries` are where money can be paid out now, with their networks and ways."""
    currency, party = line.amount.currency, line.party
    places = [one for one in countries if one.currency == currency]
    if party.way is Way.PHONE:
        found = _phone(party, places, Way.PHONE)
        if isinstance(found, HouseFault):
            return found
        phone, name, networks = found
        to = Destination(Way.PHONE, phone.country, currency, name, phone=phone.e164, network=networks[0])
        return Payee(to, networks)
    country = next((one for one in places if party.way in one.payouts), None)
    if country is None or party.way is None:
        return HouseFault.NOT_SERVED
    number, called = read_short_code(party.number or ""), read_business_name(party.name or "")
    if not isinstance(called, str):
        return HouseFault.NAME
    account = read_paybill_account(party.account or "") if party.way is Way.PAYBILL else None
    if not isinstance(number, str) or not (account is None or isinstance(account, str)):
        return HouseFault.NUMBER
    return Payee(Destination(party.way, country.iso2, currency, called, number=number, account=account))


def debtor_of(line: HouseLine, countries: Sequence[Country]) -> Debtor | HouseFault:
    """Whom a line collects from. `countries` are where customers can pay in now, with their networks."""
    places = [one for one in countries if one.currency == line.amount.currency and one.onramp == "mobile"]
    found = _phone(line.party, places, None)
    if isinstance(found, HouseFault):
        return found
    phone, name, networks = found
    payer = Payer(phone.country, line.amount.currency, "mobile_money", phone.e164, name, networks[0])
    return Debtor(payer, networks)


def word_of(fault: HouseFault, text: str) -> str:
    """The words of a line that a fault is about, as they were written."""
    whole = _whole_name(text)
    cut = cut_party(text, towards=TO | FROM) if whole is None else whole[0]
    party = cut.party or Party()
    match fault:
        case HouseFault.PHONE | HouseFault.COUNTRY:
            return party.phone or ""
        case HouseFault.NUMBER:
            return " ".join(filter(None, (party.number, party.account)))
        case HouseFault.NAME:
            return party.name or ""
        case HouseFault.NOT_SERVED:
            return ""
        case _:
            return " ".join(word for word in cut_note(cut.words)[0] if word.lower() not in TO | FROM)


def _read(text: str, towards: frozenset[str], toward: str) -> HouseLine | HouseFault | WrongWord:
    if len(text) > _MOST_LINE or "\n" in text.strip() or reorders_text(text):
        return WrongWord(Why.LONG_LINE)
    cut = cut_party(text, towards=towards)
    if cut.party is not None and cut.party.way is Way.BANK:
        return WrongWord(Why.BANK)
    words, note = cut_note(cut.words)
    whole = _whole_name(text)
    if whole is not None:
        cut, words, note = whole
    found = read_slots(words_of(" ".join(words)), None)
    if isinstance(found, SlotProblem):
        if found.amount is None:
            return WrongWord(Why.AMOUNTS)
        word = found.amount.word
        unknown = found.amount.fault is AmountFault.UNKNOWN_CURRENCY and word
        return WrongWord(Why.CURRENCY, word or "") if unknown else _amount_fault(found.amount)
    unclear = [one.word for one in found.unclear]
    if found.amount is None:
        return WrongWord(Why.NO_AMOUNT)
    if found.currency is None:
        written = next((word for word in text.split() if is_amount(word)), to_plain(found.amount))
        return WrongWord(Why.CURRENCY, unclear[0]) if unclear else WrongWord(Why.NO_CURRENCY, written)
    if not is_fiat(found.currency):
        return WrongWord(Why.CRYPTO, found.currency)
    amount = Money(found.amount, found.currency)
    wrong = _wrong_party(cut.party, {word.lower() for word in text.split()}.isdisjoint(towards), toward)
    if wrong is not None:
        return wrong
    other = found.token or found.chain or found.address or (unclear[0] if unclear else None)
    if other is not None:
        return WrongWord(Why.EXTRA, other)
    if note is None:
        return WrongWord(Why.NOTE)
    assert cut.party is not None
    return HouseLine(amount, cut.party, note[:MOST_NOTE])


def _whole_name(text: str) -> tuple[Cut, tuple[str, ...], str] | None:
    """A line with a name behind its number, taken as it is written up to "for": a name may hold any word, "K" or "De" too.

    None where it is written in another order.
    """
    found = cut_at_number(text)
    if found is None:
        return None
    party, before, behind = found
    at = next((at for at, word in enumerate(behind) if word in NOTES), None)
    if at is None:
        at = next((at for at, word in enumerate(behind) if word.lower() in NOTES), None)
    if not at or at + 1 == len(behind) or any(is_amount(word) for word in behind[:at]):
        return None
    if not any(is_amount(word) for word in before):
        return None
    named = replace(party, name=" ".join(behind[:at]))
    return Cut(tuple(before), named), tuple(before), " ".join(behind[at + 1 :])


def _wrong_party(party: Party | None, no_towards: bool, toward: str) -> WrongWord | None:
    """What lacks of the other side."""
    if no_towards:
        return WrongWord(Why.TOWARDS, toward)
    if party is None:
        return WrongWord(Why.NUMBER)
    if party.own:
        return WrongWord(Why.OWN)
    if party.way is None:
        return WrongWord(Why.NUMBER)
    return WrongWord(Why.NAME) if party.name is None else None


def _amount_fault(found: AmountProblem) -> HouseFault:
    match found.fault:
        case AmountFault.TOO_MANY_DECIMALS:
            return HouseFault.AMOUNT_DECIMALS if found.decimals else HouseFault.AMOUNT_WHOLE
        case AmountFault.AMBIGUOUS:
            return HouseFault.AMOUNT_AMBIGUOUS
        case AmountFault.NEGATIVE | AmountFault.ZERO:
            return HouseFault.AMOUNT_SIGN
        case _:
            return HouseFault.AMOUNT


def _phone(party: Party, places: Sequence[Country], way: Way | None) -> tuple[Phone, str, tuple[str, ...]] | HouseFault:
    """The number, the name and the networks to choose from, the likeliest first. At home where one country is meant."""
    places = [one for one in places if way is None or way in one.payouts]
    if not places:
        return HouseFault.NOT_SERVED
    text = party.phone or ""
    phone = read_phone(text, country=places[0].iso2 if len(places) == 1 else None)
    if not isinstance(phone, Phone):
        whole = read_phone(text, country=None)
        if not isinstance(whole, Phone):
            return HouseFault.PHONE if len(places) == 1 else HouseFault.COUNTRY
        phone = whole
    country = next((one for one in places if one.iso2 == phone.country), None)
    if country is None:
        return HouseFault.NOT_SERVED
    name = read_name(party.name or "")
    if not isinstance(name, str):
        return HouseFault.NAME
    likely = network_of(phone)
    networks = tuple(sorted(country.networks, key=lambda one: one != likely))
    return (phone, name, networks) if networks else HouseFault.NOT_SERVED
