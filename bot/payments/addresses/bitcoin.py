"""Addresses of Bitcoin: Base58Check (1…, 3…), bech32 (bc1q…) and bech32m for taproot (bc1p…)."""

import re
from typing import Final

from base58_bech32.base58 import b58decode, b58decode_check
from base58_bech32.bech32 import BECH32_1_CONST, BECH32_M_CONST, bech32_decode, convertbits
from base58_bech32.exceptions import Base58Bech32ValueError

from bot.payments.addresses.kinds import AddressFault, Reading

_BASE58_SHAPE = re.compile(r"[123mn][1-9A-HJ-NP-Za-km-z]{25,34}")
_SEGWIT_SHAPE = re.compile(r"(?:bc|tb|bcrt)1[0-9a-z]{6,87}", re.IGNORECASE)
_KEY_SHAPE = re.compile(r"[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}")
_MAINNET: Final = frozenset({0x00, 0x05})
_TESTNET: Final = frozenset({0x6F, 0xC4})
_KEY_VERSIONS: Final = frozenset({0x80, 0xEF})


def looks_like(text: str) -> bool:
    """True when `text` has the form of a Bitcoin address of any network, whatever its checksum says."""
    if _SEGWIT_SHAPE.fullmatch(text):
        return True
    return _BASE58_SHAPE.fullmatch(text) is not None and len(b58decode(text)) == 25


def looks_like_secret(text: str) -> bool:
    """True when `text` is a private key in wallet import format."""
    if not _KEY_SHAPE.fullmatch(text):
        return False
    try:
        payload = b58decode_check(text)
    except Base58Bech32ValueError:
        return False
    return len(payload) in {33, 34} and payload[0] in _KEY_VERSIONS


def read(text: str) -> Reading | AddressFault:
    """The address in canonical form (segwit in lower case); its checksum must be right and its network the main one."""
    if not looks_like(text):
        return AddressFault.NOT_AN_ADDRESS
    return _read_segwit(text) if _SEGWIT_SHAPE.fullmatch(text) else _read_base58(text)


def _read_base58(text: str) -> Reading | AddressFault:
    try:
        payload = b58decode_check(text, out_size=21)
    except Base58Bech32ValueError:
        return AddressFault.BAD_CHECKSUM
    if payload[0] in _TESTNET:
        return AddressFault.TEST_NETWORK
    if payload[0] not in _MAINNET:
        return AddressFault.NOT_AN_ADDRESS
    if not any(payload[1:]):
        return AddressFault.BURN_ADDRESS
    return Reading(value=text, checksum=True)


def _read_segwit(text: str) -> Reading | AddressFault:
    """BIP-173 and BIP-350: version 0 is bech32 of 20 or 32 bytes, version 1 is bech32m of 32; later ones are unused."""
    try:
        prefix, data, constant = bech32_decode(text, limit=90)
        program = bytes(convertbits(data[1:], 5, 8, False))
    except Base58Bech32ValueError:
        return AddressFault.BAD_CHECKSUM
    if not data or constant != (BECH32_1_CONST if data[0] == 0 else BECH32_M_CONST):
        return AddressFault.BAD_CHECKSUM
    if prefix != "bc":
        return AddressFault.TEST_NETWORK
    if (data[0], len(program)) not in {(0, 20), (0, 32), (1, 32)}:
        return AddressFault.UNSUPPORTED_KIND
    if not any(program):
        return AddressFault.BURN_ADDRESS
    return Reading(value=text.lower(), checksum=True)
