"""Phone numbers: one canonical form, and which network a number probably belongs to.

Numbers are personal data, so `Phone` prints itself masked everywhere; only `e164` gives the whole, for the provider.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers

from bot.payments.carriers import carrier_of
from bot.payments.catalogue.networks import network_for_carrier
from bot.payments.typed_text import plain_characters, reorders_text

_MAX_TEXT: Final = 40
_SHAPE = re.compile(r"\+?[0-9 ().\-/]+")
_NO_COUNTRY: Final = frozenset({"ZZ", "001"})  # unassigned codes, and those shared by the whole world
_MOBILE_TYPES: Final = frozenset(
    {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
)


class PhoneFault(StrEnum):
    """Why a text cannot be used as a phone number."""

    NOT_A_NUMBER = "not_a_number"
    COUNTRY_NEEDED = "country_needed"
    WRONG_COUNTRY = "wrong_country"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_IN_USE = "not_in_use"
    NOT_MOBILE = "not_mobile"


@dataclass(frozen=True, slots=True)
class PhoneProblem:
    """Why a phone number was refused. `country` is the ISO-2 code of the one it belongs to, where that is known."""

    fault: PhoneFault
    country: str | None = None

    @property
    def text_key(self) -> str:
        """The key of the sentence that asks again."""
        return f"phone.{self.fault}"


@dataclass(frozen=True, slots=True, repr=False)
class Phone:
    """A mobile number: `e164` with a leading plus, `country` as ISO-2. Prints as "+254•••••678"."""

    e164: str
    country: str

    @property
    def masked(self) -> str:
        """The dialling code and the last three digits."""
        return f"+{phonenumbers.country_code_for_region(self.country) or ''}•••••{self.e164[-3:]}"

    @property
    def whole(self) -> str:
        """All of it, in groups as it is written abroad: "+254 712 345678". For whoever must check it."""
        parsed = _parse(self.e164, None)
        if parsed is None:
            return self.e164
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"Phone({self.masked})"


def read_phone(text: str, *, country: str | None) -> Phone | PhoneProblem:
    """The mobile number in `text`, for `country` (ISO-2) or, when that is None, for whatever country it names itself.

    Understands 0712…, 254712…, +254712…, 00254712…, with spaces, dashes, points and brackets, in digits of any script.
    A number of another country than `country` is refused with that country's code. Never raises.
    """
    if len(text) > _MAX_TEXT:
        return PhoneProblem(PhoneFault.NOT_A_NUMBER)
    plain = plain_characters(text)
    if reorders_text(text) or not _SHAPE.fullmatch(plain):
        return PhoneProblem(PhoneFault.NOT_A_NUMBER)
    digits = re.sub(r"[^0-9]", "", plain)
    international = plain.startswith("+") or digits.startswith("00")
    if not plain.startswith("+") and digits.startswith("00"):
        digits = digits[2:]
    if len(digits) < 5:
        return PhoneProblem(PhoneFault.TOO_SHORT if digits else PhoneFault.NOT_A_NUMBER)
    found = _parse("+" + digits, None) if international else _parse_local(digits, country)
    if found is None:
        return PhoneProblem(PhoneFault.COUNTRY_NEEDED if country is None else PhoneFault.NOT_A_NUMBER)
    return _judge(found, country)


def phone_from_e164(e164: str) -> Phone:
    """The phone for a canonical number that was accepted before, such as one read from the database.

    Raises `ValueError` when it is not an E.164 number of any country.
    """
    parsed = _parse(e164, None) if e164.startswith("+") else None
    region = None if parsed is None else phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    if parsed is None or region is None or region in _NO_COUNTRY:
        raise ValueError("not an E.164 number")
    return Phone(e164=e164, country=phonenumbers.region_code_for_number(parsed) or region)


def example_phone(country: str) -> str:
    """A mobile number of a country (ISO-2), as it is written there; "" where none is known. For examples only."""
    found = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    return "" if found is None else phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.NATIONAL)


def network_of(phone: Phone) -> str | None:
    """The provider's code of the network that the number's range was given to; None when it offers no mobile money.

    Numbers can be carried to another network, so this only pre-selects: the customer may change it.
    """
    parsed = _parse(phone.e164, None)
    if parsed is None or phonenumbers.number_type(parsed) not in _MOBILE_TYPES:
        return None
    return network_for_carrier(phone.country, carrier_of(phone.e164) or "")


def _parse_local(digits: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    """Digits without a plus sign: a national number, or an international one whose plus sign was left out."""
    national = _parse(digits, country) if country is not None else None
    if national is not None and phonenumbers.is_valid_number(national):
        return national
    whole = _parse("+" + digits, None) if not digits.startswith("0") else None
    if whole is not None and phonenumbers.is_valid_number(whole):
        return whole
    return national


def _parse(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _judge(found: phonenumbers.PhoneNumber, country: str | None) -> Phone | PhoneProblem:
    dialled = phonenumbers.region_code_for_country_code(found.country_code or 0)
    actual = phonenumbers.region_code_for_number(found) or dialled
    if actual in _NO_COUNTRY:
        return PhoneProblem(PhoneFault.NOT_IN_USE)
    if country is not None and actual != country:
        return PhoneProblem(PhoneFault.WRONG_COUNTRY, country=actual)
    if not phonenumbers.is_valid_number(found):
        return PhoneProblem(_fault_of_length(found), country=actual)
    if phonenumbers.number_type(found) not in _MOBILE_TYPES:
        return PhoneProblem(PhoneFault.NOT_MOBILE, country=actual)
    return Phone(e164=phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164), country=actual)


def _fault_of_length(found: phonenumbers.PhoneNumber) -> PhoneFault:
    mobile = phonenumbers.PhoneNumberType.MOBILE
    match phonenumbers.is_possible_number_for_type_with_reason(found, mobile):
        case phonenumbers.ValidationResult.TOO_SHORT | phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return PhoneFault.TOO_SHORT
        case phonenumbers.ValidationResult.TOO_LONG:
            return PhoneFault.TOO_LONG
        case _:
            return PhoneFault.NOT_IN_USE
