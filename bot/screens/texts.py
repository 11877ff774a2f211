"""Every sentence that people read, by key and language, from the gettext catalogues under `bot/locales`.

The files are compiled in memory when this module is imported and never change afterwards. A key is an identifier such
as "review.title" (in the file: the msgid), its sentence is Telegram HTML with named placeholders: `{amount}`. A
language that lacks a key borrows the English sentence; a key that English lacks is an error of the program.
"""

import gc
import gettext
import io
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.screens.foreign import Html, cleaned, escaped, exact, quoted

__all__ = ["LANGUAGES", "LANGUAGE_NAMES", "Html", "Texts", "UnknownTextError", "catalogue", "escaped", "quoted"]

LOCALES: Final = Path(__file__).resolve().parent.parent / "locales"
FALLBACK: Final = "en"
# every language in its own words; the order is the one in which they are offered
LANGUAGE_NAMES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "sw": "Kiswahili", "fr": "Français"})
LANGUAGES: Final = tuple(LANGUAGE_NAMES)
PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class UnknownTextError(KeyError):
    """A key that stands in no English catalogue."""


class Texts:
    """The catalogue of one language. Immutable; made once per language."""

    __slots__ = ("_spare", "_translations", "language")

    def __init__(self, language: str, translations: gettext.NullTranslations, spare: "Texts | None") -> None:
        self.language = language
        self._translations = translations
        self._spare = spare

    def __call__(self, key: str, **values: object) -> Html:
        """The sentence as Telegram HTML. Every value is made harmless unless it is `Html`; in `<code>` it stays exact.

        Raises `UnknownTextError` for an unknown key and `KeyError` for a placeholder without a value.
        """
        return Html(_marked_up(self._sentence(key), values))

    def plain(self, key: str, **values: object) -> str:
        """The sentence for places without markup: buttons, menu, pictures."""
        return _filled(self._sentence(key), _shown(values))

    def many(self, key: str, count: int, **values: object) -> Html:
        """The sentence in the plural form that `count` needs; `{count}` is filled in. Otherwise like a call."""
        return Html(_marked_up(self._sentence(key, count), {"count": str(count), **values}))

    def many_plain(self, key: str, count: int, **values: object) -> str:
        """`many` for places without markup."""
        return _filled(self._sentence(key, count), {"count": str(count), **_shown(values)})

    def __contains__(self, key: str) -> bool:
        """True when `key` can be said, in this language or in English."""
        return self._says(key) or (self._spare is not None and key in self._spare)

    def _says(self, key: str) -> bool:
        return self._translations.gettext(key) != key

    def _sentence(self, key: str, count: int | None = None) -> str:
        if not self._says(key):
            if self._spare is None:
                raise UnknownTextError(key)
            return self._spare._sentence(key, count)
        if count is None:
            return self._translations.gettext(key)
        return self._translations.ngettext(key, key, count)


def catalogue(language: str | None) -> Texts:
    """The texts of a language code as Telegram sends it ("sw", "fr-CA"); English for one that we do not speak."""
    return _CATALOGUES.get((language or FALLBACK).replace("_", "-").split("-")[0].lower(), _CATALOGUES[FALLBACK])


def catalogue_files(language: str) -> tuple[Path, ...]:
    """The files that a language's catalogue is made of."""
    return tuple(sorted((LOCALES / language).glob("*.po")))


def read_catalogue(path: Path) -> Catalog:
    """One catalogue file. Raises `PoFileError` for a broken one."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def _compiled(language: str) -> bytes:
    """All files of a language as one file for machines, without what is not translated."""
    whole = Catalog(locale=language)
    for path in catalogue_files(language):
        for message in read_catalogue(path):
            if message.id and _is_translated(message.string):
                whole.add(message.id, message.string, flags=message.flags)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    return compiled.getvalue()


def _is_translated(msgstr: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(msgstr) if isinstance(msgstr, str) else bool(msgstr) and all(msgstr or ())


def _shown(values: Mapping[str, object]) -> dict[str, str]:
    for value in values.values():
        if isinstance(value, Html | float):
            raise TypeError("plain text takes neither markup nor floats")
    return {name: cleaned(str(value)) for name, value in values.items()}


def _marked_up(sentence: str, values: Mapping[str, object]) -> str:
    harmless = {name: escaped(value) for name, value in values.items()}

    def value(found: re.Match[str]) -> str:
        before = sentence[: found.start()]
        copied = before.count("<code>") > before.count("</code>")
        return exact(values[found[1]]) if copied else harmless[found[1]]

    return PLACEHOLDER.sub(value, sentence)


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values[found[1]], sentence)


def _all_loaded() -> Mapping[str, Texts]:
    # sentences are unpacked when all that reading them took is gone: between them it would keep three times their memory
    compiled = {language: _compiled(language) for language in dict.fromkeys((FALLBACK, *LANGUAGES))}
    gc.collect()
    loaded: dict[str, Texts] = {}
    for language, content in compiled.items():
        loaded[language] = Texts(language, gettext.GNUTranslations(io.BytesIO(content)), loaded.get(FALLBACK))
    return MappingProxyType(loaded)


_CATALOGUES: Final = _all_loaded()
