"""Where the team is spoken to: in the operators' group, and where there is none in the private chats of the owners."""

from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from storage import operators as queries
from storage.customers import customer_by_telegram
from storage.database import Database

_OWNER: Final = "owner"
_OF_GROUPS: Final = "en"  # people of several languages read it


@dataclass(frozen=True, slots=True)
class TeamChat:
    """A chat of the team's, and the language that is spoken there."""

    chat_id: int
    language: str


class TeamChats:
    """Finds them. `chat` is the operators' group, `owners` are those of the settings."""

    def __init__(self, database: Database, *, chat: int | None, owners: frozenset[int]) -> None:
        self._database = database
        self._chat = chat
        self._owners = owners

    @property
    def any(self) -> bool:
        """Whether there is anybody to be spoken to."""
        return self._chat is not None or bool(self._owners)

    async def now(self) -> tuple[TeamChat, ...]:
        """All of them. An owner who never wrote to the assistant cannot be written to by it, and is left out."""
        if self._chat is not None:
            return (TeamChat(self._chat, _OF_GROUPS),)

        def read(session: Session) -> list[TeamChat]:
            invited = {one.telegram_id for one in queries.operators(session) if one.role == _OWNER}
            people = [customer_by_telegram(session, one) for one in sorted(self._owners | invited)]
            return [TeamChat(person.chat_id, person.language) for person in people if person is not None]

        return tuple(await self._database.read(read))
