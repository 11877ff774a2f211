"""The refusals of the Bot API, in Telegram's own words. Clients tell errors apart by these texts, so they are exact."""


class Refusal(Exception):
    """An answer with `ok: false`. `parameters` says what helps: `retry_after` seconds, `migrate_to_chat_id`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class BadRequest(Refusal):
    """400; the text gets Telegram's prefix."""

    def __init__(self, text: str, **parameters: int) -> None:
        super().__init__(400, f"Bad Request: {text}", **parameters)


class Forbidden(Refusal):
    """403; the text gets Telegram's prefix."""

    def __init__(self, text: str) -> None:
        super().__init__(403, f"Forbidden: {text}")


class Conflict(Refusal):
    """409; the text gets Telegram's prefix."""

    def __init__(self, text: str) -> None:
        super().__init__(409, f"Conflict: {text}")


class TooManyRequests(Refusal):
    """429 with the seconds to wait."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
