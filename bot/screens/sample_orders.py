"""Made-up sales and sends, beside the buys of `samples`: to every kind of place, in every state."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from bot.engine.results import PaymentView, SellOffer, SellRequest, SendOffer, SendRequest
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer, Way
from bot.payments.states import PaymentKind, PaymentState
from bot.screens.samples import NOW, sample_view

OWN_PHONE: Final = Destination(Way.PHONE, "KE", "KES", "Jane Wanjiru", phone="+254712345678", network="MPESA", own=True)
GRACE: Final = Destination(Way.PHONE, "KE", "KES", "Grace Okello", phone="+254722000111", network="MPESA")
BANK: Final = Destination(
    Way.BANK,
    "KE",
    "KES",
    "Jane Wanjiru",
    phone="+254712345678",
    bank_code="1",
    bank_name="KCB Bank",
    account="1104455667",
)
TILL: Final = Destination(Way.TILL, "KE", "KES", "Mama Njeri Shop", number="555123")
PAYBILL: Final = Destination(Way.PAYBILL, "KE", "KES", "Kenya Power", number="888880", account="14-332-901")
KWAME: Final = Destination(Way.PHONE, "GH", "GHS", "Kwame Mensah", phone="+233241234567", network="MTN")
DESTINATIONS: Final = (OWN_PHONE, GRACE, BANK, TILL, PAYBILL, KWAME)
PAYER: Final = Payer("KE", "KES", "mobile_money", "+254712345678", "Jane Wanjiru", "MPESA")
BANK_PAYER: Final = Payer("ZA", "ZAR", "bank", "+27821234567", "Thandi Nkosi")

WALLET: Final = "0x52908400098527886E0F7030069857D2E4169EE7"
ESCROW: Final = "0x8617E340B3D01FA5F11F306F4090FD50E238070D"
ESCROW_ON_TRON: Final = "TNPeeaaFB7K9cmo4uQpcU32zGK8G1NYqeL"
SALE: Final = SellRequest("USDC", "BASE", WALLET, WALLET, OWN_PHONE, crypto_amount=Decimal(10))
SALE_TO_GRACE: Final = replace(SALE, refund_address="0xde709f2102306220921060314715629080e2fb77", destination=GRACE)
SALE_ON_TRON: Final = replace(
    SALE,
    token="USDT",  # noqa: S106 - a currency, no password
    chain="TRON",
    sender_address="TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC",
    refund_address="TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC",
    destination=BANK,
)
SELL_OFFER: Final = SellOffer(
    "q4",
    Money(Decimal(10), "USDC"),
    Money(Decimal(26), "KES"),
    Money(Decimal(1279), "KES"),
    Money(Decimal(1305), "KES"),
    NOW + timedelta(seconds=50),
)
SELL_OFFER_AGAIN: Final = replace(SELL_OFFER, quote_id="q5", receive=Money(Decimal(1271), "KES"))
SEND: Final = SendRequest(PAYER, GRACE, Money(Decimal(2000), "KES"), hold=10, note="rent")
SEND_BY_BANK: Final = SendRequest(BANK_PAYER, TILL, Money(Decimal(250), "ZAR"))
PAYING_A_REQUEST: Final = SendRequest(PAYER, GRACE, Money(Decimal(1500), "KES"), note="lunch", request_id="r1")
SEND_OFFER: Final = SendOffer(
    Money(Decimal(2040), "KES"), Money(Decimal(40), "KES"), Money(Decimal(2000), "KES"), NOW + timedelta(seconds=50)
)
ACROSS_OFFER: Final = SendOffer(
    Money(Decimal(2040), "KES"),
    Money(Decimal(40), "KES"),
    Money(Decimal("231.55"), "GHS"),
    NOW + timedelta(seconds=50),
    quote_id="f1",
)

_NOT_PAID: Final = frozenset(
    {
        PaymentState.CONFIRMED,
        PaymentState.AWAITING_PAYMENT,
        PaymentState.FAILED,
        PaymentState.EXPIRED,
        PaymentState.CANCELLED,
    }
)
_DELIVERED: Final = frozenset({PaymentState.COMPLETED, PaymentState.REVERSED})


def sample_sale(
    state: PaymentState, *, request: SellRequest = SALE, with_a_person: bool = False, wrong: bool = False
) -> PaymentView:
    """A sale in `state`; `wrong`: another amount arrived than was asked for."""
    awaits = state is PaymentState.AWAITING_PAYMENT
    pay = Money(SELL_OFFER.pay.amount, request.token)
    return replace(
        sample_view(state, with_a_person=with_a_person or wrong),
        kind=PaymentKind.SELL,
        pay=pay,
        fee=SELL_OFFER.fee,
        receive=SELL_OFFER.receive,
        request=request,
        receipt=None,
        payout_receipt="TKO5B1C8DE" if state in _DELIVERED else None,
        tx_hash=None if state in _NOT_PAID else "0x" + "9f2c41d07b" * 6 + "5e38",
        refund=pay if state in {PaymentState.REFUNDING, PaymentState.REFUNDED} else None,
        refund_receipt=None,
        refund_tx="0x" + "77aa41d07b" * 6 + "1c0d" if state is PaymentState.REFUNDED else None,
        escrow_address=None
        if state is PaymentState.CONFIRMED
        else ESCROW
        if request.chain != "TRON"
        else ESCROW_ON_TRON,
        pay_by=NOW + timedelta(minutes=29) if awaits else None,
        seen_amount=Money(Decimal("9.5"), request.token) if wrong else None,
        can_cancel=awaits and not wrong,
    )


def sample_send(
    state: PaymentState, *, request: SendRequest = SEND, with_a_person: bool = False, holding: bool = False
) -> PaymentView:
    """A send in `state`; `holding`: it can still be stopped."""
    asked, by_bank = request.request_id is not None, request.payer.method == "bank"
    paid_by_phone = not by_bank and state not in _NOT_PAID
    return replace(
        sample_view(state, bank=by_bank, with_a_person=with_a_person),
        kind=PaymentKind.REQUEST if asked else PaymentKind.SEND,
        pay=SEND_OFFER.pay,
        fee=SEND_OFFER.fee,
        receive=SEND_OFFER.receive,
        request=request,
        request_id=request.request_id,
        receipt="TKO4X7Q2ZP" if paid_by_phone else None,
        payout_receipt="TKO5B1C8DE" if state in _DELIVERED else None,
        tx_hash=None,
        refund=SEND_OFFER.pay if state in {PaymentState.REFUNDING, PaymentState.REFUNDED} else None,
        hold_until=NOW + timedelta(seconds=10) if holding else None,
        can_stop=holding,
    )
