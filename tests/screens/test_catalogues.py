"""The catalogues against each other and against the program: nothing missing, nothing left over, nothing malformed."""

import ast
import functools
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from telegram.constants import CallbackQueryLimit

from bot.payments.addresses import AddressFault
from bot.payments.amounts import AmountFault
from bot.payments.limits import LimitFault
from bot.payments.lines import BuyLine, LineFault, LineProblem, SellLine, SendLine, read_line
from bot.payments.names import NameFault
from bot.payments.payment_uris import UriFault
from bot.payments.phones import PhoneFault
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.texts import LANGUAGES, LOCALES, PLACEHOLDER, catalogue_files, read_catalogue

ROOT = LOCALES.parent.parent
KEY = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9_]+)+")
EXAMPLE = re.compile(r"<code>([^<]*)</code>")
OTHERS = [language for language in LANGUAGES if language != "en"]


@functools.cache
def sentences(language: str) -> dict[str, tuple[str, ...]]:
    """Every key with its sentence, or its sentences for each plural form."""
    found: dict[str, tuple[str, ...]] = {}
    for path in catalogue_files(language):
        for message in read_catalogue(path):
            if not message.id:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            assert key not in found, f"{key} stands twice in {language}"
            assert not message.fuzzy, f"{key} is marked fuzzy in {language}"
            string: Any = message.string
            found[key] = (string,) if isinstance(string, str) else tuple(string)
    return found


ENGLISH = sentences("en")


