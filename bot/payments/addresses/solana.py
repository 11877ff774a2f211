"""Addresses of Solana: thirty-two bytes in Base58, no checksum at all, so only a look at both ends finds errors."""

import re
from typing import Final

from base58_bech32.base58 import b58decode

from bot.payments.addresses.kinds import AddressFault, Reading

_SHAPE = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_KEY_SHAPE = re.compile(r"[1-9A-HJ-NP-Za-km-z]{80,90}")
_PROGRAMS: Final = frozenset(
    {
        "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
        "1nc1nerator11111111111111111111111111111111",
    }
)


def looks_like(text: str) -> bool:
    """True when `text` is Base58 of exactly thirty-two bytes."""
    return _SHAPE.fullmatch(text) is not None and len(b58decode(text)) == 32


def looks_like_secret(text: str) -> bool:
    """True when `text` is Base58 of sixty-four bytes: a signing key (or a transaction's signature)."""
    return _KEY_SHAPE.fullmatch(text) is not None and len(b58decode(text)) == 64


def read(text: str) -> Reading | AddressFault:
    """The address as it was given. Never `checksum`: ask for a look at the first and last characters."""
    if not looks_like(text):
        return AddressFault.NOT_AN_ADDRESS
    if not any(b58decode(text)) or text in _PROGRAMS:
        return AddressFault.BURN_ADDRESS
    return Reading(value=text, checksum=False)
