"""The rows that a plan of legs asks for: the first leg of a confirmed payment, and the refund leg when one is owed."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from bot.engine.results import BuyOffer, BuyRequest
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.references import new_callback_token, new_reference
from bot.payments.states import LegKind, LegState
from storage.crypto import Keyring
from storage.payments import HeldPayment, payment_request

LEG_DETAILS = "leg.details"
PAYMENT_REQUEST = "payment.request"


def onramp_leg(
    keyring: Keyring, *, payment_id: str, request: BuyRequest, offer: BuyOffer, environment: str, now: datetime
) -> dict[str, Any]:
    """The row of a buy's only planned leg, with its reference chosen now, before any call."""
    return _leg(payment_id=payment_id, position=0, kind=LegKind.ONRAMP, environment=environment, now=now) | {
        "amount": offer.fiat_amount.amount,
        "currency": offer.fiat_amount.currency,
        "to_pay": offer.pay.amount,
        "crypto_amount": offer.receive.amount,
        "token": request.token,
        "chain": request.chain,
        "destination_digest": keyring.digest(request.address),
        "details_sealed": keyring.seal_json(pack_request(request), context=LEG_DETAILS),
        "quote_id": offer.quote_id,
        "quote_expires_at": offer.expires_at,
    }


def refund_leg(session: Session, keyring: Keyring, payment: HeldPayment, now: datetime) -> dict[str, Any] | None:
    """The row that pays a payer back all that they paid; None when there is no phone to pay it to (paid by bank)."""
    request = unpack_request(keyring.open_json(payment_request(session, payment.id), context=PAYMENT_REQUEST))
    if request.method != "mobile_money":
        return None
    return _leg(
        payment_id=payment.id,
        position=len(payment.legs),
        kind=LegKind.REFUND,
        environment=payment.environment,
        now=now,
    ) | {
        # a phone is paid whole units where its currency has no smaller ones: never less than was taken
        "amount": Money(payment.pay_amount, payment.pay_currency).quantize_up().amount,
        "currency": payment.pay_currency,
        "to_pay": None,
        "crypto_amount": None,
        "token": None,
        "chain": None,
        "destination_digest": keyring.digest(request.phone),
        "details_sealed": keyring.seal_json(pack_request(request), context=LEG_DETAILS),
        "quote_id": None,
        "quote_expires_at": None,
    }


def _leg(*, payment_id: str, position: int, kind: LegKind, environment: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "payment_id": payment_id,
        "position": position,
        "kind": kind,
        "state": LegState.READY,
        "environment": environment,
        "reference": new_reference(),
        "callback_token": new_callback_token(),
        "submissions": 0,
        "polls": 0,
        "failures": 0,
        "due_at": now,
        "created_at": now,
        "updated_at": now,
    }


def pack_request(request: BuyRequest) -> dict[str, Any]:
    """A buy request as JSON, with its amounts as text so that they stay exact."""
    return {
        "country": request.country,
        "currency": request.currency,
        "token": request.token,
        "chain": request.chain,
        "address": request.address,
        "method": request.method,
        "phone": request.phone,
        "account_name": request.account_name,
        "network": request.network,
        "fiat_amount": None if request.fiat_amount is None else str(request.fiat_amount),
        "crypto_amount": None if request.crypto_amount is None else str(request.crypto_amount),
    }


def unpack_request(packed: dict[str, Any]) -> BuyRequest:
    """The other way round."""
    amounts = {
        name: None if packed[name] is None else Decimal(packed[name]) for name in ("fiat_amount", "crypto_amount")
    }
    return BuyRequest(**(packed | amounts))
