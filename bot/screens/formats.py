"""Amounts, times, phones and addresses as people read them, per language. What is shown equals what is recorded.

Amounts are grouped with the language's own signs (CLDR) but never rounded: babel's formatter computes in 28 digits at
most, so only its signs are used. Spaces inside an amount are no-break spaces (U+00A0), which every phone's font has.
"""

import re
from datetime import datetime
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

from bot.payments.addresses import Address
from bot.payments.catalogue import chain_of, network_label, token_of
from bot.payments.money import Money, UnknownCurrencyError, decimals_of, is_fiat, percent_of, to_plain
from bot.payments.phones import phone_from_e164
from bot.screens.foreign import Html, escaped
from bot.screens.places import city_of, local, needs_city

__all__ = [
    "address_code",
    "amount",
    "chain_label",
    "clock",
    "day_and_time",
    "fee_percent",
    "live_time",
    "masked",
    "money",
    "network_label",
    "percent",
    "phone_ending",
    "short_address",
    "short_hash",
    "token_label",
    "whole_phone",
]

NO_BREAK: Final = "\u00a0"
_MINUS: Final = "\u2212"
_SPACES: Final = re.compile(r"\s")
_HIDDEN: Final = "•••••"


def amount(value: Decimal, language: str, *, least_decimals: int = 0) -> str:
    """A number with grouping, all of its digits and, if it is no whole number, at least `least_decimals` decimals."""
    whole, _, fraction = to_plain(value.copy_abs()).partition(".")
    if fraction:
        fraction = fraction.ljust(least_decimals, "0")
    start = len(whole) % 3 or 3
    groups = [whole[:start], *(whole[place : place + 3] for place in range(start, len(whole), 3))]
    shown = _sign(get_group_symbol(language)).join(groups)
    if fraction:
        shown += _sign(get_decimal_symbol(language)) + fraction
    return _MINUS + shown if value < 0 else shown


def money(value: Money, language: str) -> str:
    """An amount with its currency: "1,530 KES", "120.50 GHS", "15.384615 USDC". Exact to the last digit."""
    try:
        least = decimals_of(value.currency) if is_fiat(value.currency) else 0
    except UnknownCurrencyError:
        least = 0
    return f"{amount(value.amount, language, least_decimals=least)}{NO_BREAK}{token_label(value.currency)}"


def percent(value: Decimal, language: str) -> str:
    """A percentage: "2%", "1.96%", in French "1,96 %"."""
    gap = NO_BREAK if language == "fr" else ""
    return f"{amount(value, language)}{gap}%"


def fee_percent(fee: Money, of: Money, language: str) -> str:
    """`fee` as a percentage of `of`, to two decimals; a fee too small for that shows as "<0.01%", never as none."""
    if of.amount <= 0:
        return percent(Decimal(0), language)
    share = percent_of(fee, of)
    if share == 0 and fee.amount > 0:
        return "<" + percent(Decimal("0.01"), language)
    return percent(share, language)


def clock(at: datetime, country: str, language: str, *, seconds: bool = False) -> str:
    """The time on the clocks of `country`: "14:05"; with the city where the country has two times."""
    shown = local(at, country).strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{shown} ({city_of(country, language)})" if needs_city(country) else shown


def day_and_time(at: datetime, country: str, language: str) -> str:
    """Date and time for the record: "24 Nov 2026, 14:05 (Nairobi)"."""
    there = local(at, country)
    day = _SPACES.sub(NO_BREAK, format_date(there.date(), "d MMM y", locale=language))
    return f"{day}, {there:%H:%M}{NO_BREAK}({city_of(country, language)})"


def live_time(at: datetime, country: str, language: str) -> Html:
    """A time that the phone counts down (or up) by itself; older phones show the clock time inside.

    HTML of Bot API 9.5 and later: `<tg-time unix="…" format="r">`, "r" for relative (core.telegram.org/bots/api,
    "date-time entity formatting"; python-telegram-bot 22.8 writes the same in `Message.text_html`). The sentence around
    it must read well with "in 40 seconds", "10 seconds ago" and "14:05:32".
    """
    plain = escaped(clock(at, country, language, seconds=True))
    return Html(f'<tg-time unix="{int(at.timestamp())}" format="r">{plain}</tg-time>')


def masked(e164: str) -> str:
    """A phone number as it may be shown: "+254•••••678"."""
    try:
        return phone_from_e164(e164).masked
    except ValueError:
        return _HIDDEN + e164[-3:]


def whole_phone(e164: str) -> str:
    """A phone number that must be checked, in groups that stay together: "+254 712 345678"."""
    try:
        return phone_from_e164(e164).whole.replace(" ", NO_BREAK)
    except ValueError:
        return e164


def phone_ending(e164: str) -> str:
    """How we speak of a phone that the customer knows: "…678"."""
    return "…" + e164[-3:]


def short_address(address: str) -> str:
    """The first six and last four characters of a wallet address."""
    return _ends(address, 6, 4)


def short_hash(tx_hash: str) -> str:
    """The first ten and last eight characters of a transaction hash."""
    return _ends(tx_hash, 10, 8)


def address_code(address: str | Address) -> Html:
    """A whole wallet address: one tap copies it."""
    return Html(f"<code>{escaped(address.value if isinstance(address, Address) else address)}</code>")


def chain_label(chain: str) -> str:
    """The chain's name; an unfamiliar code as it is."""
    known = chain_of(chain)
    return known.label if known is not None else chain


def token_label(token: str) -> str:
    """The token's or currency's sign; an unfamiliar code as it is."""
    known = token_of(token)
    return known.label if known is not None else token


def _ends(text: str, first: int, last: int) -> str:
    return text if len(text) <= first + last + 2 else f"{text[:first]}…{text[-last:]}"


def _sign(sign: str) -> str:
    return NO_BREAK if sign.isspace() else sign
