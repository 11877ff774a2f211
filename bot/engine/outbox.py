"""Saying something to a person: never a call, always a row, written with the change that it tells of.

What is said is kept apart from when and how it is sent (`bot.telegram.sending`): a crash between the two loses nothing,
a blocked chat waits, and a message that was superseded before it went out is never seen.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.payments.identifiers import new_id
from storage.crypto import Keyring
from storage.notices import add_notices, unpark_chat

NOTICE_PAYLOAD = "notice.payload"
HERE: Final[Mapping[str, Any]] = MappingProxyType({})  # nowhere in particular within the chat


class Drawn(Protocol):
    """A screen, as far as the outbox cares: something that can be stored (`bot.screens.screen.Screen`)."""

    def to_json(self) -> dict[str, Any]:
        """As an object of text, whole numbers, booleans, nulls, lists and objects."""
        ...


def notice_row(
    *,
    chat_id: int,
    kind: str,
    dedupe_key: str,
    now: datetime,
    slot: str | None = None,
    payment_id: str | None = None,
    payload_sealed: bytes | None = None,
) -> dict[str, Any]:
    """A notice that is due now. `kind` names its renderer; the same `dedupe_key` is said once for good.

    With a `slot` it takes the place of the message that stands there, and only the newest notice of a slot is sent.
    """
    return {
        "id": new_id(),
        "dedupe_key": dedupe_key,
        "chat_id": chat_id,
        "kind": kind,
        "slot": slot,
        "payment_id": payment_id,
        "payload_sealed": payload_sealed,
        "state": "due",
        "due_at": now,
        "attempts": 0,
        "created_at": now,
    }


def escrow_slot(payment_id: str) -> str:
    """The slot of the message that says where a sale's crypto goes."""
    return f"e:{payment_id}"


def escrow_over_row(*, chat_id: int, payment_id: str, when: int | str, now: datetime) -> dict[str, Any]:
    """A notice that the message of `escrow_slot` is to say that nothing may be sent any more; once for each `when`."""
    return notice_row(
        chat_id=chat_id,
        kind="payment_escrow_over",
        dedupe_key=f"escrow_over:{payment_id}:{when}",
        slot=escrow_slot(payment_id),
        payment_id=payment_id,
        now=now,
    )


def write_notice_rows(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert notices in the caller's transaction; one whose `dedupe_key` is known is left as it stands."""
    add_notices(session, rows)


class Outbox:
    """Says screens: staged on the effects of an update, or inside a transaction that is open already."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def say(
        self,
        collected: Effects,
        *,
        chat_id: int,
        screen: Drawn,
        dedupe_key: str,
        slot: str | None = None,
        fresh: bool = False,
        place: Mapping[str, Any] = HERE,
    ) -> None:
        """Stage a screen to be said when the update's effects are committed.

        `fresh`: a new message takes the slot, and the one that stood there loses its buttons. `place` says more about
        where and how, for a group with topics: `topic`, the name of one of ours (an `AlertKind`), or `thread`, the number
        of any; and `silent`.
        """
        row = self._row(chat_id, screen, dedupe_key, slot, fresh=fresh, place=place)
        collected.add(lambda session: write_notice_rows(session, [row]))

    def say_now(
        self,
        session: Session,
        *,
        chat_id: int,
        screen: Drawn,
        dedupe_key: str,
        slot: str | None = None,
        fresh: bool = False,
        place: Mapping[str, Any] = HERE,
    ) -> None:
        """The same inside a transaction of the caller's, who wakes the sender after the commit (`Wakes.notices`)."""
        write_notice_rows(session, [self._row(chat_id, screen, dedupe_key, slot, fresh=fresh, place=place)])

    def show_payment(
        self, collected: Effects, *, chat_id: int, payment_id: str, dedupe_key: str, fresh: bool = False
    ) -> None:
        """Stage that a payment's card is shown. It is drawn when it is sent, so it never overtakes the engine's news."""
        row = notice_row(
            chat_id=chat_id,
            kind="payment_card",
            dedupe_key=dedupe_key,
            now=self._clock(),
            slot=f"p:{payment_id}",
            payment_id=payment_id,
            payload_sealed=self._keyring.seal_json({"fresh": fresh}, context=NOTICE_PAYLOAD),
        )
        collected.add(lambda session: write_notice_rows(session, [row]))

    def show(
        self,
        collected: Effects,
        *,
        chat_id: int,
        kind: str,
        payload: Mapping[str, Any],
        dedupe_key: str,
        slot: str | None = None,
    ) -> None:
        """Stage a message of another kind than a screen: whoever draws that kind makes it of the payload."""
        row = notice_row(
            chat_id=chat_id,
            kind=kind,
            dedupe_key=dedupe_key,
            slot=slot,
            now=self._clock(),
            payload_sealed=self._keyring.seal_json(dict(payload), context=NOTICE_PAYLOAD),
        )
        collected.add(lambda session: write_notice_rows(session, [row]))

    def welcome_back(self, collected: Effects, *, chat_id: int) -> None:
        """Stage that a person who had blocked us is here again: what was parked for them becomes due, in its order."""
        now = self._clock()
        collected.add(lambda session: unpark(session, chat_id, now))

    def _row(
        self,
        chat_id: int,
        screen: Drawn,
        dedupe_key: str,
        slot: str | None,
        *,
        fresh: bool,
        place: Mapping[str, Any],
    ) -> dict[str, Any]:
        payload = {"screen": screen.to_json(), "fresh": fresh, **place}
        return notice_row(
            chat_id=chat_id,
            kind="screen",
            dedupe_key=dedupe_key,
            now=self._clock(),
            slot=slot,
            payload_sealed=self._keyring.seal_json(payload, context=NOTICE_PAYLOAD),
        )


def unpark(session: Session, chat_id: int, now: datetime) -> None:
    """Make what was parked for this chat due again. Of each slot only the newest will be sent."""
    unpark_chat(session, chat_id, now)
