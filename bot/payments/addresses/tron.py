"""Addresses of Tron: Base58Check of a 0x41 byte and twenty more, so they always begin with T."""

import re
from typing import Final

from base58_bech32.base58 import b58decode, b58decode_check
from base58_bech32.exceptions import Base58Bech32ValueError

from bot.payments.addresses.kinds import AddressFault, Reading

_SHAPE = re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}")
_PREFIX: Final = 0x41


def looks_like(text: str) -> bool:
    """True when `text` has the form of a Tron address, whatever its checksum says."""
    return _SHAPE.fullmatch(text) is not None and len(b58decode(text)) == 25


def read(text: str) -> Reading | AddressFault:
    """The address as it was given; its case matters and its checksum must be right."""
    if not looks_like(text):
        return AddressFault.NOT_AN_ADDRESS
    try:
        payload = b58decode_check(text, out_size=21)
    except Base58Bech32ValueError:
        return AddressFault.BAD_CHECKSUM
    if payload[0] != _PREFIX:
        return AddressFault.NOT_AN_ADDRESS
    if not any(payload[1:]):
        return AddressFault.BURN_ADDRESS
    return Reading(value=text, checksum=True)
