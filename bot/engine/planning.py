"""The rows that a plan of legs asks for: the first leg of a confirmed payment, and those that follow from it.

Every reference is chosen here, when its row is written, before any call is made under it.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from bot.engine.packing import pack_request, unpack_request
from bot.engine.results import (
    AnyRequest,
    BuyOffer,
    BuyRequest,
    CollectionRequest,
    PayoutRequest,
    SellOffer,
    SellRequest,
    SendOffer,
    SendRequest,
)
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer
from bot.payments.references import new_callback_token, new_reference
from bot.payments.states import LegKind, LegState
from storage.crypto import Keyring
from storage.payments import HeldPayment, payment_request

LEG_DETAILS: Final = "leg.details"
PAYMENT_REQUEST: Final = "payment.request"
COLLECT_WITHIN: Final = timedelta(minutes=10)  # nobody's phone asks for money longer after the yes than that
COLLECT_QUOTED_WITHIN: Final = timedelta(minutes=2)  # where a rate was promised


def onramp_leg(
    keyring: Keyring, *, payment_id: str, request: BuyRequest, offer: BuyOffer, environment: str, now: datetime
) -> dict[str, Any]:
    """The row of a buy's only planned leg."""
    return _leg(keyring, request, payment_id=payment_id, kind=LegKind.ONRAMP, environment=environment, now=now) | {
        "amount": offer.fiat_amount.amount,
        "currency": offer.fiat_amount.currency,
        "to_pay": offer.pay.amount,
        "crypto_amount": offer.receive.amount,
        "token": request.token,
        "chain": request.chain,
        "destination_digest": keyring.digest(request.address),
        "quote_id": offer.quote_id,
        "quote_expires_at": offer.expires_at,
    }


def offramp_leg(
    keyring: Keyring, *, payment_id: str, request: SellRequest, offer: SellOffer, environment: str, now: datetime
) -> dict[str, Any]:
    """The row of a sale's only leg."""
    return _leg(keyring, request, payment_id=payment_id, kind=LegKind.OFFRAMP, environment=environment, now=now) | {
        "amount": offer.fiat_amount.amount,
        "currency": offer.fiat_amount.currency,
        "to_pay": offer.receive.amount,
        "crypto_amount": offer.pay.amount,
        "token": request.token,
        "chain": request.chain,
        "destination_digest": keyring.digest(request.destination.identity),
        "quote_id": offer.quote_id,
        "quote_expires_at": offer.expires_at,
    }


def collect_leg(
    keyring: Keyring, *, payment_id: str, request: SendRequest, offer: SendOffer, environment: str, now: datetime
) -> dict[str, Any]:
    """The row that brings the payer's money in: due once the time in which they may stop it is over."""
    due_at = now + timedelta(seconds=request.hold)
    within = COLLECT_WITHIN if offer.pay.currency == offer.receive.currency else COLLECT_QUOTED_WITHIN
    return _leg(keyring, request, payment_id=payment_id, kind=LegKind.COLLECT, environment=environment, now=now) | {
        "amount": offer.pay.amount,
        "currency": offer.pay.currency,
        "destination_digest": keyring.digest(request.payer.phone),
        "quote_expires_at": due_at + within,
        "due_at": due_at,
    }


def house_payout_leg(
    keyring: Keyring, *, payment_id: str, request: PayoutRequest, environment: str, now: datetime, due_at: datetime
) -> dict[str, Any]:
    """The row of a payout of the house: its only leg. It is begun at `due_at`."""
    return _leg(keyring, request, payment_id=payment_id, kind=LegKind.PAYOUT, environment=environment, now=now) | {
        "amount": request.amount.amount,
        "currency": request.amount.currency,
        "destination_digest": keyring.digest(request.destination.identity),
        "due_at": due_at,
    }


