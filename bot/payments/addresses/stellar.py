"""Addresses of Stellar ("strkey"): Base32 of a version byte, a public key and a CRC-16; accounts begin with G.

Multiplexed addresses (M…) are refused: the provider does not say that it can pay to one, and the number inside it would
be lost. So are contracts (C…). A seed (S…) is a secret that should never have been sent.
"""

import base64
import binascii
import re
from typing import Final

from bot.payments.addresses.kinds import AddressFault, Reading

_ACCOUNT = re.compile(r"G[A-Z2-7]{55}")
_OTHER = re.compile(r"(?:C[A-Z2-7]{55}|M[A-Z2-7]{68})")
_SEED = re.compile(r"S[A-Z2-7]{55}")
_ACCOUNT_VERSION: Final = 6 << 3


def looks_like(text: str) -> bool:
    """True when `text` has the form of a Stellar account, multiplexed account or contract."""
    return _ACCOUNT.fullmatch(text) is not None or _OTHER.fullmatch(text) is not None


def looks_like_secret(text: str) -> bool:
    """True when `text` has the form of a Stellar secret seed."""
    return _SEED.fullmatch(text) is not None


def read(text: str) -> Reading | AddressFault:
    """The account as it was given; its checksum must be right."""
    if _OTHER.fullmatch(text):
        return AddressFault.UNSUPPORTED_KIND
    if not _ACCOUNT.fullmatch(text):
        return AddressFault.NOT_AN_ADDRESS
    raw = base64.b32decode(text)
    payload, checksum = raw[:-2], raw[-2:]
    # CRC-16/XMODEM, sent low byte first
    if binascii.crc_hqx(payload, 0).to_bytes(2, "little") != checksum or payload[0] != _ACCOUNT_VERSION:
        return AddressFault.BAD_CHECKSUM
    if not any(payload[1:]):
        return AddressFault.BURN_ADDRESS
    return Reading(value=text, checksum=True)
