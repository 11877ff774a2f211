"""The results of an answer to an inline query, read as strictly as Telegram reads them: articles, and photos by file id.

Bot API, InlineQueryResult and InputMessageContent. Of the twenty kinds of results only these two are known here.
"""

import re
from dataclasses import dataclass

from bot.simulator.telegram.entities import html
from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.files import Files
from bot.simulator.telegram.markup import Markup, read_inline
from bot.simulator.telegram.params import Json, Params
from bot.simulator.telegram.records import Content
from bot.simulator.telegram.shapes import FILES, to_buttons
from bot.simulator.telegram.words import read_caption, read_text

_MOST_RESULTS = 50
_MOST_ID = 64
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WHERE = "can't parse inline query result"


@dataclass(frozen=True, slots=True)
class Result:
    """One thing to choose, and the message that choosing it sends."""

    id: str
    title: str
    description: str
    content: Content
    markup: Markup | None

    def to_people(self) -> Json:
        """As it stands in the list above the text field, with what it would send."""
        photo = self.content.photo
        return {
            "id": self.id, "title": self.title, "description": self.description, "plain": self.content.text,
            "html": html(self.content.text, self.content.entities), "buttons": to_buttons(self.markup),
            "photo": f"{FILES}/{photo.unique_id}" if photo else None,
        }  # fmt: skip


def read_results(params: Params, files: Files) -> tuple[Result, ...]:
    """The results of a call, at most 50, with ids of 1 to 64 bytes that differ. Raises `BadRequest`."""
    given = params.parsed("results", "inline query results")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise BadRequest("can't parse inline query results: expected an Array of InlineQueryResult")
    if len(given) > _MOST_RESULTS:
        raise BadRequest("RESULTS_TOO_MUCH")
    results = tuple(_result(one, files) for one in given)
    if len({result.id for result in results}) < len(results):
        raise BadRequest("RESULT_ID_DUPLICATE")
    return results


def read_button(params: Params) -> Json | None:
    """The button above the results, which opens the chat with the bot. Raises `BadRequest`."""
    button = params.parsed("button", "inline query results button")
    if button is None:
        return None
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"]:
        raise BadRequest("can't parse inline query results button: expected an Object with a text")
    start = button.get("start_parameter")
    if button.get("web_app") is not None or not isinstance(start, str) or not _START.fullmatch(start):
        raise BadRequest("START_PARAM_INVALID")
    return {"text": button["text"], "start_parameter": start}


def _result(value: Json, files: Files) -> Result:
    name = value.get("id")
    if not isinstance(name, str) or not name:
        raise BadRequest("RESULT_ID_EMPTY")
    if len(name.encode()) > _MOST_ID:
        raise BadRequest("RESULT_ID_INVALID")
    title, description = value.get("title", ""), value.get("description", "")
    if not isinstance(title, str) or not isinstance(description, str):
        raise BadRequest(f'{_WHERE}: field "title" or "description" must be of type String')
    match value.get("type"):
        case "article":
            if not title.strip():
                raise BadRequest("ARTICLE_TITLE_EMPTY")
            content = _written(value.get("input_message_content"))
        case "photo":
            content = _photo(value, files)
        case _:
            raise BadRequest(f"{_WHERE}: the emulator knows articles and photos only")
    return Result(
        name, title, description, content, read_inline(Params({"reply_markup": value.get("reply_markup")}, {}))
    )


def _photo(value: Json, files: Files) -> Content:
    if value.get("input_message_content") is not None:
        return _written(value["input_message_content"])
    photo = files.by_id.get(str(value.get("photo_file_id")))
    if photo is None or not photo.width:
        raise BadRequest("wrong file identifier/HTTP URL specified")
    caption, entities = read_caption(Params(value, {}))
    return Content(caption, entities, photo=photo)


def _written(value: object) -> Content:
    if not isinstance(value, dict):
        raise BadRequest(f"{_WHERE}: there is no input_message_content in the result")
    if "message_text" not in value:
        raise BadRequest("can't parse InputMessageContent: the emulator knows texts only")
    text, entities = read_text(Params(value | {"text": value["message_text"]}, {}))
    return Content(text, entities)
