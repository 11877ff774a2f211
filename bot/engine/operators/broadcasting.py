"""Telling many customers something: their notices are written a few at a time, each customer's once, until all are told.

The notices are those of everything else, so Telegram's pace holds for them, and whoever cannot be reached is met as usual;
but they come after all others, and never many wait at once: news of somebody's money is said next, whatever is in front
of it here. How far it has come stands in the row that moves with them, so after a crash it goes on where it was.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.results import Operator
from bot.engine.operators.roles import Operators
from bot.engine.operators.word_results import EVERYBODY, MOST_TO_MANY, Broadcast
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row, write_notice_rows
from bot.engine.wakes import Wakes
from bot.payments.catalogue import COUNTRIES
from bot.payments.identifiers import new_id
from storage import broadcasts as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.payments import LostRace
from storage.word_tables import Broadcast as BroadcastRow

AT_A_TIME: Final = 64  # notices that wait to be sent: what Telegram lets us say in two seconds
SHOWN_EACH: Final = timedelta(seconds=4)  # the progress
STALE: Final = timedelta(days=2)  # whoever comes back later is not told
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where operators are told of it, and in which language."""

    chat_id: int
    thread: int | None
    language: str


def read_audience(word: str, languages: dict[str, str]) -> str | None:
    """Whom a word means: everybody, a country such as `KE` or `kenya`, a language of these such as `sw` or `kiswahili`."""
    said = word.strip().casefold()
    if said in (EVERYBODY, "all", "everyone"):
        return EVERYBODY
    for code, name in languages.items():
        if said in (code, name.casefold()):
            return code
    return next(
        (country.iso2 for country in COUNTRIES.values() if said in (country.iso2.casefold(), country.name.casefold())),
        None,
    )


