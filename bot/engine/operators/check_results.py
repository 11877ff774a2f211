"""What a check of the installation found: how it is, what was seen, and what to do about it. Texts are named, not said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Verdict(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `name` is a word of the program's, such as "wallets".

    `seen` and `todo` are keys of the catalogue, both filled in from `values`. No value is a secret.
    """

    name: str
    verdict: Verdict
    seen: str
    todo: str | None = None
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def well(name: str, seen: str, todo: str | None = None, **values: object) -> Finding:
    """It is as it should be; a `todo` is then a hint."""
    return _finding(name, Verdict.OK, seen, todo, values)


def doubtful(name: str, seen: str, todo: str, **values: object) -> Finding:
    """It works, or it could not be found out; somebody should look."""
    return _finding(name, Verdict.WARNING, seen, todo, values)


def wrong(name: str, seen: str, todo: str, **values: object) -> Finding:
    """It cannot work so."""
    return _finding(name, Verdict.FAULT, seen, todo, values)


def worst(findings: tuple[Finding, ...]) -> Verdict:
    """How everything is together."""
    found = {one.verdict for one in findings}
    return next((verdict for verdict in (Verdict.FAULT, Verdict.WARNING) if verdict in found), Verdict.OK)


def _finding(name: str, verdict: Verdict, seen: str, todo: str | None, values: Mapping[str, object]) -> Finding:
    return Finding(name, verdict, seen, todo, MappingProxyType({key: str(value) for key, value in values.items()}))
