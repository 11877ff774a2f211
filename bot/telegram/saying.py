"""Saying one claimed notice: drawn at the last moment, said, and marked in one transaction with what it changed.

What goes wrong has one of five ends: said again later (not sent, unclear, too fast), said more simply (`delivering`), kept
until the person returns, refused for good, or, when the token is refused, nothing is said at all and the queue is kept.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlmodel import Session
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.engine.clock import Clock
from bot.engine.outbox import NOTICE_PAYLOAD
from bot.payments.identifiers import new_id
from bot.payments.states import Concern
from bot.telegram.delivering import Delivered, MessageGone, Standing, deliver, is_edit, take_buttons
from bot.telegram.drawing import NoticeFacts, Rendered, Renderer
from bot.telegram.errors import Failure, Meaning, TokenRefused, read_failure
from bot.telegram.pacing import Pace, backoff
from bot.telegram.topics import Topics
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import SealRefused, StorageUnavailable
from storage.notices import (
    ClaimedNotice,
    OpenNotice,
    begin_saying,
    empty_slot,
    fill_slot,
    finish_notice,
    move_chat,
    park_chat,
    postpone_notice,
)
from storage.pace import hold_pace, set_pace, slow_chat
from storage.payments import open_cases

LEASE = timedelta(seconds=60)
SEND_SECONDS = 30.0
_LAST_START = LEASE - timedelta(seconds=SEND_SECONDS + 5)  # a call that has not begun by then is not begun at all
_MOST_BREAKS = 8
_MAYBE_SAID = "it may have been said, and is not for saying twice"
_log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed notice and the moment at which it may be said."""

    claimed: ClaimedNotice
    at: datetime
    claimed_at: datetime


