"""The parameters of a Bot API call, however they were sent: query string, form, multipart form or JSON.

Telegram's rule: every value may be a text, also numbers, booleans, and objects (as JSON). Files come in a multipart
form, either as the parameter itself or named by `attach://`.
"""

import json
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.simulator.telegram.errors import BadRequest

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart form."""

    name: str
    content: bytes


class Params:
    """Named values of one call; reading a value of the wrong kind raises `BadRequest`."""

    def __init__(self, values: dict[str, object], files: dict[str, Upload]) -> None:
        self.values = values
        self.files = files

    def text(self, name: str) -> str:
        """A text, empty when it is missing."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int) else json.dumps(value)

    def integer(self, name: str, default: int) -> int:
        """A whole number; Telegram reads what is no number as 0."""
        text = self.text(name).strip()
        if not text:
            return default
        try:
            return int(text)
        except ValueError:
            return 0

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in ("true", "1", "yes")

    def given(self, name: str) -> bool:
        return self.values.get(name) is not None

    def parsed(self, name: str, what: str) -> object:
        """An object or list, given as such or as JSON text; `None` when it is missing or empty."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise BadRequest(f"can't parse {what} JSON object") from error


def read_params(request: Request, raw: bytes) -> Params:
    """The parameters of a request with its body. Raises `BadRequest` for a body that cannot be read."""
    values: dict[str, object] = dict(request.query_params)
    files: dict[str, Upload] = {}
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    match kind.strip().lower():
        case "application/json" if raw.strip():
            values |= _json(raw)
        case "application/x-www-form-urlencoded":
            values |= parse_qsl(raw.decode(errors="replace"), keep_blank_values=True)
        case "multipart/form-data":
            texts, files = _multipart(raw, rest)
            values |= texts
    return Params(values, files)


def _json(raw: bytes) -> Json:
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise BadRequest("can't parse JSON object") from error
    if not isinstance(value, dict):
        raise BadRequest("can't parse JSON object: an object is expected")
    return value


def _multipart(raw: bytes, options: str) -> tuple[dict[str, str], dict[str, Upload]]:
    boundary = _option(options, "boundary")
    if not boundary:
        raise BadRequest("boundary of the multipart form is missing")
    texts: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for part in (b"\r\n" + raw).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, found, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = [line for line in head.decode(errors="replace").split("\r\n") if line]
        disposition = next((line for line in lines if line.lower().startswith("content-disposition:")), "")
        name = _option(disposition, "name")
        if not found or not name:
            raise BadRequest("can't parse the multipart form")
        file_name = _option(disposition, "filename")
        if file_name is None:
            texts[name] = content.decode(errors="replace")
        else:
            files[name] = Upload(file_name, content)
    return texts, files


def _option(header: str, wanted: str) -> str | None:
    for option in header.split(";"):
        name, found, value = option.strip().partition("=")
        if found and name.strip().lower() == wanted:
            return value.strip().strip('"')
    return None
