"""What looking at a photograph comes to, for handlers, who must not know how it is fetched and read."""

from enum import StrEnum
from typing import Final, Protocol

MOST_BYTES: Final = 5 * 1024 * 1024  # of a picture that is looked at


class Sight(StrEnum):
    """Why a picture says nothing."""

    NO_CODE = "no_code"
    NO_PICTURE = "no_picture"
    TOO_LARGE = "too_large"
    NOT_FETCHED = "not_fetched"

    @property
    def text_key(self) -> str:
        """The key of the sentence that says so, and what a better picture is."""
        return f"photo.{self}"


class Photographs(Protocol):
    """Somebody who looks at pictures."""

    async def look(self, file_id: str) -> Sight | tuple[str, ...]:
        """What the codes in a picture say, each once, as they are; or why nothing could be seen. Never raises."""
        ...
