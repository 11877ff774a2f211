"""Addresses of Ethereum and the chains like it: twenty bytes in hexadecimal, checksummed by the case of letters."""

import re
from typing import Final

from sha3 import keccak_256

from bot.payments.addresses.kinds import AddressFault, Reading

_SHAPE = re.compile(r"0[xX][0-9a-fA-F]{40}")
_BURN: Final = frozenset({"0" * 40, "f" * 40, "000000000000000000000000000000000000dead"})


def looks_like(text: str) -> bool:
    """True when `text` has the form of such an address, whatever its checksum says."""
    return _SHAPE.fullmatch(text) is not None


def read(text: str) -> Reading | AddressFault:
    """The address in its EIP-55 form. Letters all in one case carry no checksum; mixed case must be exactly right."""
    if not looks_like(text):
        return AddressFault.NOT_AN_ADDRESS
    digits = text[2:]
    if digits.lower() in _BURN:
        return AddressFault.BURN_ADDRESS
    canonical = checksummed(digits)
    mixed = digits not in {digits.lower(), digits.upper()}
    if mixed and canonical[2:] != digits:
        return AddressFault.BAD_CHECKSUM
    return Reading(value=canonical, checksum=mixed)


def checksummed(digits: str) -> str:
    """Forty hexadecimal digits with the case that EIP-55 gives them, "0x" in front."""
    lowered = digits.lower()
    digest: str = keccak_256(lowered.encode("ascii")).hexdigest()
    cased = (char.upper() if int(nibble, 16) >= 8 else char for char, nibble in zip(lowered, digest, strict=False))
    return "0x" + "".join(cased)
