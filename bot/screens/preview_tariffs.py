"""Limits and fees, for the preview page: seen by operators, asked before a change, and what customers read of them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from bot.engine.operators.results import CustomerFile, Role
from bot.payments.allowances import EVERYBODY, Bounds, LimitScope, Spot
from bot.payments.fees import Fee
from bot.payments.limits import DEFAULT_LIMITS
from bot.payments.money import Money
from bot.payments.states import PaymentKind
from bot.screens.operators.tariffs import (
    customer_limits_screen,
    example_of,
    fee_told,
    fees_screen,
    limit_told,
    limits_screen,
    sure_fee,
    sure_limit,
)
from bot.screens.preview_orders import Sample
from bot.screens.texts import Texts

_ID: Final = "06610fa1e8296d00007f0364ff78e0e4"
_MOST: Final = Bounds(None, Decimal(5_000_000))
_COUNTRIES: Final = {
    Spot(LimitScope.COUNTRY, country, currency): _MOST for country, currency in (("KE", "KES"), ("CD", "CDF"))
}
_RULES: Final = {
    Spot(LimitScope.PAYMENT, EVERYBODY, "KES"): Bounds(Decimal(500), Decimal(100_000)),
    Spot(LimitScope.DAY, EVERYBODY, "KES"): _MOST,
    Spot(LimitScope.DAY, EVERYBODY, "UGX"): _MOST,
    **_COUNTRIES,
}
_FEES: Final = {
    (kind, currency): Fee(Decimal("1.25"), Decimal(10))
    for kind in (PaymentKind.SEND, PaymentKind.REQUEST)
    for currency in ("KES", "UGX", "GHS")
}


def tariff_samples(texts: Texts, customer: CustomerFile) -> Iterator[Sample]:
    """Everything that operators see of them."""
    used = {spot: Money(Decimal("1234567.5"), spot.currency) for spot in _COUNTRIES}
    yield Sample("operators: limits", limits_screen(texts, DEFAULT_LIMITS, _RULES, used, Role.OWNER))
    spots = [Spot(LimitScope.CUSTOMER, customer.id, currency) for currency in ("KES", "UGX")]
    moved = {spot: Money(Decimal(20_000), spot.currency) for spot in spots}
    yield Sample(
        "operators: a customer's limits",
        customer_limits_screen(texts, customer, {"KES": _MOST}, _RULES, moved, Role.OWNER),
    )
    spot, name = spots[0], str(customer.telegram_id)
    before, after = limit_told(texts, spot, None, None), limit_told(texts, spot, _MOST, None)
    yield Sample("operators: sure of a limit", sure_limit(texts, _ID, spot, name, before, after))
    yield Sample("operators: fees", fees_screen(texts, _FEES, {}, Role.OWNER))
    fee, example = Fee(Decimal(1), Decimal(10)), example_of("KES", DEFAULT_LIMITS)
    told = fee_told(texts, "KES", None, Fee()), fee_told(texts, "KES", fee, Fee())
    yield Sample("operators: sure of a fee", sure_fee(texts, _ID, PaymentKind.SEND, "KES", *told, fee, example))