class Broadcasts:
    """Begins and cancels them, and is the worker that writes their notices. Any number of replicas may run one."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes, operators: Operators) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._operators = operators
        self._stopping = False

    async def count(self, audience: str) -> int:
        """How many people it would be sent to now."""
        return await self._database.read(lambda session: queries.count_audience(session, **_whom(audience)))

    async def sending(self) -> Broadcast | None:
        """The one that is being sent."""
        return await self._database.read(lambda session: _view(queries.sending(session)))

    async def by_id(self, broadcast_id: str) -> Broadcast | None:
        """One, as it stands now."""

        def read(session: Session) -> Broadcast | None:
            row = queries.broadcast_by_id(session, broadcast_id)
            if row is None or row.state == "sent":
                return _view(row)
            heard = queries.heard(session, broadcast_id)  # what is under way when it is cancelled arrives all the same
            return _view(row, heard)

        return await self._database.read(read)

    async def words(self, broadcast_id: str) -> str | None:
        """What customers are told by it; None once it was cancelled."""
        row = await self._database.read(lambda session: queries.broadcast_by_id(session, broadcast_id))
        return None if row is None or row.state == "cancelled" else row.words

    def stage_begin(
        self, effects: Effects, operator: Operator, place: Place, *, audience: str, words: str, total: int
    ) -> None:
        """Begin to tell them; the progress is shown at `place`. `LostRace` while another one is being sent."""
        now = self._clock()
        row = {
            "id": new_id(),
            "audience": audience,
            "words": words[:MOST_TO_MANY],
            "asked_by": operator.telegram_id,
            "chat_id": place.chat_id,
            "thread": place.thread,
            "language": place.language,
            "state": "sending",
            "total": total,
            "reached": "",
            "written": 0,
            "delivered": 0,
            "unreachable": 0,
            "shown_at": now,
            "created_at": now,
            "ended_at": None,
        }
        broadcast_id = str(row["id"])
        card = self._card(broadcast_id, place, "begun", now)

        def begin(session: Session) -> None:
            if not queries.add_broadcast(session, row):
                raise LostRace
            write_notice_rows(session, [card])

        self._operators.stage_act(
            effects,
            operator,
            "broadcast",
            target=f"broadcast:{broadcast_id}",
            after={"audience": audience, "people": total, "words": words},
        )
        effects.add(begin)
        effects.after_commit(self._wake)

    def stage_cancel(self, effects: Effects, operator: Operator, broadcast: Broadcast) -> None:
        """Tell nobody else. What waits to be sent is not sent. `LostRace` when it is over by now."""
        now = self._clock()

        def cancel(session: Session) -> None:
            row = queries.sending(session)
            if row is None or row.id != broadcast.id or not self._end(session, row, "cancelled", now):
                raise LostRace

        told = {"people": broadcast.total, "delivered": broadcast.delivered, "unreachable": broadcast.unreachable}
        self._operators.stage_act(
            effects,
            operator,
            "cancel_broadcast",
            target=f"broadcast:{broadcast.id}",
            before={"words": broadcast.words},
            after=told,
        )
        effects.add(cancel)

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._wakes.broadcasts.set()

    async def run(self) -> None:
        """Write what comes next whenever there is room for it, until told to stop."""
        while not self._stopping:
            self._wakes.broadcasts.clear()
            try:
                written = await self.step()
            except StorageUnavailable as error:
                _log.warning("a broadcast waits for storage", error=str(error))
                await asyncio.sleep(1)
                continue
            if written:
                self._wakes.notices.set()
            if not self._stopping:
                await self._wakes.broadcasts.wait()

    async def step(self) -> int:
        """Write the notices that there is room for, or the end of it; how many. Raises `StorageUnavailable`."""
        if await self._database.read(queries.sending) is None:
            return 0
        return await self._database.write(self._advance)

    def _advance(self, session: Session) -> int:
        row = queries.sending(session, hold=True)
        if row is None:
            return 0
        now = self._clock()
        waiting = queries.still_open(session, row.id)
        room = AT_A_TIME - waiting
        people = (
            queries.next_of_audience(
                session, **_whom(row.audience), after=row.reached, until=row.created_at, limit=room
            )
            if room > 0
            else []
        )
        if people:
            write_notice_rows(session, [self._notice(row, one, now) for one in people])
            moved = {"reached": people[-1].id, "written": row.written + len(people)}
            queries.change_broadcast(session, row.id, moved)
        elif waiting == 0:
            self._end(session, row, "sent", now)
            return 1
        if now - row.shown_at >= SHOWN_EACH:
            queries.change_broadcast(session, row.id, {"shown_at": now})
            write_notice_rows(session, [self._card(row.id, _place(row), f"{now.timestamp():.0f}", now)])
        return len(people)

    def _end(self, session: Session, row: BroadcastRow, state: str, now: datetime) -> bool:
        """Write that it is over, with what became of it; its card says so, and so does a message that rings."""
        heard = queries.heard(session, row.id)
        ended = {
            "state": state,
            "ended_at": now,
            "delivered": heard.sent,
            "unreachable": heard.parked + (heard.other if state == "sent" else 0),
        }
        if not queries.change_broadcast(session, row.id, ended):
            return False
        card = self._card(row.id, _place(row), state, now)
        result = self._card(row.id, _place(row), "result", now) | {"kind": "broadcast_result", "slot": None}
        write_notice_rows(session, [card, result])
        return True

    def _notice(self, row: BroadcastRow, person: queries.Recipient, now: datetime) -> dict[str, Any]:
        payload = {"broadcast": row.id}
        notice = notice_row(
            chat_id=person.chat_id,
            kind="broadcast",
            dedupe_key=f"broadcast:{row.id}:{person.id}",
            now=now,
            payload_sealed=self._keyring.seal_json(payload, context=NOTICE_PAYLOAD),
        )
        return notice | {"broadcast_id": row.id}

    def _card(self, broadcast_id: str, place: Place, key: str, now: datetime) -> dict[str, Any]:
        payload = {"broadcast": broadcast_id} | ({} if place.thread is None else {"thread": place.thread})
        return notice_row(
            chat_id=place.chat_id,
            kind="broadcast_card",
            dedupe_key=f"broadcast_card:{broadcast_id}:{key}",
            slot=f"o:broadcast:{broadcast_id}",
            payload_sealed=self._keyring.seal_json(payload, context=NOTICE_PAYLOAD),
            now=now,
        )

    async def _wake(self) -> None:
        self._wakes.broadcasts.set()


def _place(row: BroadcastRow) -> Place:
    return Place(row.chat_id, row.thread, row.language)


def _whom(audience: str) -> dict[str, str | None]:
    country = audience if audience.isupper() else None
    language = audience if audience != EVERYBODY and country is None else None
    return {"country": country, "language": language}


def _view(row: BroadcastRow | None, heard: queries.Heard | None = None) -> Broadcast | None:
    if row is None:
        return None
    return Broadcast(
        id=row.id,
        audience=row.audience,
        words=row.words,
        state=row.state,
        total=row.total,
        delivered=row.delivered if heard is None else heard.sent,
        unreachable=row.unreachable if heard is None else heard.parked,
        language=row.language,
    )
