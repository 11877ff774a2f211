"""Signing our own requests, for accounts in secure mode (Kotani docs, request signing).

Signed is `{timestamp}.{nonce}.{what}`: for POST, PUT and PATCH `what` is the compact JSON of the body, which is
exactly the bytes that are sent; for GET it is the last segment of the path, as it stands in the request line. The
documentation does not say how DELETE is signed, and no call here uses it.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Signer:
    """Signs with the API secret. Every call of `headers` makes a new nonce, for the provider accepts each only once."""

    def __init__(self, secret: str, clock: Callable[[], datetime], new_nonce: Callable[[], str] = lambda: str(uuid4())):
        if not secret.strip():
            raise ValueError("an API secret must not be empty")
        self._secret = secret.encode()
        self._clock = clock
        self._new_nonce = new_nonce

    def __repr__(self) -> str:
        return "Signer()"

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """The three headers for one request; `path` as sent, query and all."""
        timestamp, nonce = str(int(self._clock().timestamp())), self._new_nonce()
        what = body if method in _WITH_BODY else path.partition("?")[0].rpartition("/")[2].encode()
        signed = f"{timestamp}.{nonce}.".encode() + what
        return {
            "x-timestamp": timestamp,
            "x-nonce": nonce,
            "x-signature": hmac.new(self._secret, signed, hashlib.sha256).hexdigest(),
        }
