"""Opening a payment: the customer's confirmation becomes rows, and nothing else happens here.

The functions run inside the transaction that also finishes the conversation. The leg's reference is chosen and
committed with it, so every later call to the provider is made under a name that is already on record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.engine.findings import Cause
from bot.engine.history import added_event
from bot.engine.outbox import notice_row, write_notice_rows
from bot.engine.packing import pack_request
from bot.engine.planning import PAYMENT_REQUEST, collect_leg, offramp_leg, onramp_leg
from bot.engine.results import (
    BuyOffer,
    BuyRequest,
    Offer,
    OpenedPayment,
    Request,
    SellOffer,
    SellRequest,
    SendOffer,
    SendRequest,
)
from bot.payments.identifiers import new_id
from bot.payments.references import new_payment_code
from bot.payments.states import LegState, PaymentKind, PaymentState
from storage.crypto import Keyring
from storage.payments import add_events, add_payment, payment_by_confirm_key


class StaleOffer(Exception):
    """The offer had run out when the confirmation was written: quote again and ask again."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A customer's yes: whose, in which chat, under which key (the same key is the same payment), where and when."""

    customer_id: str
    chat_id: int
    confirm_key: str
    environment: str
    now: datetime


def open_buy(
    session: Session, keyring: Keyring, yes: Confirmed, *, request: BuyRequest, offer: BuyOffer
) -> OpenedPayment:
    """Write a confirmed buy: payment, onramp leg, first event and status card, in the caller's transaction.

    The same `confirm_key` gives the same payment, however often it comes. Raises `StaleOffer` for an offer that ran
    out.
    """

    def leg(payment_id: str) -> dict[str, Any]:
        return onramp_leg(
            keyring, payment_id=payment_id, request=request, offer=offer, environment=yes.environment, now=yes.now
        )

    return _open(session, keyring, yes, PaymentKind.BUY, request, offer, leg, {})


def open_sell(
    session: Session, keyring: Keyring, yes: Confirmed, *, request: SellRequest, offer: SellOffer
) -> OpenedPayment:
    """Write a confirmed sale; otherwise as `open_buy`."""

    def leg(payment_id: str) -> dict[str, Any]:
        return offramp_leg(
            keyring, payment_id=payment_id, request=request, offer=offer, environment=yes.environment, now=yes.now
        )

    return _open(session, keyring, yes, PaymentKind.SELL, request, offer, leg, {})


def open_send(
    session: Session, keyring: Keyring, yes: Confirmed, *, request: SendRequest, offer: SendOffer
) -> OpenedPayment:
    """Write a confirmed transfer, or what somebody pays on a payment request; otherwise as `open_buy`."""

    def leg(payment_id: str) -> dict[str, Any]:
        return collect_leg(
            keyring, payment_id=payment_id, request=request, offer=offer, environment=yes.environment, now=yes.now
        )

    kind = PaymentKind.SEND if request.request_id is None else PaymentKind.REQUEST
    more = {
        "request_id": request.request_id,
        "hold_until": yes.now + timedelta(seconds=request.hold) if request.hold else None,
    }
    return _open(session, keyring, yes, kind, request, offer, leg, more)


def open_placed(
    session: Session, keyring: Keyring, yes: Confirmed, *, request: SendRequest, offer: SendOffer, reference: str
) -> OpenedPayment:
    """Write a payment that was begun elsewhere: the provider has its collection already, under `reference`.

    Whoever pays it did so outside of Telegram, so no card is sent; otherwise as `open_buy`.
    """

    def leg(payment_id: str) -> dict[str, Any]:
        row = collect_leg(
            keyring, payment_id=payment_id, request=request, offer=offer, environment=yes.environment, now=yes.now
        )
        return row | {
            "reference": reference,
            "state": LegState.PENDING,
            "submissions": 1,
            "submitted_at": yes.now,
            "quote_expires_at": None,
            "due_at": yes.now,
        }

    more = {"request_id": request.request_id, "state": PaymentState.AWAITING_PAYMENT}
    return _open(session, keyring, yes, PaymentKind.REQUEST, request, offer, leg, more, card=False)


def _open(
    session: Session,
    keyring: Keyring,
    yes: Confirmed,
    kind: PaymentKind,
    request: Request,
    offer: Offer,
    first_leg: Callable[[str], dict[str, Any]],
    more: dict[str, Any],
    *,
    card: bool = True,
) -> OpenedPayment:
    known = payment_by_confirm_key(session, yes.confirm_key)
    if known is None:
        if yes.now >= offer.expires_at:
            raise StaleOffer
        payment = _payment(keyring, yes, kind, request, offer) | more
        leg = first_leg(payment["id"])
        if add_payment(session, payment, leg):
            add_events(session, [added_event(leg, Cause.CONFIRMED, "customer", None, yes.now)])
            if card:
                write_notice_rows(session, [_card(payment, yes)])
            return OpenedPayment(payment["id"], payment["code"], fresh=True)
        known = payment_by_confirm_key(session, yes.confirm_key)
        assert known is not None
    return OpenedPayment(known["id"], known["code"], fresh=False)


def _payment(keyring: Keyring, yes: Confirmed, kind: PaymentKind, request: Request, offer: Offer) -> dict[str, Any]:
    return {
        "id": new_id(),
        "code": new_payment_code(),
        "customer_id": yes.customer_id,
        "chat_id": yes.chat_id,
        "environment": yes.environment,
        "kind": kind,
        "state": PaymentState.CONFIRMED,
        "confirm_key": yes.confirm_key,
        "pay_amount": offer.pay.amount,
        "pay_currency": offer.pay.currency,
        "fee_amount": offer.fee.amount,
        "fee_currency": offer.fee.currency,
        "receive_amount": offer.receive.amount,
        "receive_currency": offer.receive.currency,
        "request_sealed": keyring.seal_json(pack_request(request), context=PAYMENT_REQUEST),
        "request_id": None,
        "hold_until": None,
        "revision": 1,
        "created_at": yes.now,
        "updated_at": yes.now,
    }


def _card(payment: dict[str, Any], yes: Confirmed) -> dict[str, Any]:
    return notice_row(
        chat_id=yes.chat_id,
        kind="payment_card",
        dedupe_key=f"card:{payment['id']}:1",
        slot=f"p:{payment['id']}",
        payment_id=payment["id"],
        now=yes.now,
    )
