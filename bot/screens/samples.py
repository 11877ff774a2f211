"""Made-up payments and offers, to look at every screen without a bot, a database or a provider."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.engine.results import BuyOffer, BuyRequest, PaymentView
from bot.payments.money import Money
from bot.payments.reasons import DELIVERY_FAILED, PROMPT_EXPIRED, PROVIDER_SAID
from bot.payments.states import PaymentKind, PaymentState

NOW: Final = datetime(2026, 11, 24, 11, 5, 32, tzinfo=UTC)
BANK_PAGE: Final = "https://pay.bank.example/checkout/4f1c"

BY_PHONE: Final = BuyRequest(
    country="KE",
    currency="KES",
    token="USDC",  # noqa: S106
    chain="BASE",
    address="0x52908400098527886E0F7030069857D2E4169EE7",
    method="mobile_money",
    phone="+254712345678",
    account_name="Jane Wanjiru",
    network="MPESA",
    fiat_amount=Decimal(1500),
)
BY_BANK: Final = replace(
    BY_PHONE,
    country="ZA",
    currency="ZAR",
    token="USDT",  # noqa: S106
    chain="TRON",
    address="TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC",
    method="bank",
    phone="+27821234567",
    account_name="Thandi Nkosi",
    network=None,
    fiat_amount=Decimal("250.50"),
)
OFFER: Final = BuyOffer(
    quote_id="q1",
    pay=Money(Decimal(1530), "KES"),
    fee=Money(Decimal(30), "KES"),
    receive=Money(Decimal("11.538461"), "USDC"),
    fiat_amount=Money(Decimal(1500), "KES"),
    expires_at=NOW + timedelta(seconds=50),
)
OFFER_AGAIN: Final = replace(OFFER, quote_id="q2", receive=Money(Decimal("11.418461"), "USDC"))
BANK_OFFER: Final = BuyOffer(
    quote_id="q3",
    pay=Money(Decimal("256.76"), "ZAR"),
    fee=Money(Decimal("6.26"), "ZAR"),
    receive=Money(Decimal("14.1"), "USDT"),
    fiat_amount=Money(Decimal("250.50"), "ZAR"),
    expires_at=NOW + timedelta(seconds=50),
)

_REASONS: Final[Mapping[PaymentState, tuple[str, str | None]]] = MappingProxyType(
    {
        PaymentState.FAILED: (PROVIDER_SAID, "DS timeout user cannot be reached"),
        PaymentState.EXPIRED: (PROMPT_EXPIRED, None),
        PaymentState.REFUNDING: (DELIVERY_FAILED, None),
        PaymentState.REFUNDED: (DELIVERY_FAILED, None),
    }
)
_DELIVERED: Final = frozenset({PaymentState.COMPLETED, PaymentState.REVERSED})
_ENDED: Final = frozenset(PaymentState) - {
    PaymentState.CONFIRMED,
    PaymentState.AWAITING_PAYMENT,
    PaymentState.DELIVERING,
    PaymentState.REFUNDING,
}


def sample_view(state: PaymentState, *, bank: bool = False, with_a_person: bool = False) -> PaymentView:
    """A payment in `state`, by phone or by bank."""
    offer, request = (BANK_OFFER, BY_BANK) if bank else (OFFER, BY_PHONE)
    reason, detail = _REASONS.get(state, (None, None))
    paid_by_phone = not bank and state not in {
        PaymentState.CONFIRMED,
        PaymentState.AWAITING_PAYMENT,
        PaymentState.FAILED,
        PaymentState.EXPIRED,
    }
    return PaymentView(
        id="sample",
        code="K7F3-9QX2",
        kind=PaymentKind.BUY,
        state=state,
        customer_id="customer",
        chat_id=1,
        language="en",
        pay=offer.pay,
        fee=offer.fee,
        receive=offer.receive,
        request=request,
        receipt="TKO4X7Q2ZP" if paid_by_phone else None,
        tx_hash="0x" + "9f2c41d07b" * 6 + "5e38" if state in _DELIVERED else None,
        redirect_url=BANK_PAGE if bank and state is PaymentState.AWAITING_PAYMENT else None,
        reason=reason,
        reason_detail=detail,
        refund=offer.pay if not bank and state in {PaymentState.REFUNDING, PaymentState.REFUNDED} else None,
        refund_receipt="TKO4X9R5AB" if state is PaymentState.REFUNDED and not bank else None,
        with_a_person=with_a_person,
        revision=3,
        created_at=NOW - timedelta(minutes=2),
        updated_at=NOW,
        ended_at=NOW if state in _ENDED else None,
    )