def house_collect_leg(
    keyring: Keyring, *, payment_id: str, request: CollectionRequest, environment: str, now: datetime
) -> dict[str, Any]:
    """The row of a collection of the house: its only leg."""
    return _leg(keyring, request, payment_id=payment_id, kind=LegKind.COLLECT, environment=environment, now=now) | {
        "amount": request.amount.amount,
        "currency": request.amount.currency,
        "destination_digest": keyring.digest(request.payer.phone),
        "quote_expires_at": now + COLLECT_WITHIN,
    }


def payout_leg(
    session: Session, keyring: Keyring, payment: HeldPayment, now: datetime, *, state: LegState = LegState.READY
) -> dict[str, Any]:
    """The row that pays out what was collected. `state` is CANCELLED where it must go back instead."""
    request = _request(session, keyring, payment)
    assert isinstance(request, SendRequest)
    return _further_leg(keyring, request, payment, LegKind.PAYOUT, now) | {
        "amount": payment.receive_amount,
        "currency": payment.receive_currency,
        "destination_digest": keyring.digest(request.destination.identity),
        "state": state,
        "due_at": now if state is LegState.READY else None,
    }


def refund_leg(
    session: Session, keyring: Keyring, payment: HeldPayment, now: datetime, *, to: Destination | None = None
) -> dict[str, Any] | None:
    """The row that pays a payer back all that they paid; None when there is no phone to pay it to (paid by bank).

    `to`: the phone or account that an operator named for it instead.
    """
    # a phone is paid whole units where its currency has no smaller ones: never less than was taken
    amount = Money(payment.pay_amount, payment.pay_currency).quantize_up()
    money = {"amount": amount.amount, "currency": amount.currency}
    if to is not None:
        named = PayoutRequest(to, amount, "", asked_by=0, language="")
        row = _further_leg(keyring, named, payment, LegKind.REFUND, now)
        return row | money | {"destination_digest": keyring.digest(to.identity)}
    request = _request(session, keyring, payment)
    payer = payer_of(request)
    if payer.method != "mobile_money":
        return None
    row = _further_leg(keyring, request, payment, LegKind.REFUND, now)
    return row | money | {"destination_digest": keyring.digest(payer.phone)}


def payer_of(request: AnyRequest) -> Payer:
    """Who paid fiat in. `TypeError` for a sale and for a payout of the house, in which nobody did."""
    match request:
        case BuyRequest():
            return Payer(
                country=request.country,
                currency=request.currency,
                method=request.method,
                phone=request.phone,
                account_name=request.account_name,
                network=request.network,
            )
        case SendRequest() | CollectionRequest():
            return request.payer
        case SellRequest():
            raise TypeError("a sale is paid in crypto")
        case PayoutRequest():
            raise TypeError("a payout of the house is paid by the house")


def _request(session: Session, keyring: Keyring, payment: HeldPayment) -> AnyRequest:
    return unpack_request(keyring.open_json(payment_request(session, payment.id), context=PAYMENT_REQUEST))


def _further_leg(
    keyring: Keyring, request: AnyRequest, payment: HeldPayment, kind: LegKind, now: datetime
) -> dict[str, Any]:
    row = _leg(keyring, request, payment_id=payment.id, kind=kind, environment=payment.environment, now=now)
    return row | {"position": len(payment.legs)}


def _leg(
    keyring: Keyring, request: AnyRequest, *, payment_id: str, kind: LegKind, environment: str, now: datetime
) -> dict[str, Any]:
    no_amount: Decimal | None = None
    return {
        "id": new_id(),
        "payment_id": payment_id,
        "position": 0,
        "kind": kind,
        "state": LegState.READY,
        "environment": environment,
        "reference": new_reference(),
        "callback_token": new_callback_token(),
        "to_pay": no_amount,
        "crypto_amount": no_amount,
        "token": None,
        "chain": None,
        "details_sealed": keyring.seal_json(pack_request(request), context=LEG_DETAILS),
        "quote_id": None,
        "quote_expires_at": None,
        "submissions": 0,
        "polls": 0,
        "failures": 0,
        "due_at": now,
        "created_at": now,
        "updated_at": now,
    }
