"""Every text that a check can say is there, with all that stands in its braces."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import checks
from bot.checks.walk import CHECKS
from bot.screens.texts import LANGUAGES, PLACEHOLDER, catalogue

SAYING = {"well", "doubtful", "wrong", "said"}
TEXTS = catalogue("en")


def said() -> Iterator[tuple[str, list[str], set[str] | None]]:
    """The name of a finding, its keys, and the values that are given by name; None where they are not seen."""
    for path in sorted(Path(checks.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
                words = [one.value for one in node.args if isinstance(one, ast.Constant)]
                if words and len(words) == len(node.args):
                    given = {one.arg for one in node.keywords if one.arg}
                    yield words[0], words[1:], None if any(one.arg is None for one in node.keywords) else given


def test_what_checks_say_is_in_the_catalogue_with_its_values() -> None:
    found = list(said())
    assert len(found) > 60
    for name, keys, given in found:
        assert f"check.name.{name}" in TEXTS, name
        for key in keys:
            assert key in TEXTS, key
            if given is not None:
                assert set(PLACEHOLDER.findall(TEXTS._sentence(key))) <= given, key


def test_every_check_has_a_name() -> None:
    assert [name for name, _ in CHECKS if f"check.name.{name}" not in TEXTS] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["check.secret_unset_do", "check.secret_set_do"])
def test_what_a_button_does_names_it_by_its_label(language: str, key: str) -> None:
    texts = catalogue(language)
    assert f"[{texts.plain('check.button_set_webhook')}]" in texts.plain(key)