class Speaker:
    """Says claimed notices. `alarm` is told when something more may be said in a chat."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        bot: Bot,
        renderers: Mapping[str, Renderer],
        clock: Clock,
        pace: Pace,
        alarm: Callable[[datetime], None],
        topics: Topics | None = None,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._bot = bot
        self._renderers = dict(renderers)
        self._clock = clock
        self._pace = pace
        self._alarm = alarm
        self._topics = topics

    async def say(self, job: Job) -> bool:
        """Say it and mark it; whether Telegram took it.

        Raises `TokenRefused`, and whatever a renderer raises: then nothing was said.
        """
        claimed = job.claimed
        to_many = claimed.newest.broadcast_id is not None  # which nobody should hear twice
        with structlog.contextvars.bound_contextvars(notice=claimed.newest.id, payment=claimed.newest.payment_id):
            if to_many and claimed.newest.is_unclear:
                await self._finish(claimed, "refused", _MAYBE_SAID)
                return False
            rendered = await self._render(claimed)
            if rendered is None:
                await self._finish(claimed, "superseded", "nothing to say any more")
                return False
            standing = Standing(claimed.message_id, claimed.picture) if claimed.message_id is not None else None
            if rendered.only_edit and standing is None:
                await self._finish(claimed, "superseded", "nothing stands there that could be edited")
                return False
            lane = claimed.edit_at if is_edit(rendered, standing) else claimed.message_at
            if lane is not None and lane > max(job.at, self._clock()):
                await self._postpone(claimed, lane, None)
                return False
            await asyncio.sleep(max(0.0, (job.at - self._clock()).total_seconds()))
            if self._clock() > job.claimed_at + _LAST_START:
                await self._postpone(claimed, self._clock(), None)
                return False
            if to_many and not await self._write(lambda session: begin_saying(session, claimed)):
                return False
            return await self._call(claimed, rendered, standing)

    async def _render(self, claimed: ClaimedNotice) -> Rendered | None:
        """Draw the newest of the slot; fresh if one that it supersedes was to be a new message."""
        newest = self._facts(claimed.newest)
        rendered = await self._renderers[newest.kind](newest)
        if rendered is None or rendered.fresh or claimed.newest is claimed.head:
            return rendered
        older = [self._facts(notice).payload for notice in (claimed.head, *claimed.between)]
        return replace(rendered, fresh=any(payload is not None and payload.get("fresh") for payload in older))

    def _facts(self, notice: OpenNotice) -> NoticeFacts:
        payload: dict[str, Any] | None = None
        if notice.payload_sealed is not None:
            payload = self._keyring.open_json(notice.payload_sealed, context=NOTICE_PAYLOAD)
        return NoticeFacts(
            id=notice.id,
            chat_id=notice.chat_id,
            kind=notice.kind,
            slot=notice.slot,
            payment_id=notice.payment_id,
            payload=payload,
            created_at=notice.created_at,
        )

    async def _call(self, claimed: ClaimedNotice, rendered: Rendered, standing: Standing | None) -> bool:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                delivered = await self._deliver(claimed, rendered, standing)
        except MessageGone:
            await self._gone(claimed, rendered)
        except TelegramError as error:
            await self._failed(claimed, read_failure(error))
        except TimeoutError:
            await self._failed(claimed, Failure(Meaning.UNCLEAR, "too slow"))
        else:
            await self._said(claimed, delivered, standing)
            return True
        return False

    async def _deliver(self, claimed: ClaimedNotice, rendered: Rendered, standing: Standing | None) -> Delivered:
        """Say it where it belongs: in a group with topics perhaps in one of them, named by the notice's payload.

        `thread` is the number of one, `topic` the name of one of ours; `silent`: without a sound.
        """
        chat_id, payload = claimed.head.chat_id, self._facts(claimed.newest).payload or {}
        name, said = payload.get("topic"), (claimed.head, claimed.newest, *claimed.between)
        silent = all((self._facts(notice).payload or {}).get("silent") for notice in said)
        thread: int | None = payload.get("thread") if chat_id < 0 else None
        if is_edit(rendered, standing):
            return await deliver(self._bot, chat_id, rendered, standing)
        if name is not None and self._topics is not None and chat_id < 0:
            thread = await self._topics.thread(chat_id, name)
        try:
            return await deliver(self._bot, chat_id, rendered, standing, thread=thread, silent=silent)
        except BadRequest as error:
            if thread is None or read_failure(error).meaning is not Meaning.NO_TOPIC:
                raise
            _log.info("a topic is gone or closed")
            thread = None if self._topics is None else await self._topics.instead(chat_id, name, thread, error)
            return await deliver(self._bot, chat_id, rendered, standing, thread=thread, silent=silent)

    async def _said(self, claimed: ClaimedNotice, delivered: Delivered, standing: Standing | None) -> None:
        now = self._clock()
        chat_id, slot = claimed.head.chat_id, claimed.newest.slot
        replaced = standing is not None and not delivered.edited
        message_at, edit_at = self._pace.next_in_chat(chat_id, now, edited=delivered.edited)

        def said(session: Session) -> datetime | None:
            ours = finish_notice(session, claimed, state="sent", now=now, message_id=delivered.message_id, error=None)
            if not ours:
                _log.warning("a message took longer than its lease: it may be said twice")
            if slot is not None and delivered.message_id is not None:
                fill_slot(
                    session,
                    chat_id=chat_id,
                    slot=slot,
                    message_id=delivered.message_id,
                    picture=delivered.picture,
                    now=now,
                )
            slow_chat(session, chat_id, now=now, message_at=message_at, edit_at=edit_at)
            if not replaced:
                return None
            moments, free_at = self._pace.moments(hold_pace(session, now), now, 1)
            set_pace(session, free_at)
            return moments[0]

        take_at = await self._write(said)
        for lane in (message_at, edit_at):
            if lane is not None:
                self._alarm(lane)
        if take_at is not None and standing is not None:
            await asyncio.sleep(max(0.0, (take_at - self._clock()).total_seconds()))
            await take_buttons(self._bot, chat_id, standing.message_id)

    async def _gone(self, claimed: ClaimedNotice, rendered: Rendered) -> None:
        """What was to be edited is gone: empty the slot, and say it as a new message when its turn comes."""
        if rendered.inline is not None:  # it was posted by somebody else, and only they can post it again
            await self._finish(claimed, "refused", "the inline message is gone")
            return
        now = self._clock()
        head, slot = claimed.head, claimed.newest.slot

        def empty(session: Session) -> None:
            if slot is not None:
                empty_slot(session, head.chat_id, slot)
            # what can only be edited is drawn again too, and found to have nothing to stand in
            postpone_notice(session, claimed, due_at=now, error=None, failed=False)

        await self._write(empty)

    async def _failed(self, claimed: ClaimedNotice, failure: Failure) -> None:
        now = self._clock()
        chat_id = claimed.head.chat_id
        match failure.meaning:
            case Meaning.WAIT:
                until = now + failure.wait
                _log.warning("Telegram asks to slow down", seconds=failure.wait.total_seconds())
                await self._write(lambda session: slow_chat(session, chat_id, now=now, message_at=until, edit_at=until))
                await self._postpone(claimed, until, failure.words)
            case Meaning.NOBODY:
                _log.info("a chat cannot be written to: its notices wait for the person to return")
                await self._write(lambda session: park_chat(session, chat_id, now, failure.words))
            case Meaning.MOVED if failure.chat_id is not None:
                _log.info("a group has become a supergroup")
                moved = failure.chat_id
                await self._write(lambda session: move_chat(session, chat_id, moved))
            case Meaning.TOKEN:
                await self._write(
                    lambda session: postpone_notice(session, claimed, due_at=now, error=failure.words, failed=False)
                )
                raise TokenRefused
            case Meaning.UNREADABLE | Meaning.REFUSED:
                _log.error("Telegram refused a message for good", why=failure.words, kind=claimed.newest.kind)
                await self._finish(claimed, "refused", failure.words)
            case Meaning.UNCLEAR if claimed.newest.broadcast_id is not None:
                await self._finish(claimed, "refused", _MAYBE_SAID)
            case _:
                _log.info("a message could not be sent", why=failure.words)
                await self._postpone(claimed, now + backoff(claimed.head.attempts + 1), failure.words, failed=True)

    async def _finish(self, claimed: ClaimedNotice, state: str, error: str) -> None:
        now = self._clock()
        await self._write(
            lambda session: finish_notice(session, claimed, state=state, now=now, message_id=None, error=error)
        )

    async def _postpone(
        self, claimed: ClaimedNotice, due_at: datetime, error: str | None, *, failed: bool = False
    ) -> None:
        await self._write(lambda session: postpone_notice(session, claimed, due_at=due_at, error=error, failed=failed))
        self._alarm(due_at)

    async def broke(self, claimed: ClaimedNotice, cause: BaseException) -> None:
        """It could not even be drawn: try again later, and leave it to a person after some times.

        What cannot be unsealed is left to them at once, since the chat's later messages wait for it.
        """
        now, error = self._clock(), type(cause).__name__
        if claimed.head.attempts + 1 < _MOST_BREAKS and not isinstance(cause, SealRefused):
            await self._postpone(claimed, now + backoff(claimed.head.attempts + 1), error, failed=True)
            return
        case = {
            "id": new_id(),
            "dedupe_key": f"notice:{claimed.newest.id}",
            "concern": str(Concern.POISON),
            "payment_id": claimed.newest.payment_id,
            "leg_id": None,
            "detail": f"a notice of kind {claimed.newest.kind} could not be said: {error}",
            "opened_at": now,
        }

        def give_up(session: Session) -> None:
            finish_notice(session, claimed, state="refused", now=now, message_id=None, error=error)
            open_cases(session, [case])

        await self._write(give_up)

    async def _write(self, work: Callable[[Session], T]) -> T:
        """Write what became of a notice, again while the database is away: what was said must not be said again."""
        while True:
            try:
                return await self._database.write(work)
            except StorageUnavailable as error:
                _log.warning("the mark of a notice waits for storage", error=str(error))
                await asyncio.sleep(1)
