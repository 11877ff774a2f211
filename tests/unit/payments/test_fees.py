"""Our own fees: none unless set, rounded up to what can be paid, and refused where nobody would believe them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.fees import Fee, fee_on
from bot.payments.money import Money
from bot.payments.states import PaymentKind
from bot.setting_rules import read_fees

FEES = read_fees("send.KES=1%+10, request.UGX=0.5%,send.GHS=2")


@pytest.mark.parametrize(
    ("kind", "amount", "fee"),
    [
        (PaymentKind.SEND, Money(Decimal(500), "KES"), 15),
        (PaymentKind.SEND, Money(Decimal(501), "KES"), 16),
        (PaymentKind.REQUEST, Money(Decimal(1001), "UGX"), 6),
        (PaymentKind.SEND, Money(Decimal("0.5"), "GHS"), 2),
        (PaymentKind.REQUEST, Money(Decimal(500), "KES"), 0),
        (PaymentKind.SEND, Money(Decimal(500), "ZAR"), 0),
    ],
)
def test_a_fee_is_a_share_and_a_fixed_part(kind: PaymentKind, amount: Money, fee: int) -> None:
    assert fee_on(amount, kind, FEES) == Money(Decimal(fee), amount.currency)


@given(amount=st.integers(1, 10**9), percent=st.decimals(0, 50, places=4), fixed=st.decimals(0, 10**6, places=2))
def test_a_fee_is_never_less_than_what_was_set_nor_a_whole_unit_more(
    amount: int, percent: Decimal, fixed: Decimal
) -> None:
    fee = fee_on(Money(Decimal(amount), "KES"), PaymentKind.SEND, {(PaymentKind.SEND, "KES"): Fee(percent, fixed)})

    exactly = Decimal(amount) * percent / 100 + fixed
    assert exactly <= fee.amount < exactly + 1
    assert fee.amount == int(fee.amount)


@pytest.mark.parametrize(
    "text",
    [
        "send=1%",
        "buy.KES=1%",
        "send.KES=",
        "send.KES=51%",
        "send.KES=100%",
        "send.KES=200%",
        "send.KES=-1",
        "send.KES=1%,send.KES=2%",
        "send.ABC=1%",
    ],
)
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="entry"):
        read_fees(text)
