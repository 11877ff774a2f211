"""Names of account holders, as they are typed: letters of any script, kept as written but for odd spaces."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.payments.typed_text import reorders_text

LEAST_LETTERS: Final = 3
LONGEST_NAME: Final = 60
LONGEST_LABEL: Final = 30
_BETWEEN: Final = frozenset(" .'’ʼ-‐")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\u2066-\u2069\ufeff]")


class NameFault(StrEnum):
    """Why a text is not taken for a name."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_A_NAME = "not_a_name"


@dataclass(frozen=True, slots=True)
class NameProblem:
    """Why a name was refused."""

    fault: NameFault

    @property
    def text_key(self) -> str:
        """The key of the sentence that asks again."""
        return f"name.{self.fault}"


def read_name(text: str) -> str | NameProblem:
    """The name in `text` with single spaces, or the reason why not. Never raises."""
    if reorders_text(text) or len(text) > 10 * LONGEST_NAME:
        return NameProblem(NameFault.NOT_A_NAME if reorders_text(text) else NameFault.TOO_LONG)
    name = " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())
    letters = sum(unicodedata.category(char).startswith("L") for char in name)
    if any(not _belongs(char) for char in name) or (letters == 0 and name):
        return NameProblem(NameFault.NOT_A_NAME)
    if len(name) > LONGEST_NAME:
        return NameProblem(NameFault.TOO_LONG)
    return name if letters >= LEAST_LETTERS else NameProblem(NameFault.TOO_SHORT)


def usable_name(text: str) -> str | None:
    """A name out of somebody's address book ("Mary 🌸 shop 2"): what of it can be a name ("Mary shop"); None if too little."""
    kept = "".join(char if _belongs(char) else " " for char in text[: 2 * LONGEST_NAME])
    name = read_name(" ".join(kept.split())[:LONGEST_NAME].strip())
    return None if isinstance(name, NameProblem) else name


def read_label(text: str) -> str | NameProblem:
    """What a customer wants to call something of theirs: as a name, but short ones and digits will do ("Jo", "Shop 2")."""
    if reorders_text(text) or len(text) > 10 * LONGEST_NAME:
        return NameProblem(NameFault.NOT_A_NAME if reorders_text(text) else NameFault.TOO_LONG)
    label = " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())
    kinds = [unicodedata.category(char) for char in label]
    allowed = all(_belongs(char) or kind == "Nd" for char, kind in zip(label, kinds, strict=True))
    if not allowed or not any(kind.startswith("L") for kind in kinds):
        return NameProblem(NameFault.NOT_A_NAME)
    return label if len(label) <= LONGEST_LABEL else NameProblem(NameFault.TOO_LONG)


def _belongs(char: str) -> bool:
    return char in _BETWEEN or unicodedata.category(char)[0] in {"L", "M"}
