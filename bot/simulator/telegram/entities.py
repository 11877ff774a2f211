"""Lengths, cleaning and rendering of texts with entities; places are counted in UTF-16 code units, as Telegram does."""

import re
from html import escape
from itertools import pairwise

Entity = dict[str, object]

_REMOVED = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
_BLANKED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FOUND = (
    ("url", re.compile(r"\bhttps?://[^\s<>\"]+[^\s<>\".,;:!?)]")),
    ("bot_command", re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w/])@[A-Za-z][A-Za-z0-9_]{3,31}\b")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
)
_TAGS = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "tg-spoiler", "code": "code"}


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def cleaned(text: str) -> str:
    """A text without the characters that Telegram drops, control characters as spaces."""
    return _BLANKED.sub(" ", _REMOVED.sub("", text))


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """A text without white space around it; entities move along, and those that became empty go."""
    inner = text.strip()
    lead = units(text[: len(text) - len(text.lstrip())]) if inner else 0
    size = units(inner)
    kept: list[Entity] = []
    for entity in entities:
        start = max(0, span(entity)[0] - lead)
        end = min(size, span(entity)[1] - lead)
        if end > start:
            kept.append(entity | {"offset": start, "length": end - start})
    return inner, kept


def span(entity: Entity) -> tuple[int, int]:
    """Where an entity starts and ends."""
    offset, length = entity["offset"], entity["length"]
    if not isinstance(offset, int) or not isinstance(length, int):
        raise TypeError("an entity has whole numbers")
    return offset, offset + length


def with_found(text: str, entities: list[Entity]) -> list[Entity]:
    """The entities together with the addresses, commands, mentions and hashtags that Telegram finds by itself."""
    taken = [span(entity) for entity in entities if entity["type"] in ("code", "pre", "text_link", "date_time")]
    found: list[Entity] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, length = units(text[: match.start()]), units(match.group())
            if all(start + length <= left or start >= right for left, right in taken):
                taken.append((start, start + length))
                found.append({"type": kind, "offset": start, "length": length})
    return ordered(entities + found)


def ordered(entities: list[Entity]) -> list[Entity]:
    """Entities by place, the outer before the inner."""
    return sorted(entities, key=lambda entity: (span(entity)[0], -span(entity)[1]))


def html(text: str, entities: list[Entity]) -> str:
    """A text as Telegram HTML; what people see formatted is formatted, everything else is escaped."""
    raw = text.encode("utf-16-le")
    size = len(raw) // 2
    marks = {0, size}
    for entity in entities:
        marks |= {min(mark, size) for mark in span(entity)}
    pieces: list[str] = []
    open_now: list[Entity] = []
    waiting = [entity for entity in ordered(entities) if _tag(entity)]
    for start, end in pairwise((*sorted(marks), size)):
        while open_now and span(open_now[-1])[1] <= start:
            pieces.append(f"</{_tag(open_now.pop())}>")
        while waiting and span(waiting[0])[0] <= start:
            entity = waiting.pop(0)
            if open_now:  # of two that cross, the later one ends with the earlier
                limit = span(open_now[-1])[1]
                entity = entity | {"length": min(span(entity)[1], limit) - span(entity)[0]}
            if entity["type"] == "url":
                start_at, end_at = span(entity)
                entity = entity | {"url": raw[start_at * 2 : end_at * 2].decode("utf-16-le", "replace")}
            pieces.append(_opening(entity))
            open_now.append(entity)
        pieces.append(escape(raw[start * 2 : end * 2].decode("utf-16-le", "replace"), quote=False))
    pieces.extend(f"</{_tag(entity)}>" for entity in reversed(open_now))
    return "".join(pieces)


def _tag(entity: Entity) -> str:
    match entity["type"]:
        case "text_link" | "url":
            return "a"
        case "pre":
            return "pre"
        case "blockquote" | "expandable_blockquote":
            return "blockquote"
        case "custom_emoji":
            return "tg-emoji"
        case "date_time":
            return "tg-time"
        case kind:
            return _TAGS.get(str(kind), "")


def _opening(entity: Entity) -> str:
    match entity["type"]:
        case "text_link" | "url":
            return f'<a href="{escape(str(entity["url"]))}">'
        case "custom_emoji":
            return f'<tg-emoji emoji-id="{escape(str(entity["custom_emoji_id"]))}">'
        case "date_time":
            form = entity.get("date_time_format")
            shape = f' format="{escape(str(form))}"' if form else ""
            return f'<tg-time unix="{entity["unix_time"]}"{shape}>'
        case "expandable_blockquote":
            return "<blockquote expandable>"
        case _:
            return f"<{_tag(entity)}>"
