"""What a payment does to the request that it pays: a use is reserved, paid, given back, or came too late.

These functions run inside the transaction in which the payment itself is opened or settled, so that the count of uses
and the money never disagree. Whoever watches a request is told in the same transaction: every card of it, and its maker.
"""

from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from bot.engine.outbox import NOTICE_PAYLOAD, notice_row, write_notice_rows
from bot.engine.request_rows import PAYER, PAYER_PHONE
from bot.payments.identifiers import new_id
from bot.payments.requests import RequestState, UseState, UseWay
from bot.payments.states import LegKind, LegState
from storage.crypto import Keyring
from storage.request_tables import RequestUse
from storage.requests import (
    add_use,
    cards_of,
    end_if_used_up,
    move_use,
    pay_use,
    release_use,
    request_by_id,
    reserve_use,
    unpay_use,
    use_of,
)

_STILL_PAYABLE: Final = (RequestState.OPEN, RequestState.EXPIRED)  # who began in time may finish
_NEWS: Final = frozenset({LegState.SUCCEEDED, LegState.REVERSED})
_NOTHING_CAME: Final = frozenset({LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED})
_NOTHING_LEFT: Final = _NOTHING_CAME | {LegState.REVERSED}  # of a collection: what came before it counted went back


def take_use(
    session: Session,
    keyring: Keyring,
    *,
    request_id: str,
    payment_id: str,
    way: UseWay,
    phone: str | None,
    named: str | None,
    now: datetime,
) -> bool:
    """Reserve a use for a payment that is being opened; False when there is none left or the request is over.

    `named`: the payer's name where they agreed that it is shown.
    """
    if use_of(session, payment_id) is not None:
        return True
    if not reserve_use(session, request_id, now=now):
        return False
    _add(session, keyring, request_id, payment_id, way, UseState.RESERVED, phone, named, now)
    tell_cards(session, request_id, now)
    use = use_of(session, payment_id)
    if use is not None and way is UseWay.PUSH:
        tell_maker(session, keyring, use, now)
    return True


def note_late(
    session: Session, keyring: Keyring, *, request_id: str, payment_id: str, phone: str | None, now: datetime
) -> None:
    """A payment that was made elsewhere, when there was nothing left to pay: once its money is in, it goes back."""
    _add(session, keyring, request_id, payment_id, UseWay.PAGE, UseState.LATE, phone, None, now)


def request_moved(
    session: Session, keyring: Keyring, payment_id: str, leg: LegKind, state: LegState, now: datetime
) -> bool:
    """Tell a request that a leg of a payment on it has come to `state`; whether collected money must go back.

    Called by the settler, in its transaction, for payments of the kind REQUEST.
    """
    use = use_of(session, payment_id)
    if use is None:
        return False
    if leg is LegKind.COLLECT and state is LegState.SUCCEEDED:
        return not _paid(session, keyring, use, now)
    if leg is LegKind.COLLECT and state in _NOTHING_LEFT and use.state == UseState.RESERVED:
        if move_use(session, payment_id, was=UseState.RESERVED, state=UseState.RELEASED, now=now):
            release_use(session, use.request_id, now=now)
            tell_cards(session, use.request_id, now)
            if use.way == UseWay.PUSH:
                tell_maker(session, keyring, use, now)
    elif leg is LegKind.PAYOUT and state in _NOTHING_CAME:
        if move_use(session, payment_id, was=UseState.PAID, state=UseState.RETURNED, now=now):
            unpay_use(session, use.request_id, now=now)
            tell_cards(session, use.request_id, now)
            tell_maker(session, keyring, use, now, ring=True)
    elif state in _NEWS or (use.way == UseWay.PUSH and state is LegState.PENDING and leg is LegKind.COLLECT):
        tell_maker(session, keyring, use, now)
    return False


def _paid(session: Session, keyring: Keyring, use: RequestUse, now: datetime) -> bool:
    """Count a use as paid; False when its money came too late and must go back."""
    in_time = use.state == UseState.RESERVED and pay_use(session, use.request_id, states=_STILL_PAYABLE, now=now)
    if in_time:
        move_use(session, use.payment_id, was=UseState.RESERVED, state=UseState.PAID, now=now)
        end_if_used_up(session, use.request_id, now=now)
    elif use.state == UseState.RESERVED:
        move_use(session, use.payment_id, was=UseState.RESERVED, state=UseState.LATE, now=now)
        release_use(session, use.request_id, now=now)
    tell_cards(session, use.request_id, now)
    tell_maker(session, keyring, use, now, ring=True)
    return in_time


def _add(
    session: Session,
    keyring: Keyring,
    request_id: str,
    payment_id: str,
    way: UseWay,
    state: UseState,
    phone: str | None,
    named: str | None,
    now: datetime,
) -> None:
    row = {
        "payment_id": payment_id,
        "request_id": request_id,
        "way": way,
        "state": state,
        "payer_sealed": None if named is None else keyring.seal(named, context=PAYER),
        "payer_digest": None if phone is None else keyring.digest(phone, context=PAYER_PHONE),
        "created_at": now,
        "updated_at": now,
    }
    add_use(session, row)


def tell_cards(session: Session, request_id: str, now: datetime) -> None:
    """Have every card of a request drawn again. Each is drawn when it is sent, so it shows the newest state."""
    rows = [
        card_notice(request_id, card.chat_id, now, dedupe_key=f"request:{card.id}:{new_id()}")
        for card in cards_of(session, request_id)
    ]
    write_notice_rows(session, rows)


def card_notice(
    request_id: str, chat_id: int, now: datetime, *, dedupe_key: str, payload_sealed: bytes | None = None
) -> dict[str, Any]:
    """The notice that draws a request's card in a chat."""
    return notice_row(
        chat_id=chat_id,
        kind="request_card",
        dedupe_key=dedupe_key,
        slot=f"r:{request_id}",
        payload_sealed=payload_sealed,
        now=now,
    )


def tell_maker(session: Session, keyring: Keyring, use: RequestUse, now: datetime, *, ring: bool = False) -> None:
    """Tell the maker how a payment on their request stands: one message for each, edited as it goes on.

    `ring`: as a new message, since edits make no sound.
    """
    request = request_by_id(session, use.request_id)
    assert request is not None
    write_notice_rows(
        session,
        [
            notice_row(
                chat_id=request.chat_id,
                kind="request_news",
                dedupe_key=f"request_news:{use.payment_id}:{new_id()}",
                slot=f"rn:{use.payment_id}",
                payment_id=use.payment_id,
                payload_sealed=keyring.seal_json({"fresh": True}, context=NOTICE_PAYLOAD) if ring else None,
                now=now,
            )
        ],
    )
