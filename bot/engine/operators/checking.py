"""/check: the checks of the installation run beside everything else, and what they found is said when they are done.

They take some seconds, most of them waiting for others, so nobody's next message waits for them. One run at a time.
"""

from collections.abc import Callable, Coroutine
from typing import Final, Protocol

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.check_results import Finding
from bot.engine.operators.results import Operator
from bot.engine.operators.roles import Operators
from bot.engine.outbox import Drawn, Outbox
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from storage.database import Database
from storage.errors import StorageUnavailable

Chore = Callable[[Coroutine[object, object, None]], None]
SLOT: Final = "o:check"
_log = structlog.get_logger(__name__)


class Inspector(Protocol):
    """Whoever makes the checks (`bot.checks`)."""

    @property
    def webhook_url(self) -> str | None:
        """Where callbacks would be sent; None where nothing can be set."""
        ...

    async def check(self) -> tuple[Finding, ...]:
        """What every check found."""
        ...

    async def set_webhook(self) -> Finding:
        """Set the webhook at the provider."""
        ...


class Checking:
    """Runs checks for operators and says what came of them."""

    def __init__(
        self,
        database: Database,
        operators: Operators,
        outbox: Outbox,
        clock: Clock,
        wakes: Wakes,
        *,
        inspector: Inspector,
        begin: Chore,
    ) -> None:
        """`begin` lets a chore run beside everything else."""
        self._database = database
        self._operators = operators
        self._outbox = outbox
        self._clock = clock
        self._wakes = wakes
        self._inspector = inspector
        self._begin = begin
        self._checks: set[int] = set()  # the chats in which a result is awaited

    @property
    def webhook_url(self) -> str | None:
        """Where callbacks would be sent; None where nothing can be set."""
        return self._inspector.webhook_url

    def stage_check(self, effects: Effects, chat_id: int, draw: Callable[[tuple[Finding, ...]], Drawn]) -> None:
        """Begin to check once this turn is committed. `draw` makes the card, which takes its place in the chat."""

        async def check() -> None:
            try:
                screen = draw(await self._inspector.check())
                await self._say(chat_id, screen, slot=SLOT)
            finally:
                self._checks.discard(chat_id)

        async def begin() -> None:
            if chat_id not in self._checks:
                self._checks.add(chat_id)
                self._begin(check())

        effects.after_commit(begin)

    def stage_set_webhook(
        self, effects: Effects, owner: Operator, chat_id: int, url: str, draw: Callable[[Finding], Drawn]
    ) -> None:
        """Write down that it was decided, and tell the provider after the commit. What it answers is said in the chat."""

        async def tell() -> None:
            finding = await self._inspector.set_webhook()
            _log.info("the webhook was set at the provider", verdict=finding.verdict, operator=owner.telegram_id)
            await self._say(chat_id, draw(finding), slot=None)

        async def begin() -> None:
            self._begin(tell())

        self._operators.stage_act(effects, owner, "set_webhook", target=None, after={"url": url})
        effects.after_commit(begin)

    async def _say(self, chat_id: int, screen: Drawn, *, slot: str | None) -> None:
        key = f"check:{new_id()}"

        def say(session: Session) -> None:
            self._outbox.say_now(session, chat_id=chat_id, screen=screen, dedupe_key=key, slot=slot)

        try:
            await self._database.write(say)
        except StorageUnavailable as error:
            _log.warning("the result of a check could not be said", error=str(error))
        else:
            self._wakes.notices.set()
