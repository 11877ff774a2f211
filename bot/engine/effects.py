"""What handling one update will write: collected while handlers run, committed together with marking the update done.

So an update whose effects were lost in a crash is handled again, and one whose effects are kept never is.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlmodel import Session

Work = Callable[[Session], None]
Afterwards = Callable[[], Awaitable[None]]


class Effects:
    """Works for one transaction, in order, and what should happen once it is committed."""

    def __init__(self) -> None:
        self._works: list[Work] = []
        self._afterwards: list[Afterwards] = []

    def add(self, work: Work) -> None:
        """Run `work` in the transaction. It may raise `LostRace`: then the update is handled from the start again."""
        self._works.append(work)

    def after_commit(self, call: Afterwards) -> None:
        """Await `call` once everything is committed. For what may be lost: it is not repeated after a crash."""
        self._afterwards.append(call)

    def write(self, session: Session) -> None:
        """Run all works."""
        for work in self._works:
            work(session)

    async def finish(self) -> None:
        """What comes after the commit."""
        for call in self._afterwards:
            await call()


_current: ContextVar[Effects] = ContextVar("effects")


def effects() -> Effects:
    """The effects of the update that is being handled. `LookupError` outside of one."""
    return _current.get()


@contextmanager
def collecting(collected: Effects) -> Iterator[None]:
    """Let handlers inside this block add to `collected`."""
    token = _current.set(collected)
    try:
        yield
    finally:
        _current.reset(token)
