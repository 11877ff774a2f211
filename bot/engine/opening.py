"""Opening a payment: the customer's confirmation becomes rows, and nothing else happens here.

The function runs inside the transaction that also finishes the conversation. The leg's reference is chosen and
committed with it, so every later call to the provider is made under a name that is already on record.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.engine.findings import Cause
from bot.engine.outbox import notice_row, write_notice_rows
from bot.engine.planning import PAYMENT_REQUEST, onramp_leg, pack_request
from bot.engine.results import BuyOffer, BuyRequest, OpenedPayment
from bot.payments.identifiers import new_id
from bot.payments.references import new_payment_code
from bot.payments.states import LegState, PaymentKind, PaymentState
from storage.crypto import Keyring
from storage.payments import add_events, add_payment, payment_by_confirm_key


class StaleOffer(Exception):
    """The offer had run out when the confirmation was written: quote again and ask again."""


def open_buy(
    session: Session,
    keyring: Keyring,
    *,
    customer_id: str,
    chat_id: int,
    request: BuyRequest,
    offer: BuyOffer,
    confirm_key: str,
    environment: str,
    now: datetime,
) -> OpenedPayment:
    """Write a confirmed buy: payment, onramp leg, first event and status card, in the caller's transaction.

    The same `confirm_key` gives the same payment, however often it comes. Raises `StaleOffer` for an offer that ran
    out.
    """
    known = payment_by_confirm_key(session, confirm_key)
    if known is None:
        if now >= offer.expires_at:
            raise StaleOffer
        payment, leg = _rows(keyring, customer_id, chat_id, request, offer, confirm_key, environment, now)
        if add_payment(session, payment, leg):
            add_events(session, [_event(payment, leg, now)])
            write_notice_rows(
                session,
                [
                    notice_row(
                        chat_id=chat_id,
                        kind="payment_card",
                        dedupe_key=f"card:{payment['id']}:1",
                        slot=f"p:{payment['id']}",
                        payment_id=payment["id"],
                        now=now,
                    )
                ],
            )
            return OpenedPayment(payment["id"], payment["code"], fresh=True)
        known = payment_by_confirm_key(session, confirm_key)
        assert known is not None
    return OpenedPayment(known["id"], known["code"], fresh=False)


def _rows(
    keyring: Keyring,
    customer_id: str,
    chat_id: int,
    request: BuyRequest,
    offer: BuyOffer,
    confirm_key: str,
    environment: str,
    now: datetime,
) -> tuple[dict[str, Any], dict[str, Any]]:
    payment_id = new_id()
    payment = {
        "id": payment_id,
        "code": new_payment_code(),
        "customer_id": customer_id,
        "chat_id": chat_id,
        "environment": environment,
        "kind": PaymentKind.BUY,
        "state": PaymentState.CONFIRMED,
        "confirm_key": confirm_key,
        "pay_amount": offer.pay.amount,
        "pay_currency": offer.pay.currency,
        "fee_amount": offer.fee.amount,
        "receive_amount": offer.receive.amount,
        "receive_currency": offer.receive.currency,
        "request_sealed": keyring.seal_json(pack_request(request), context=PAYMENT_REQUEST),
        "revision": 1,
        "created_at": now,
        "updated_at": now,
    }
    leg = onramp_leg(keyring, payment_id=payment_id, request=request, offer=offer, environment=environment, now=now)
    return payment, leg


def _event(payment: dict[str, Any], leg: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "leg_id": leg["id"],
        "payment_id": payment["id"],
        "at": now,
        "cause": Cause.CONFIRMED,
        "actor": "customer",
        "from_state": None,
        "to_state": LegState.READY,
        "words": None,
        "note": None,
        "callback_id": None,
        "raw_sealed": None,
    }
