"""Reply markup: inline keyboards and keyboards under the text field, checked as strictly as Telegram checks them.

Bot API, InlineKeyboardButton, KeyboardButton, ReplyKeyboardMarkup. Where Telegram quietly takes a doubtful button (two
actions, a row that is too long), this refuses it, so that nobody relies on what it would become.
"""

from dataclasses import dataclass
from typing import Literal

from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.links import wrong_url
from bot.simulator.telegram.params import Json, Params

Row = list[Json]
_ACTIONS = (
    "url", "callback_data", "copy_text", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "login_url", "web_app", "callback_game", "pay",
)  # fmt: skip
_STYLES = ("primary", "success", "danger")
MOST_QUERY = 256
_MOST_BUTTONS = 100
_MOST_IN_A_ROW = 8


@dataclass(frozen=True, slots=True)
class Markup:
    """What hangs on a message: `value` is the object as it was sent, checked."""

    kind: Literal["inline", "keyboard", "remove", "force_reply"]
    value: Json

    def rows(self) -> list[Row]:
        """The rows of buttons or keys."""
        rows = self.value.get("inline_keyboard", self.value.get("keyboard", []))
        return [list(row) for row in rows] if isinstance(rows, list) else []


def read_markup(params: Params, *, private: bool) -> Markup | None:
    """The reply markup of a call; `None` when there is none. Raises `BadRequest`."""
    value = params.parsed("reply_markup", "reply keyboard markup")
    if value is None or value == {}:
        return None
    if not isinstance(value, dict):
        raise BadRequest("object expected as reply markup")
    if "inline_keyboard" in value:
        rows = _rows(value["inline_keyboard"], "inline_keyboard")
        for button in (button for row in rows for button in row):
            _check_inline(button)
        return Markup("inline", {"inline_keyboard": rows}) if any(rows) else None
    if "keyboard" in value:
        return Markup("keyboard", _keyboard(value, private))
    if value.get("remove_keyboard") is True:
        return Markup("remove", {"remove_keyboard": True})
    if value.get("force_reply") is True:
        return Markup("force_reply", {name: value[name] for name in value})
    raise BadRequest("can't parse reply keyboard markup: unknown markup")


def read_inline(params: Params) -> Markup | None:
    """The markup of an edit or of an inline result: only inline keyboards can stand there."""
    markup = read_markup(params, private=True)
    if markup is not None and markup.kind != "inline":
        raise BadRequest("inline keyboard expected")
    return markup


def _rows(value: object, name: str) -> list[Row]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise BadRequest(f'field "{name}" of the ReplyMarkup must be an Array of Arrays')
    rows: list[Row] = []
    for row in value:
        if len(row) > _MOST_IN_A_ROW and name == "inline_keyboard":
            raise BadRequest("reply markup is too long")
        rows.append([{"text": button} if isinstance(button, str) else button for button in row])
    if sum(map(len, rows)) > _MOST_BUTTONS and name == "inline_keyboard":
        raise BadRequest("reply markup is too long")
    return rows


def _check_inline(button: object) -> None:
    where = "can't parse inline keyboard button"
    if not isinstance(button, dict):
        raise BadRequest(f"{where}: InlineKeyboardButton must be an Object")
    _check_words(button, where)
    given = [action for action in _ACTIONS if button.get(action) not in (None, False)]
    if not given or (given == ["callback_data"] and button["callback_data"] == ""):
        raise BadRequest(f"{where}: Text buttons are unallowed in the inline keyboard")
    if len(given) > 1:
        raise BadRequest(f"{where}: exactly one of {', '.join(given)} must be used")
    value = button[given[0]]
    match given[0]:
        case "callback_data":
            if not isinstance(value, str) or not 1 <= len(value.encode()) <= 64:
                raise BadRequest("BUTTON_DATA_INVALID")
        case "url":
            if not isinstance(value, str) or (wrong := wrong_url(value)):
                raise BadRequest(f"inline keyboard button URL '{value}' is invalid: {wrong}")
        case "copy_text":
            text = value.get("text") if isinstance(value, dict) else None
            if not isinstance(text, str) or not 1 <= len(text) <= 256:
                raise BadRequest("BUTTON_COPY_TEXT_INVALID")
        case "switch_inline_query" | "switch_inline_query_current_chat":
            if not isinstance(value, str) or len(value) > MOST_QUERY:
                raise BadRequest("BUTTON_DATA_INVALID")
        case "switch_inline_query_chosen_chat":
            _check_chosen_chat(value)
        case "web_app" | "login_url" | "callback_game" | "pay":
            raise BadRequest("BUTTON_TYPE_INVALID")


def _check_chosen_chat(value: object) -> None:
    if not isinstance(value, dict) or len(str(value.get("query", ""))) > MOST_QUERY:
        raise BadRequest("BUTTON_DATA_INVALID")
    if not any(value.get(f"allow_{kind}_chats") is True for kind in ("user", "bot", "group", "channel")):
        raise BadRequest("at least one chat type must be allowed")


def _check_words(button: Json, where: str) -> None:
    if "text" not in button:
        raise BadRequest(f'{where}: Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise BadRequest(f'{where}: Field "text" must be of type String')
    if not button["text"].strip():
        raise BadRequest("inline keyboard button text must be non-empty")
    if button.get("style", "primary") not in _STYLES:
        raise BadRequest("BUTTON_STYLE_INVALID")


def _keyboard(value: Json, private: bool) -> Json:
    rows = _rows(value["keyboard"], "keyboard")
    for button in (button for row in rows for button in row):
        if not isinstance(button, dict):
            raise BadRequest("can't parse keyboard button: KeyboardButton must be an Object or a String")
        _check_words(button, "can't parse keyboard button")
        if button.get("request_contact") is True and not private:
            raise BadRequest("phone number can be requested in private chats only")
        if button.get("web_app") is not None:
            raise BadRequest("BUTTON_TYPE_INVALID")
    hint = value.get("input_field_placeholder")
    if hint is not None and not (isinstance(hint, str) and 1 <= len(hint) <= 64):
        raise BadRequest("REPLY_MARKUP_PLACEHOLDER_INVALID")
    if not any(rows):
        raise BadRequest("reply keyboard must be non-empty")
    return value | {"keyboard": rows}
