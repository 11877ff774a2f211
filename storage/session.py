"""The session that works get, and the capture of what a work does in somebody else's thread."""

from types import TracebackType
from typing import Any, Self

from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session


class WorkSession(Session):
    """A session for one work. Committing is the database's business: a work that tries is told so."""

    def __init__(self, bind: Connection | Engine) -> None:
        super().__init__(bind, expire_on_commit=False)

    def commit(self) -> None:
        """Refused with `RuntimeError`: the database commits when the work has returned."""
        raise RuntimeError("a work must not commit: the database does, after the work has returned")

    def finish(self) -> None:
        """Flush, and end the transaction with a commit."""
        super().commit()


class Outcome:
    """Runs a block for somebody who waits elsewhere: keeps its result, or whatever it raised.

    Nothing escapes the block, so the thread that runs it goes on; the one who waits is given the error.
    """

    __slots__ = ("error", "result")

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.result: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, StopIteration):  # asyncio cannot carry this one
            wrapped = RuntimeError("a work raised StopIteration")
            wrapped.__cause__ = error
            error = wrapped
        if error is not None:
            self.error = error
        return True
