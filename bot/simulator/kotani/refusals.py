"""How the provider says no: an HTTP status and an envelope with a message and, for validation, a list of errors."""

from collections.abc import Sequence


class Refused(Exception):
    """A request that the provider answers with an error. `data` goes into the envelope as it is."""

    def __init__(self, status: int, message: str, data: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.data = data


def invalid(errors: Sequence[str]) -> Refused:
    """400 with the list of what is wrong, worded as class-validator does."""
    return Refused(400, f"Validation failed: {', '.join(errors)}", {"errors": list(errors)})


def refused(message: str) -> Refused:
    """400 with a message alone."""
    return Refused(400, message)


def missing(message: str) -> Refused:
    """404 with a message."""
    return Refused(404, message)
