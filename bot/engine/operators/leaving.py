"""What goes with the role of an operator: all that they ordered and nobody approved yet is withdrawn in that transaction.

Nobody could approve it any more, so it must not look as if it waited.
"""

from datetime import datetime
from functools import partial

from sqlmodel import Session

from bot.engine.operators.order_results import OrderState
from bot.engine.operators.order_rows import card_rows, chats_told, news_row
from bot.engine.outbox import write_notice_rows
from storage import orders as queries
from storage.crypto import Keyring


def withdraw_orders(session: Session, keyring: Keyring, asked_by: int, *, by: int, now: datetime) -> None:
    """End the orders of somebody (`asked_by`) whose role `by` took away, of every environment; their cards show it."""
    state, rows = OrderState.WITHDRAWN, []
    for order in queries.waiting_orders_of(session, asked_by, now=now):
        end = partial(queries.end_order, session, order.id, environment=order.environment)
        told, chat = chats_told(order), order.chat_id
        if end(state=str(state), by=by, now=now):
            rows += card_rows(keyring, order.id, state, told, now)
            rows.append(news_row(keyring, order.id, chat, now))
    write_notice_rows(session, rows)
