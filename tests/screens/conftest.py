"""Reading a message as Telegram would: its HTML dialect, strictly, into the text that people see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from bot.screens.texts import LANGUAGES, Texts, catalogue

# the tags that we use, of those that Telegram knows (Bot API, HTML style)
_ALLOWED = {"b": set(), "i": set(), "u": set(), "code": set(), "blockquote": set(), "tg-time": {"unix", "format"}}


@dataclass
class Seen:
    """What is displayed, and the markup around it in order of appearance."""

    text: str = ""
    tags: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.seen = Seen()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ALLOWED, f"<{tag}> is no tag of ours"
        assert {name for name, _ in attrs} == _ALLOWED[tag], f"attributes of <{tag}>"
        assert "code" not in self.open, "code holds no other markup"
        self.open.append(tag)
        self.seen.tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise AssertionError(f"<{tag}/> is not known to Telegram")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        assert "<" not in data
        assert "&" not in data
        self.seen.text += data

    def handle_entityref(self, name: str) -> None:
        assert name in {"lt", "gt", "amp", "quot"}
        self.seen.text += {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[name]

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment is not known to Telegram")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration is not known to Telegram")

    def handle_charref(self, name: str) -> None:
        raise AssertionError("nothing of ours needs this")


@pytest.fixture
def read() -> Callable[[str], Seen]:
    """A function that reads a message's HTML; it fails where Telegram would refuse the message."""

    def read_html(text: str) -> Seen:
        reader = _Reader()
        reader.feed(text)
        reader.close()
        assert not reader.open, f"never closed: {reader.open}"
        return reader.seen

    return read_html


@pytest.fixture(params=LANGUAGES)
def texts(request: pytest.FixtureRequest) -> Texts:
    """The texts of every language, one after the other."""
    return catalogue(request.param)


@pytest.fixture
def english() -> Texts:
    return catalogue("en")
