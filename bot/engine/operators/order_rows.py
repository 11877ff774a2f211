"""The rows of an order: itself with what it is about sealed, its cards in every chat, and the news of its end."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bot.engine.operators.order_results import Order, OrderState
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row
from bot.payments.money import Money, to_plain
from storage.crypto import Keyring
from storage.order_tables import OperatorOrder

_ABOUT: Final = "operator_order.about"


def order_row(keyring: Keyring, order: Order, told: Sequence[int]) -> dict[str, Any]:
    """An order as its row. `told` are the chats where its card stands."""
    return {
        "id": order.id,
        "environment": order.environment,
        "kind": order.kind,
        "state": str(order.state),
        "money": json.dumps([[to_plain(one.amount), one.currency] for one in order.money]),
        "about_sealed": about_sealed(keyring, order.about),
        "reason": order.reason,
        "asked_by": order.asked_by,
        "asked_at": order.asked_at,
        "chat_id": order.chat_id,
        "told": json.dumps(list(told)),
        "expires_at": order.expires_at,
        "decided_by": order.decided_by,
        "decided_at": order.decided_at,
        "due_at": order.expires_at if order.state is OrderState.PROPOSED else None,
    }


def about_sealed(keyring: Keyring, about: Mapping[str, str]) -> bytes:
    """What an order is about, as its row keeps it."""
    return keyring.seal_json(dict(about), context=_ABOUT)


def order_from(keyring: Keyring, row: OperatorOrder) -> Order:
    """The order of a row."""
    return Order(
        id=row.id,
        environment=row.environment,
        kind=row.kind,
        money=money_from(row.money),
        about={name: str(said) for name, said in keyring.open_json(row.about_sealed, context=_ABOUT).items()},
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        chat_id=row.chat_id,
        reason=row.reason,
        state=OrderState(row.state),
        expires_at=row.expires_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def money_from(text: str) -> tuple[Money, ...]:
    """What an order moves, out of its row."""
    return tuple(Money(Decimal(amount), currency) for amount, currency in json.loads(text))


def chats_told(row: OperatorOrder) -> list[int]:
    """The chats where the card of an order stands, out of its row."""
    return [int(chat) for chat in json.loads(row.told)]


def order_slot(order_id: str) -> str:
    """The slot of an order's card."""
    return f"o:order:{order_id}"


def card_rows(
    keyring: Keyring, order_id: str, state: OrderState, told: Sequence[int], now: datetime
) -> list[dict[str, Any]]:
    """The notices that put an order's card, as it stands from now on, into each of these chats."""
    return [
        notice_row(
            chat_id=chat,
            kind="operator_order",
            dedupe_key=f"order:{order_id}:{state}:{chat}",
            slot=order_slot(order_id),
            payload_sealed=keyring.seal_json({"order": order_id}, context=NOTICE_PAYLOAD),
            now=now,
        )
        for chat in told
    ]


def news_row(keyring: Keyring, order_id: str, chat_id: int, now: datetime) -> dict[str, Any]:
    """The notice of an order's end, for the chat where it was asked for; there once."""
    return notice_row(
        chat_id=chat_id,
        kind="operator_order_end",
        dedupe_key=f"order:{order_id}:end",
        payload_sealed=keyring.seal_json({"order": order_id}, context=NOTICE_PAYLOAD),
        now=now,
    )
