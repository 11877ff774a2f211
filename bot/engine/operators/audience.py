"""Who is told what operators must know: their group; where there is none, or it cannot be reached, the owners themselves."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.engine.operators.results import Role
from storage import alerts as queries
from storage import operators


class Audience:
    """The chats that alerts go to. `chat` is the operators' group, `owners` are those of the settings."""

    def __init__(self, *, chat: int | None, owners: frozenset[int]) -> None:
        self.chat = chat
        self._owners = owners

    def chats(self, session: Session) -> tuple[int, ...]:
        """Where to tell something now; nowhere, where nobody operates."""
        if self.chat is not None and not queries.is_parked(session, self.chat):
            return (self.chat,)
        return self._everybody(session)

    def language(self, session: Session, chat_id: int) -> str:
        """The language of a chat: a person's own, in a group that of the first owner whom we know."""
        people: Sequence[int] = (chat_id,) if chat_id > 0 else self._everybody(session)
        return queries.language_of(session, people)

    def _everybody(self, session: Session) -> tuple[int, ...]:
        invited = {row.telegram_id for row in operators.operators(session) if row.role == Role.OWNER}
        return (*sorted(self._owners), *sorted(invited - self._owners))
