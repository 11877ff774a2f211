"""The words of a message or a caption as a call gives them: parsed, cleaned, trimmed, and measured."""

from bot.simulator.telegram.entities import Entity, cleaned, ordered, span, trimmed, units, with_found
from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.links import wrong_url
from bot.simulator.telegram.markup_html import read_html
from bot.simulator.telegram.params import Params

MOST_TEXT = 4096
MOST_CAPTION = 1024


def read_text(params: Params) -> tuple[str, list[Entity]]:
    """The `text` of a call, 1 to 4,096 UTF-16 code units after parsing. Raises `BadRequest`."""
    if not params.text("text"):
        raise BadRequest("message text is empty")
    text, entities = _read(params.text("text"), params, "entities")
    if not text:
        raise BadRequest("message text is empty")
    if units(text) > MOST_TEXT:
        raise BadRequest("message is too long")
    return text, entities


def read_caption(params: Params) -> tuple[str, list[Entity]]:
    """The `caption` of a call, at most 1,024 UTF-16 code units after parsing. Raises `BadRequest`."""
    text, entities = _read(params.text("caption"), params, "caption_entities")
    if units(text) > MOST_CAPTION:
        raise BadRequest("message caption is too long")
    return text, entities


def _read(raw: str, params: Params, given: str) -> tuple[str, list[Entity]]:
    text = cleaned(raw)
    match params.text("parse_mode").lower():
        case "html":
            text, entities = read_html(text)
        case "":
            entities = _given(params, given, text)
        case "markdown" | "markdownv2":
            raise BadRequest("can't parse entities: the emulator reads HTML only")
        case _:
            raise BadRequest("unsupported parse_mode")
    text, entities = trimmed(text, entities)
    return text, with_found(text, entities)


def _given(params: Params, name: str, text: str) -> list[Entity]:
    value = params.parsed(name, "message entities")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entity, dict) for entity in value):
        raise BadRequest("can't parse message entities: expected an Array of MessageEntity")
    for entity in value:
        try:
            start, end = span(entity)
            known = isinstance(entity["type"], str)
        except (KeyError, TypeError) as error:
            raise BadRequest("can't parse MessageEntity: fields are missing") from error
        if not known or start < 0 or end <= start or end > units(text):
            raise BadRequest("ENTITY_BOUNDS_INVALID")
        if entity["type"] == "text_link" and (wrong := wrong_url(str(entity.get("url", "")))):
            raise BadRequest(f"entity URL '{entity.get('url', '')}' is invalid: {wrong}")
    return ordered(value)
