"""Wallet addresses: whether crypto may be sent to what a customer pasted, decided per chain, without any network.

A wrong address is money lost for good, so the checks refuse what they can: broken checksums, addresses of other chains
and of test networks, burn addresses, contracts of the tokens themselves, and private keys pasted by mistake.
"""

import re
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from bot.payments.addresses import bitcoin, cardano, evm, hedera, solana, stellar, tron
from bot.payments.addresses.kinds import Address, AddressFault, AddressProblem, Reading
from bot.payments.catalogue.chains import ChainFamily, chain_of
from bot.payments.catalogue.contracts import TOKEN_CONTRACTS
from bot.payments.typed_text import reorders_text

__all__ = ["Address", "AddressFault", "AddressProblem", "canonical_address", "check_address"]

_MAX_TEXT: Final = 200
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\u2066-\u2069\u202a-\u202c\ufeff]")
_HEX_KEY = re.compile(r"(?:0[xX])?[0-9a-fA-F]{64}")
_SEED_PHRASE = re.compile(r"[a-z]{3,8}(?: [a-z]{3,8}){11,23}")
_SCHEME = re.compile(
    r"(?:ethereum|bitcoin|tron|solana|stellar|cardano|hedera|web\+cardano):(?=[0-9A-Za-z._-]+$)", re.IGNORECASE
)

# shape and reader of each family; Solana last, since any thirty-two bytes pass for it
_READERS: Final[
    MappingProxyType[ChainFamily, tuple[Callable[[str], bool], Callable[[str], Reading | AddressFault]]]
] = MappingProxyType(
    {
        ChainFamily.EVM: (evm.looks_like, evm.read),
        ChainFamily.TRON: (tron.looks_like, tron.read),
        ChainFamily.STELLAR: (stellar.looks_like, stellar.read),
        ChainFamily.BITCOIN: (bitcoin.looks_like, bitcoin.read),
        ChainFamily.CARDANO: (cardano.looks_like, cardano.read),
        ChainFamily.HEDERA: (hedera.looks_like, hedera.read),
        ChainFamily.SOLANA: (solana.looks_like, solana.read),
    }
)


def check_address(text: str, chain: str) -> Address | AddressProblem:
    """The address in `text` for `chain` (a provider code such as "BASE"), or the reason why not. Never raises.

    Spaces around it, invisible marks and a wallet scheme in front ("ethereum:0x…") are taken off; nothing else is
    repaired.
    """
    known = chain_of(chain)
    if known is None:
        return AddressProblem(AddressFault.UNKNOWN_CHAIN, chain)
    if reorders_text(text):
        return AddressProblem(AddressFault.NOT_AN_ADDRESS, chain)
    cleaned = _INVISIBLE.sub("", text).strip() if len(text) <= _MAX_TEXT * 2 else ""
    if _is_secret(cleaned):
        return AddressProblem(AddressFault.SECRET, chain)
    cleaned = _SCHEME.sub("", cleaned, count=1)
    if not cleaned or len(cleaned) > _MAX_TEXT or not cleaned.isascii():
        return AddressProblem(AddressFault.NOT_AN_ADDRESS, chain)
    looks_like, read = _READERS[known.family]
    if not looks_like(cleaned):
        found = _family_of(cleaned)
        fault = AddressFault.NOT_AN_ADDRESS if found is None else AddressFault.WRONG_CHAIN
        return AddressProblem(fault, chain, found)
    reading = read(cleaned)
    if isinstance(reading, AddressFault):
        return AddressProblem(reading, chain)
    if reading.value in TOKEN_CONTRACTS:
        return AddressProblem(AddressFault.TOKEN_CONTRACT, chain)
    return Address(value=reading.value, chain=chain, family=known.family, checksum=reading.checksum)


def canonical_address(text: str, chain: str) -> str:
    """The form in which `text` can be compared with a checked address of `chain`; as it is when it cannot be read.

    For what somebody else says, such as the provider, who may write the letters of an address in another case.
    """
    read = check_address(text, chain)
    return read.value if isinstance(read, Address) else text.strip()


def _family_of(text: str) -> ChainFamily | None:
    return next((family for family, (looks_like, _) in _READERS.items() if looks_like(text)), None)


def _is_secret(text: str) -> bool:
    if _HEX_KEY.fullmatch(text) or _SEED_PHRASE.fullmatch(" ".join(text.lower().split())):
        return True
    return stellar.looks_like_secret(text) or bitcoin.looks_like_secret(text) or solana.looks_like_secret(text)