@functools.cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    found = []
    for folder in ("bot", "handlers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "simulator" not in path.parts:
                found.append((path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def pattern_of(node: ast.JoinedStr) -> re.Pattern[str]:
    parts = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9_]+" for part in node.values)
    return re.compile("".join(parts))


def constants(node: ast.AST) -> Iterator[str]:
    """Every text constant below a node, but for the insides of f-strings and the names of formats."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from constants(child)


@functools.cache
def said(tree: ast.Module) -> tuple[tuple[str, bool], ...]:
    """The keys that a module says through `texts`, and whether it says them without markup."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = ast.unparse(node.func)
        if re.search(r"\btexts(\.plain|\.many|\.many_plain)?$", name):
            for text in constants(node.args[0]):
                if KEY.fullmatch(text):
                    found.append((text, name.endswith("plain")))
    return tuple(found)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    theirs = sentences(language)
    assert set(theirs) == set(ENGLISH)
    for key, english in ENGLISH.items():
        assert all(theirs[key]), f"{key} is empty"
        assert len(theirs[key]) == len(english), f"{key}: plural forms"
        assert values_of(theirs[key]) == values_of(english), f"{key}: placeholders"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_well_formed(language: str, read: Callable[[str], object]) -> None:
    for key, forms in sentences(language).items():
        assert KEY.fullmatch(key), key
        for form in forms:
            filled = PLACEHOLDER.sub("x", form)
            assert not {"{", "}"} & set(filled), f"{key}: a brace that is no placeholder"
            assert not re.search(r"<[^>]*\{", form), f"{key}: a value inside a tag"
            assert form == form.strip(), f"{key}: spaces around"
            assert "..." not in form, f"{key}: three points for an ellipsis"
            try:
                read(filled)
            except AssertionError as error:
                raise AssertionError(f"{key} in {language}: {error}") from error


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_sentences_have_no_markup(language: str) -> None:
    ours = sentences(language)
    for path, tree in trees():
        for key, plain in said(tree):
            if plain and key in ours:
                assert not any({"<", "&"} & set(form) for form in ours[key]), f"{key}, said plainly in {path}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_to_taps_fit_into_a_pop_up(language: str) -> None:
    ours, found = sentences(language), 0
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("answer_tap"):
                for key in filter(KEY.fullmatch, constants(node.args[0])):
                    (sentence,) = ours[key]
                    assert len(sentence) <= CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH, key
                    assert not {"<", "&"} & set(sentence), key
                    found += 1
    assert found > 3


@pytest.mark.parametrize(
    ("language", "buy", "sell", "send"),
    [("en", "buy", "sell", "send"), ("sw", "nunua", "uza", "tuma"), ("fr", "acheter", "vendre", "envoyer")],
)
def test_every_example_of_a_line_is_understood_as_it_stands(language: str, buy: str, sell: str, send: str) -> None:
    ours = sentences(language)
    examples = [example for forms in ours.values() for form in forms for example in re.findall(EXAMPLE, form)]
    lines = [line for line in [*examples, *ours["menu.placeholder"]] if line.split()[0] in {buy, sell, send}]
    assert {line.split()[0] for line in lines} == {buy, sell, send}
    for said in lines:
        # with the values of any one country: those of all are tried in test_small_screens
        line = said.replace("{amount}", "500").replace("{currency}", "kes").replace("{phone}", "0712 345 678")
        read = read_line(line)
        assert not isinstance(read, LineProblem), line
        assert read is not None, line
        assert (read.unclear, read.corrected) == ((), False), line
        if isinstance(read, SendLine):
            assert (read.amount, read.currency, read.party is not None) == (500, "KES", True), line
        else:
            assert isinstance(read, BuyLine if line.startswith(buy) else SellLine), line
            assert (read.token, read.amount) == ("USDC", 20), line
            assert (read.chain == "BASE") == ("base" in line), line


def test_every_key_that_is_said_exists() -> None:
    missing = {(key, str(path)) for path, tree in trees() for key, _ in said(tree) if key not in ENGLISH}
    assert not missing


def test_every_key_that_stands_in_the_program_exists() -> None:
    spaces = {key.split(".")[0] for key in ENGLISH}
    missing = set()
    for path, tree in trees():
        # the engine and the client use such names for other things as well: there only what is surely a text key
        everything = path.parts[0] == "handlers" or path.parts[1] in {"screens", "payments", "telegram"}
        found = set(constants(tree)) if everything else {*text_keys(tree), *reasons(tree)}
        missing |= {
            (text, str(path))
            for text in found
            if KEY.fullmatch(text)
            and text.split(".")[0] in spaces
            and text not in ENGLISH
            and not text.endswith((".py", ".png"))
        }
    assert not missing


def text_keys(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(ast.unparse(target).endswith("text_key") for target in targets):
                yield from constants(node.value)


def reasons(tree: ast.Module) -> Iterator[str]:
    return (text for text in constants(tree) if text.startswith("reason."))


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ("phone", PhoneFault),
        ("amount", AmountFault),
        ("address", AddressFault),
        ("limit", LimitFault),
        ("line", frozenset(LineFault) - {LineFault.AMOUNT}),  # an amount explains itself
        ("name", NameFault),
        ("history.state", PaymentState),
        ("help.state", PaymentState),
        ("outcome.title", PAYMENT_TERMINAL | {PaymentState.REFUNDING}),
        *((f"{kind}.{part}", PaymentState) for kind in ("sell", "send") for part in ("state", "help")),
        *((f"{kind}.title", PAYMENT_TERMINAL | {PaymentState.REFUNDING}) for kind in ("sell", "send")),
        ("uri", UriFault),
    ],
)
def test_every_word_of_an_enum_has_its_sentence(space: str, words: type[StrEnum] | frozenset[StrEnum]) -> None:
    assert not {f"{space}.{word}" for word in words} - set(ENGLISH)


def test_no_key_is_left_over() -> None:
    used: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for _, tree in trees():
        used.update(constants(tree))
        patterns += [pattern_of(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    patterns = [pattern for pattern in patterns if re.match(r"[a-z]+\\\.", pattern.pattern)]
    unused = {key for key in ENGLISH if key not in used and not any(pattern.fullmatch(key) for pattern in patterns)}
    assert not unused


def test_every_language_has_its_glossary() -> None:
    for language in LANGUAGES:
        assert (LOCALES / language / "GLOSSARY.md").read_text(encoding="utf-8").count("\n|") > 20


def values_of(forms: tuple[str, ...]) -> set[str]:
    return {name for form in forms for name in PLACEHOLDER.findall(form)}
