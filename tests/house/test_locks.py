"""The lock files fit pyproject.toml, each other, and what is installed; without asking a registry."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ASKED = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
}
LOCKS = pytest.mark.parametrize("name", ASKED)


def _pins(name: str) -> dict[str, Requirement]:
    lines = [line.rstrip(" \\") for line in (ROOT / name).read_text().splitlines() if re.match(r"\w", line)]
    pins = [Requirement(line) for line in lines]
    return {canonicalize_name(pin.name): pin for pin in pins if pin.marker is None or pin.marker.evaluate()}


@LOCKS
def test_every_entry_is_one_version_with_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=sha256:[0-9a-f]{64}( \\)?$)", text, re.MULTILINE)
    entries = re.split(r"\n(?=\w)", text.strip())
    assert all(re.match(r"\S+==\S+( ; .+)? \\\n    --hash=sha256:", entry) for entry in entries)


@LOCKS
def test_what_is_asked_for_is_locked_in_a_version_that_fits(name: str) -> None:
    pins = _pins(name)
    for asked in map(Requirement, ASKED[name]):
        if asked.marker is not None and not asked.marker.evaluate():
            continue
        (pin,) = pins[canonicalize_name(asked.name)].specifier
        assert asked.specifier.contains(pin.version), asked.name


@LOCKS
def test_the_lock_has_what_is_needed_and_nothing_else(name: str) -> None:
    needed: set[str] = set()
    for asked in map(Requirement, ASKED[name]):
        _collect(asked, frozenset(), needed)
    assert needed == set(_pins(name))


def test_both_files_lock_the_same_versions() -> None:
    run, dev = (_pins(name) for name in ASKED)
    assert {name: pin.specifier for name, pin in run.items()}.items() <= {
        name: pin.specifier for name, pin in dev.items()
    }.items()


def test_what_is_installed_is_what_is_locked() -> None:
    for name, pin in _pins("requirements-dev.lock").items():
        assert pin.specifier.contains(metadata.version(name)), name


def _collect(asked: Requirement, extras: frozenset[str], needed: set[str]) -> None:
    """Add the name and, through the installed metadata, everything that it needs here."""
    if asked.marker is not None and not any(asked.marker.evaluate({"extra": extra}) for extra in extras or {""}):
        return
    name = canonicalize_name(asked.name)
    if name in needed and not asked.extras:
        return
    needed.add(name)
    for requirement in metadata.requires(name) or ():
        _collect(Requirement(requirement), frozenset(asked.extras), needed)
