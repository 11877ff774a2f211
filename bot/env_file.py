"""A `.env` file as numbered lines, those that cannot be read among them: a setting that is lost must not be overlooked.

The content of a line that cannot be read is never kept: it may be a secret that lost its name.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream

_NAME: Final = re.compile("[A-Za-z_]{2,40}")


class UnreadableFile(ValueError):
    """The file is not text. The message is for the operator."""


@dataclass(frozen=True, slots=True)
class Line:
    """One setting of the file, at `place` ("`.env`, line 3"). Without a name it is a line that sets nothing."""

    place: str
    name: str
    value: str = field(repr=False)

    @property
    def readable(self) -> bool:
        """Whether it sets something."""
        return bool(self.name)


def lines_of(path: Path) -> Sequence[Line]:
    """What the file says, nothing when there is none. Raises `UnreadableFile`.

    Values are taken as they stand: a secret may contain `${`.
    """
    if not path.is_file():
        return []
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UnreadableFile(f"{path}: cannot be read as UTF-8 text") from None
    found = (one for one in parse_stream(io.StringIO(text)) if one.error or one.key is not None)  # or it is a remark
    return [_line(path, one) for one in found]


def _line(path: Path, found: Binding) -> Line:
    before = found.original.string
    empty = before[: len(before) - len(before.lstrip())].count("\n")  # the parser counts from the empty lines before it
    place = f"{path}, line {found.original.line + empty}"
    if found.error or found.key is None or not _NAME.fullmatch(found.key):
        return Line(place, "", "")
    return Line(place, found.key, found.value or "")
