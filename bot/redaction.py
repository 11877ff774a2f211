"""Takes out of a text what nobody may read in a log: secrets by what they are, personal data by its form.

One scan over the text, alternatives in order. First come forms that are known to be harmless and would otherwise look
like a phone number (times, ids, internet addresses); then those that are masked. Too much is masked rather than too
little: a wrongly masked figure costs a moment, a shown phone number is somebody's.
"""

import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

STARS: Final = "***"
_LEAST_LITERAL: Final = 6  # shorter texts stand in ordinary words

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_KEPT: Final = (
    r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?"  # times
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?![0-9])",
    r"(?<![0-9a-f])(?=[0-9]*[a-f])[0-9a-f]{32}(?![0-9A-Za-z])",  # ids of rows
    r"(?<![0-9a-f])(?=[0-9]*[a-f])[0-9a-f]{24}(?![0-9A-Za-z])",  # ids of the provider's
    r"(?<![0-9a-fA-F-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z-])",  # UUIDs
    r"(?<![0-9A-Za-z])bot-[0-9A-HJKMNP-TV-Z]{26}(?![0-9A-Za-z])",  # references of ours
    rf"(?<![0-9.])(?:{_OCTET}\.){{3}}{_OCTET}(?::[0-9]{{1,5}})?(?![0-9.])",  # internet addresses
    r"\bupdate(?:_id)?['\"]?(?:=|: ?)[0-9]{1,12}\b",
    r"(?<![0-9.])0\.[0-9]+(?!\.?[0-9])",
)
_COLOUR = r"(?:\x1b\[[0-9;]*m)*"
_NAMES = (
    r"(?:_token|secret|password|api_?key|signature|nonce|digest_?key|encryption_?keys"
    r"|(?:phone|msisdn|id|account|iban)_?(?:number|name|no)|phone|msisdn|iban|e164"
    r"|(?:first|last|full|middle|customer|holder)_?name|receiver_?address|wallet_?address)"
)
_PRIVATE: Final = re.compile(rf"(?i:{_NAMES})\Z")
_MASKED: Final = {
    "bot": r"(?<![0-9])[0-9]{3,20}(?::|%3[aA])[A-Za-z0-9_-]{20,}",
    "botpath": r"(?<=/bot)[0-9][^/\s\"']*",
    "bearer": r"(?i:(?<=bearer )|(?<=bearer\t)|(?<=basic ))[^\s\"',;]+",
    "header": r"(?i:(?P<header_name>authorization|x-[a-z-]{0,60}(?:signature|secret|token|nonce)[a-z-]{0,60})"
    r"['\"]?\s*[:=,]\s*b?['\"]?)(?:(?i:bearer|basic)\s+)?[^\s'\",]+",
    "user": r"(?<=://)[^\s:/@]{0,200}:[^\s@]{1,500}(?=@)",
    "callback": r"(?<=/kotani/callbacks/)[^\s/?#\"'<>]+",
    "named": rf"(?i:(?P<name>{_NAMES})"
    rf"(?P<mark>['\"]?{_COLOUR}\s*(?:=>|[:=])\s*{_COLOUR}(?:SecretStr\()?b?))"
    r"(?:'[^'\n]*'|\"[^\"\n]*\"|[^\s'\",;&)}\]\x1b]+)",
    "token": r"(?i:(?P<token_name>token)(?P<token_mark>['\"]?\s*[:=]\s*['\"]?))[A-Za-z0-9_-]{16,}",
    "hedera": r"(?<![0-9.])0\.0\.[0-9]{3,}",
    "hex": r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{40,}",
    "bitcoin": r"(?<![0-9A-Za-z])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc|tb|bcrt|addr|addr_test|lnbc)1?[0-9a-z]{20,})",
    "long": r"(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])[0-9A-Za-z]{32,}",  # other addresses, hashes, keys
    "digits": r"\(?\+?(?<!\d)\d(?:[ \u00a0.()\u2010\u2011/-]{0,2}\d){8,}",
}
_FORMS: Final = re.compile(
    "(?P<kept>" + "|".join(_KEPT) + ")|" + "|".join(f"(?P<{name}>{form})" for name, form in _MASKED.items())
)


class Redactor:
    """Redacts texts. More secrets may be added while it is in use."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._literals: re.Pattern[str] | None = None
        self.add(secrets)

    def __repr__(self) -> str:
        return "Redactor(***)"

    def add(self, secrets: Iterable[str]) -> None:
        """Never show these texts again, as they are or as they look inside JSON, a Python literal or a web address."""
        self._secrets = self._secrets | {form for secret in secrets for form in _spellings(secret)}
        longest_first = sorted(self._secrets, key=lambda secret: (-len(secret), secret))
        self._literals = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    @staticmethod
    def hides(name: str) -> bool:
        """Whether a field of this name is never shown, whatever is in it."""
        return _PRIVATE.search(name) is not None

    def __call__(self, text: str) -> str:
        """`text` as it may be shown to anybody."""
        if self._literals is not None:
            text = self._literals.sub(STARS, text)
        return _FORMS.sub(_shown, text)


def _spellings(secret: str) -> set[str]:
    if len(secret) < _LEAST_LITERAL:
        return set()
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
    }


def _shown(match: re.Match[str]) -> str:
    text = match.group()
    match match.lastgroup:
        case "kept":
            return text
        case "named":
            quoted = text[-1] if text[-1] in "'\"" else ""
            return f"{match['name']}{match['mark']}{quoted}{STARS}{quoted}"
        case "token":
            return f"{match['token_name']}{match['token_mark']}{STARS}"
        case "header":
            return f"{match['header_name']}: {STARS}"
        case "hex" | "bitcoin" | "long":
            return f"{text[:6]}…{text[-4:]}"
        case "digits":
            digits = "".join(char for char in text if char.isdigit())
            return f"•••{digits[-3:]}"
        case _:
            return STARS
