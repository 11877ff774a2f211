"""Addresses to send crypto to, in the form of each chain and with the right checksums: wallets check them.

EIP-55; Tron: base58check of a byte 0x41 and twenty more; Solana: an ed25519 key in base58; Stellar, SEP-23: base32 of a
version byte, an ed25519 key and a CRC-16. Nobody holds the keys to any of them.
"""

import base64
import binascii
import hashlib
import random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sha3 import keccak_256

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_TRON = b"\x41"
_STELLAR_ACCOUNT = bytes([6 << 3])
_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def escrow_address(chain: str, source: random.Random) -> str:
    """A new address on a chain, made of what `source` gives; chains that are not special here are Ethereum's kin."""
    match chain:
        case "TRON":
            return _base58_checked(_TRON + source.randbytes(20))
        case "SOLANA":
            return base58(_public_key(source))
        case "STELLAR":
            payload = _STELLAR_ACCOUNT + _public_key(source)
            check = binascii.crc_hqx(payload, 0).to_bytes(2, "little")
            return base64.b32encode(payload + check).decode()
        case "LIGHTNING":  # an invoice in name only: nothing here reads one
            return "lnbc1" + "".join(source.choices(_CHARSET, k=120))
    return _checksummed(source.randbytes(20).hex())


def base58(data: bytes) -> str:
    """Bytes in Bitcoin's base58, leading zeroes as ones."""
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def _base58_checked(data: bytes) -> str:
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4])


def _checksummed(digits: str) -> str:
    digest = keccak_256(digits.encode()).hexdigest()
    return "0x" + "".join(
        digit.upper() if int(nibble, 16) > 7 else digit for digit, nibble in zip(digits, digest, strict=False)
    )


def _public_key(source: random.Random) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(source.randbytes(32)).public_key().public_bytes_raw()
