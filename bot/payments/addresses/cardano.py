"""Addresses of Cardano: bech32 with the prefix "addr". Stake addresses and the old Byron form are known and refused."""

import re
from typing import Final

from base58_bech32.bech32 import BECH32_1_CONST, bech32_decode, convertbits
from base58_bech32.exceptions import Base58Bech32ValueError

from bot.payments.addresses.kinds import AddressFault, Reading

_SHAPE = re.compile(r"(?:addr|addr_test|stake|stake_test)1[0-9a-z]{20,120}", re.IGNORECASE)
_BYRON = re.compile(r"(?:DdzFF|37btjrVyb4K|Ae2|2cWKMJemoBa)[1-9A-HJ-NP-Za-km-z]{40,110}")
_MAINNET: Final = 1
# address type → length: a header, then a payment part and, for types 0 to 3, a staking part of 28 bytes each
_LENGTHS: Final = {0: 57, 1: 57, 2: 57, 3: 57, 6: 29, 7: 29}


def looks_like(text: str) -> bool:
    """True when `text` has the form of a Cardano address of any kind, whatever its checksum says."""
    return _SHAPE.fullmatch(text) is not None or _BYRON.fullmatch(text) is not None


def read(text: str) -> Reading | AddressFault:
    """A payment address of the main network, in lower case; its checksum must be right (CIP-19)."""
    if _BYRON.fullmatch(text):
        return AddressFault.UNSUPPORTED_KIND
    if not _SHAPE.fullmatch(text):
        return AddressFault.NOT_AN_ADDRESS
    try:
        prefix, data, _ = bech32_decode(text, m=BECH32_1_CONST, limit=140)
        payload = bytes(convertbits(data, 5, 8, False))
    except Base58Bech32ValueError:
        return AddressFault.BAD_CHECKSUM
    if prefix.endswith("_test"):
        return AddressFault.TEST_NETWORK
    if prefix != "addr" or not payload or _LENGTHS.get(payload[0] >> 4) != len(payload):
        return AddressFault.UNSUPPORTED_KIND
    if payload[0] & 0x0F != _MAINNET:
        return AddressFault.TEST_NETWORK
    return Reading(value=text.lower(), checksum=True)
