"""What fetching a file that somebody sent comes to, for handlers, who must not know how it is fetched."""

from enum import StrEnum
from typing import Protocol


class Unfetched(StrEnum):
    """Why there is nothing to read."""

    TOO_LARGE = "too_large"
    NOT_FETCHED = "not_fetched"


class Documents(Protocol):
    """Somebody who fetches files."""

    async def fetch(self, file_id: str, *, most: int) -> bytes | Unfetched:
        """What is in a file of at most `most` bytes; or why it is not known. Never raises."""
        ...
