"""Names chosen by us: references for the provider, tokens for callback addresses, codes that people read aloud."""

import re
import secrets
import time
from typing import Final

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O or U
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE_LENGTH: Final = 8
_REFERENCE: Final = re.compile(rf"bot-[{_CROCKFORD}]{{26}}".encode())
CHECK_TOKEN: Final = "check-"  # noqa: S105 - what no leg's token begins with
_DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014")


def new_reference() -> str:
    """A fresh reference for one leg: "bot-" and 26 characters that begin with the time, so that references sort.

    48 bits of milliseconds and 80 random bits; matches [A-Za-z0-9_-]{8,64}, as the provider's fields allow.
    """
    milliseconds = time.time_ns() // 1_000_000 & (1 << 48) - 1
    return "bot-" + _encode(milliseconds << 80 | secrets.randbits(80), 26)


def reference_in(body: bytes) -> bytes:
    """The first reference of ours that stands in these bytes, wherever that is; empty when there is none."""
    found = _REFERENCE.search(body)
    return found[0] if found is not None else b""


def new_callback_token() -> str:
    """The unguessable part of one leg's callback address: 192 random bits as 32 URL-safe characters."""
    return secrets.token_urlsafe(24)


def new_check_token() -> str:
    """The address of a callback that we send ourselves to see whether callbacks arrive. It belongs to no transaction."""
    return CHECK_TOKEN + new_callback_token()


def new_payment_code() -> str:
    """A payment's short name for people, such as "K7F3-9QX2": 40 random bits. Unique by the database, not by itself."""
    code = _encode(secrets.randbits(40), _CODE_LENGTH)
    return f"{code[:4]}-{code[4:]}"


def read_payment_code(text: str) -> str | None:
    """The canonical form of a code that somebody typed: case, spaces and dashes do not matter, O is 0, I and L are 1.

    None when the text cannot be a code.
    """
    if len(text) > 4 * _CODE_LENGTH:
        return None
    bare = "".join(char for char in text if not char.isspace() and char not in _DASHES).upper().translate(_MISREAD)
    if len(bare) != _CODE_LENGTH or any(char not in _CROCKFORD for char in bare):
        return None
    return f"{bare[:4]}-{bare[4:]}"


def _encode(number: int, length: int) -> str:
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(length)))
