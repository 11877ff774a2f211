"""Personal data at rest: sealed with AES-256-GCM under rotating keys, and found again by keyed digests.

A sealed value is opaque bytes: version (1), length of the key id, key id, nonce (12), ciphertext with its tag. Its
header and its context ("customer.phone") are authenticated with it, so a value moved to another column does not open.
Queries call the keyring where they write and read; nothing is decrypted behind anybody's back.

Rotation: put a new key first in the setting. New values are sealed under it, old ones still open, and
`needs_resealing` tells which those are; an old key can leave once none is left. The digest key has no rotation:
changing it means computing all digests anew.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import SealRefused, StorageMisconfigured, UnknownKey

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_ID_LENGTH = 32
LARGEST_INTEGER = 2**63  # beyond this, JSON readers disagree

_JSON_HOLDS = "sealed JSON holds text, whole numbers, true, false, null, lists and objects; write amounts as text"


class Keyring:
    """The keys for personal data. Immutable, safe to use from any thread, and silent when printed."""

    __slots__ = ("_ciphers", "_current", "_digest_key", "_header")

    def __init__(self, keys: Mapping[str, bytes], *, digest_key: bytes) -> None:
        """`keys`: 32 bytes each, by key id, the current one first. `digest_key`: 32 bytes or more."""
        if not keys:
            raise ValueError("a keyring needs at least one key")
        self._ciphers = MappingProxyType({name: AESGCM(key) for name, key in keys.items()})
        name = next(iter(keys))
        self._current = self._ciphers[name]
        self._header = bytes([VERSION, len(name)]) + name.encode("ascii")
        self._digest_key = digest_key

    @classmethod
    def from_setting(
        cls,
        keys: str,
        *,
        digest_key: str,
        keys_setting: str = "ENCRYPTION_KEYS",
        digest_setting: str = "DIGEST_KEY",
    ) -> Self:
        """Read `k1:<base64>,k0:<base64>` (first is current) and a base64 digest key.

        `keys_setting` and `digest_setting` are the names that errors show. Raises `StorageMisconfigured`.
        """
        return cls(
            read_encryption_keys(keys, setting=keys_setting),
            digest_key=read_digest_key(digest_key, setting=digest_setting),
        )

    def __repr__(self) -> str:
        return "Keyring(***)"

    def seal(self, text: str, *, context: str) -> bytes:
        """Encrypt `text` for one place, named by `context` ("customer.phone"). Differs every time it is called."""
        return self._seal(text.encode(), context)

    def open(self, blob: bytes, *, context: str) -> str:
        """The text that was sealed for this context. Raises `SealRefused`, or `UnknownKey` when its key is gone."""
        return self._open(blob, context).decode()

    def seal_bytes(self, data: bytes, *, context: str) -> bytes:
        """Encrypt bytes as they are, for one place."""
        return self._seal(data, context)

    def open_bytes(self, blob: bytes, *, context: str) -> bytes:
        """The bytes that `seal_bytes` sealed for this context, one for one. Errors as `open`."""
        return self._open(blob, context)

    def seal_json(self, value: Mapping[str, Any], *, context: str) -> bytes:
        """Encrypt an object of text, whole numbers, booleans, nulls, lists and objects; else `TypeError`."""
        return self._seal(msgspec.json.encode(_checked(value)), context)

    def open_json(self, blob: bytes, *, context: str) -> dict[str, Any]:
        """The object that `seal_json` sealed for this context. Errors as `open`."""
        return msgspec.json.decode(self._open(blob, context), type=dict[str, Any])

    def digest(self, value: str, *, context: str = "") -> str:
        """HMAC-SHA256 in hex, for finding a sealed value by equality. A context keeps equal values of columns apart."""
        return hmac.new(self._digest_key, f"{context}\0{value}".encode(), hashlib.sha256).hexdigest()

    def needs_resealing(self, blob: bytes) -> bool:
        """Whether this value is sealed under another key than the current one."""
        return not blob.startswith(self._header)

    def _seal(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return self._header + nonce + self._current.encrypt(nonce, plain, self._header + context.encode())

    def _open(self, blob: bytes, context: str) -> bytes:
        blob = bytes(blob)
        if len(blob) < 2 or blob[0] != VERSION:
            raise SealRefused(f"what is stored for {context} is not a sealed value of this version")
        start = 2 + blob[1]
        if len(blob) < start + NONCE_BYTES + TAG_BYTES:
            raise SealRefused(f"the sealed value for {context} is cut short")
        cipher = self._ciphers.get(blob[2:start].decode("ascii", "replace"))
        if cipher is None:
            raise UnknownKey(f"the sealed value for {context} needs a key that the setting does not name")
        try:
            return cipher.decrypt(
                blob[start : start + NONCE_BYTES], blob[start + NONCE_BYTES :], blob[:start] + context.encode()
            )
        except InvalidTag:
            raise SealRefused(f"the sealed value for {context} was changed or belongs elsewhere") from None


def read_encryption_keys(keys: str, *, setting: str = "ENCRYPTION_KEYS") -> dict[str, bytes]:
    """The keys in `k1:<base64>,k0:<base64>` by key id, the current one first. Raises `StorageMisconfigured`."""
    found: dict[str, bytes] = {}
    for position, part in enumerate(keys.split(","), start=1):
        name, colon, encoded = part.strip().partition(":")
        if not colon:
            raise StorageMisconfigured(
                f"{setting}: entry {position} is not of the form name:base64key; separate several with commas"
            )
        if not (name.isascii() and name.isalnum() and len(name) <= KEY_ID_LENGTH):
            raise StorageMisconfigured(
                f"{setting}: the name of entry {position} must be 1 to {KEY_ID_LENGTH} letters and digits"
            )
        if name in found:
            raise StorageMisconfigured(f"{setting}: entry {position} repeats the name of an earlier key")
        found[name] = _key(encoded, f"{setting}: the key of entry {position}")
    return found


def read_digest_key(encoded: str, *, setting: str = "DIGEST_KEY") -> bytes:
    """A digest key from its base64. Raises `StorageMisconfigured`."""
    return _key(encoded, setting)


def _key(encoded: str, what: str) -> bytes:
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise StorageMisconfigured(f"{what} is not base64") from None
    if len(key) != KEY_BYTES:
        raise StorageMisconfigured(f"{what} must be {KEY_BYTES} bytes in base64 (openssl rand -base64 {KEY_BYTES})")
    return key


def _checked(value: object) -> object:
    match value:
        case None | bool() | str():
            return value
        case int():
            if not -LARGEST_INTEGER <= value < LARGEST_INTEGER:
                raise TypeError("a whole number in sealed JSON must fit in 64 bits; write larger ones as text")
            return value
        case list():
            return [_checked(item) for item in value]
        case Mapping():
            if not all(isinstance(name, str) for name in value):
                raise TypeError("names in sealed JSON must be text")
            return {name: _checked(item) for name, item in value.items()}
        case _:
            raise TypeError(f"{_JSON_HOLDS}; {type(value).__name__} is refused")
