"""Reading Telegram HTML as strictly as Telegram does, with its own error texts.

Only the tags below exist, every tag must be closed by itself, and `&lt; &gt; &amp; &quot;` and numbers are the only
character references; others stay as they are. Offsets in error texts count bytes, as Telegram's do. The wording of the
complaints about `<tg-time>` is ours: Telegram does not publish them.
"""

import re
from dataclasses import dataclass, field
from typing import NoReturn

from bot.simulator.telegram.entities import Entity, units
from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.links import wrong_url

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
    "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}  # fmt: skip
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(lt|gt|amp|quot));?")
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
_SPACE = " \t\r\n\v\f"
_NAME_END = set(_SPACE + ">=")


@dataclass(slots=True)
class _Open:
    tag: str
    at: int
    offset: int
    attributes: dict[str, str] = field(default_factory=dict)


def read_html(text: str) -> tuple[str, list[Entity]]:
    """A text and its entities. Raises `BadRequest` in Telegram's words."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._pieces: list[str] = []
        self._units = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while self._at < len(self._text):
            match self._text[self._at]:
                case "&":
                    self._put(self._reference())
                case "<" if self._text.startswith("</", self._at):
                    self._close()
                case "<":
                    self._start()
                case letter:
                    self._put(letter)
                    self._at += 1
        if self._open:
            _refuse(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        return "".join(self._pieces), self._entities

    def _put(self, text: str) -> None:
        self._pieces.append(text)
        self._units += units(text)

    def _reference(self) -> str:
        found = _REFERENCE.match(self._text, self._at)
        if found is None:
            self._at += 1
            return "&"
        self._at = found.end()
        sixteen, ten, name = found.groups()
        if name:
            return _NAMED[name]
        number = int(sixteen, 16) if sixteen else int(ten)
        known = 0 < number < 0x110000 and not 0xD800 <= number < 0xE000
        return chr(number) if known else found.group()

    def _start(self) -> None:
        begin = self._at
        end = self._at
        while end < len(self._text) and self._text[end] not in _SPACE and self._text[end] != ">":
            end += 1
        if end == len(self._text):
            _refuse(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        tag = self._text[begin + 1 : end].lower()
        if tag not in _KINDS:
            _refuse(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        self._at = end
        opened = _Open(tag, begin, self._units)
        while self._text[self._at] != ">":
            self._attribute(opened)
        self._at += 1
        if tag == "span" and opened.attributes.get("class") != "tg-spoiler":
            _refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}')
        self._open.append(opened)

    def _attribute(self, opened: _Open) -> None:
        where = f'the tag "{opened.tag}" at byte offset {self._bytes(opened.at)}'
        self._skip_space(opened)
        if self._text[self._at] == ">":
            return
        begin = self._at
        while self._at < len(self._text) and self._text[self._at] not in _NAME_END:
            self._at += 1
        name = self._text[begin : self._at].lower()
        if not name:
            _refuse(f"Empty attribute name in {where}")
        self._skip_space(opened)
        if self._text[self._at] != "=":
            if opened.tag == "blockquote" and name == "expandable":
                opened.attributes[name] = ""
                return
            _refuse(f"Expected equal sign in declaration of an attribute of {where}")
        self._at += 1
        self._skip_space(opened)
        opened.attributes[name] = self._value(opened)

    def _value(self, opened: _Open) -> str:
        quote = self._text[self._at]
        pieces: list[str] = []
        if quote in "'\"":
            self._at += 1
            ends = {quote}
        else:
            ends = set(_SPACE + ">")
        while self._at < len(self._text) and self._text[self._at] not in ends:
            if self._text[self._at] == "&":
                pieces.append(self._reference())
            else:
                pieces.append(self._text[self._at])
                self._at += 1
        if quote in "'\"":
            self._at += 1
        if self._at >= len(self._text):
            _refuse(f"Unclosed start tag at byte offset {self._bytes(opened.at)}")
        return "".join(pieces)

    def _skip_space(self, opened: _Open) -> None:
        while self._at < len(self._text) and self._text[self._at] in _SPACE:
            self._at += 1
        if self._at >= len(self._text):
            _refuse(f'Unclosed start tag "{opened.tag}" at byte offset {self._bytes(opened.at)}')

    def _close(self) -> None:
        begin = self._at
        if not self._open:
            _refuse(f"Unexpected end tag at byte offset {self._bytes(begin)}")
        end = self._text.find(">", begin)
        if end < 0:
            _refuse(f"Unclosed end tag at byte offset {self._bytes(begin)}")
        name = self._text[begin + 2 : end].strip(_SPACE)
        opened = self._open.pop()
        if name and name.lower() != opened.tag:
            _refuse(
                f'Unmatched end tag at byte offset {self._bytes(begin)}, expected "</{opened.tag}>", found "</{name}>"'
            )
        self._at = end + 1
        self._keep(opened)

    def _keep(self, opened: _Open) -> None:
        length = self._units - opened.offset
        outside = {around.tag for around in self._open}
        if opened.tag == "code" and self._open and self._open[-1].tag == "pre":
            language = opened.attributes.get("class", "")
            if language.startswith("language-") and length:
                self._open[-1].attributes["language"] = language.removeprefix("language-")
            return
        nested_quote = opened.tag == "blockquote" and "blockquote" in outside
        if length and not outside & {"code", "pre"} and not nested_quote:
            details = self._details(opened)
            if opened.tag == "a" and wrong_url(str(details["url"])):
                return  # Telegram shows the words of a bad link without the link
            self._entities.append({"type": _KINDS[opened.tag], "offset": opened.offset, "length": length} | details)

    def _details(self, opened: _Open) -> Entity:
        given, where = opened.attributes, f"at byte offset {self._bytes(opened.at)}"
        match opened.tag:
            case "a":
                inside = "".join(self._pieces).encode("utf-16-le")[opened.offset * 2 :].decode("utf-16-le")
                return {"url": given.get("href") or inside}
            case "pre" if "language" in given:
                return {"language": given["language"]}
            case "blockquote" if "expandable" in given:
                return {"type": "expandable_blockquote"}
            case "tg-emoji":
                if not given.get("emoji-id", "").isdecimal():
                    _refuse("Invalid custom emoji identifier specified")
                return {"custom_emoji_id": given["emoji-id"]}
            case "tg-time":
                unix, form = given.get("unix", ""), given.get("format", "")
                if not (unix.isascii() and unix.isdecimal()) or int(unix) > 0x7FFFFFFF:
                    _refuse(f'Invalid Unix time in the tag "tg-time" {where}')
                if not _TIME_FORMAT.fullmatch(form):
                    _refuse(f'Invalid format in the tag "tg-time" {where}')
                return {"unix_time": int(unix)} | ({"date_time_format": form} if form else {})
            case _:
                return {}

    def _bytes(self, place: int) -> int:
        return len(self._text[:place].encode())


def _refuse(text: str) -> NoReturn:
    raise BadRequest(f"can't parse entities: {text}")
