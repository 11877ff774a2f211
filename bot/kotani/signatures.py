"""Whether a callback really comes from the provider (Kotani docs, webhooks: verifying signatures).

The header is `X-Kotani-Signature: sha256=<hex>`, an HMAC-SHA256 under the webhook secret over the text that
JavaScript's `JSON.stringify` gives for the body without its own `signature` member. The sender is JavaScript, so that
text already stands in the body: first the member is cut out of the received bytes, and only when that does not match
(something on the way has printed the body anew) it is rebuilt. Numbers are never rebuilt: their text is kept as it
was written.

The body's own `signature` is a copy and proves nothing; but a copy that says something else than the header is a sign
that the body was touched, and is refused.
"""

import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.kotani.javascript import AS_WRITTEN, stringify

Candidate = Literal["cut", "canon2", "canonN"]

_HEX: Final = re.compile(r"[0-9a-f]{64}")
_PREFIX: Final = "sha256="
_SPACE: Final = re.compile(r"[ \t\n\r]*")
# the usual end of a body; nothing before it is looked at, so it must be unmistakable wherever JSON ends in it
_TAIL: Final = re.compile(rb',"signature":"((?:sha256=)?[0-9a-f]{64})"\}\s*\Z')
_MOST_REREAD: Final = 64 * 1024  # bytes; taking a body apart is slow, and real ones have about one thousand


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the signature is right. `reason` is a word for counters; `candidate` is the text that matched."""

    genuine: bool
    reason: str
    candidate: Candidate | None = None


class Verifier:
    """Checks signatures under one or more secrets: two are valid at once while one replaces the other."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets or not all(secret.strip() for secret in secrets):
            raise ValueError("a webhook secret must not be empty")
        self._keys = tuple(secrets)

    def __repr__(self) -> str:
        return f"Verifier({len(self._keys)} secrets)"

    def verify(self, body: bytes, header: str | None) -> Verdict:
        """Hold a body against the header that came with it. Never raises for anything that can arrive."""
        if header is None or not header.strip():
            return Verdict(False, "missing")
        claimed = header.strip().lower().removeprefix(_PREFIX)
        if not _HEX.fullmatch(claimed):
            return Verdict(False, "malformed")
        tail = _TAIL.search(body, max(0, len(body) - 128))
        copied = tail is not None and _says(tail[1].decode(), claimed)
        if tail is not None and copied and self._matches(body[: tail.start()] + b"}", claimed):
            return Verdict(True, "genuine", "cut")
        if len(body) > _MOST_REREAD:
            return Verdict(False, "mismatch")
        try:
            for candidate, text in _candidates(body, claimed):
                if self._matches(text.encode(), claimed):
                    return Verdict(True, "genuine", candidate)
        except (ValueError, RecursionError):
            # UnicodeError included: text that is not UTF-8, or that has half a character in it
            return Verdict(False, "unreadable")
        return Verdict(False, "mismatch")

    def _matches(self, text: bytes, claimed: str) -> bool:
        found = False
        for key in self._keys:
            found |= hmac.compare_digest(hmac.digest(key, text, "sha256").hex(), claimed)
        return found


def verify(body: bytes, header: str | None, secrets: Sequence[bytes]) -> Verdict:
    """`Verifier(secrets).verify(body, header)`. Raises `ValueError` when there is no secret or an empty one."""
    return Verifier(secrets).verify(body, header)


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of the outermost object, and where it stands in the text: from its key's quote to its value's end."""

    name: str
    value: object
    start: int
    end: int


def _candidates(body: bytes, claimed: str) -> Iterator[tuple[Candidate, str]]:
    """The texts that the sender may have signed, the likeliest first. `ValueError` when the body is no JSON object."""
    text = body.decode()
    members = _members(text)
    values = {member.name: member.value for member in members}
    copies = [member for member in members if member.name == "signature"]
    copied = values.pop("signature", None)
    if len(copies) > 1 or (copies and not (isinstance(copied, str) and _says(copied, claimed))):
        return
    yield "cut", _without(text, members, copies[0]) if copies else text
    if "event" in values and "data" in values and (copies or len(values) == 2):
        yield "canon2", stringify({"event": values["event"], "data": values["data"]})
    yield "canonN", stringify(values)


def _says(copy: str, claimed: str) -> bool:
    return hmac.compare_digest(copy.removeprefix(_PREFIX).encode(), claimed.encode())


def _without(text: str, members: Sequence[_Member], gone: _Member) -> str:
    """The text with one member and one comma beside it cut out."""
    place = members.index(gone)
    if place > 0:
        return text[: members[place - 1].end] + text[gone.end :]
    if len(members) > 1:
        return text[: gone.start] + text[members[1].start :]
    return text[: gone.start] + text[gone.end :]


def _members(text: str) -> list[_Member]:
    """The members of the JSON object that is the text; `ValueError` when it is none."""
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError("not an object")
    members: list[_Member] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        if members:
            at = _skip(text, _past(text, at, ","))
        start = at
        if text[at : at + 1] != '"':
            raise ValueError("a name is expected")
        name, at = AS_WRITTEN.raw_decode(text, at)
        at = _skip(text, _past(text, _skip(text, at), ":"))
        value, at = AS_WRITTEN.raw_decode(text, at)
        members.append(_Member(name, value, start, at))
        at = _skip(text, at)
    if _skip(text, at + 1) != len(text):
        raise ValueError("something stands behind the object")
    return members


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _past(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise ValueError(f"{sign} is expected")
    return at + 1
