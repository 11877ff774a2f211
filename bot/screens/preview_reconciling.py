"""Every screen of reconciliations, for the preview page; the lists as full as they can be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from bot.engine.operators.reconcile_results import STOPPED, ItemView, ReconciliationLook, RunView
from bot.engine.operators.results import Page, Role
from bot.payments.bookkeeping import Account
from bot.payments.money import Money
from bot.payments.reconciling import DifferenceKind
from bot.payments.reconciling_balances import BalanceLine
from bot.payments.states import LegKind
from bot.screens.operators.reconciling import (
    gap_screen,
    gaps_screen,
    reconcile_screen,
    why_all_booked,
    why_all_resolved,
    why_booked,
    why_gap_resolved,
)
from bot.screens.preview_orders import Sample
from bot.screens.samples import NOW
from bot.screens.texts import Texts

_ID: Final = "06610fa1e8296d00007f0364ff78e0e4"
_DAY: Final = date(2026, 11, 24)
_LINE: Final = BalanceLine(
    Account.PAYOUT_BALANCE, "KES", Decimal(120_500), Decimal(98_000), Decimal(120_000), Decimal(121_000)
)
_RUN: Final = RunView(
    _ID,
    _DAY,
    NOW,
    NOW,
    1250,
    1250,
    3,
    None,
    (_LINE, replace(_LINE, wallet=Decimal("120400")), replace(_LINE, wallet=None), replace(_LINE, wallet=_LINE.books))
    * 8,
)
_ITEM: Final = ItemView(
    id=_ID,
    kind=DifferenceKind.STATE,
    reference="bot-06610fa1e8296d00007f0364ff78e0e4",
    code="K7F3-9QX2",
    leg_kind=LegKind.PAYOUT,
    ours="succeeded",
    theirs="failed",
    currency=None,
    ours_amount=None,
    theirs_amount=None,
    state="open",
    first_seen_at=NOW,
    last_seen_at=NOW,
    closed_at=None,
    closed_by=None,
    reason=None,
    payment_id=_ID,
    leg_id=_ID,
)
_BALANCE: Final = replace(
    _ITEM,
    kind=DifferenceKind.BALANCE,
    reference="payout_balance KES",
    code=None,
    leg_kind=None,
    currency="KES",
    ours="120500 KES",
    theirs="98000 KES",
    ours_amount=Decimal(120_500),
    theirs_amount=Decimal(98_000),
)
_STRAY: Final = replace(
    _ITEM,
    kind=DifferenceKind.THEIRS_ONLY,
    code=None,
    leg_kind=None,
    ours="",
    theirs="transaction.deposit.status.updated, SUCCESSFUL, 1500 KES",
)
RECONCILED: Final = ReconciliationLook(
    "production", _RUN, None, {kind: 10 * (place + 1) for place, kind in enumerate(DifferenceKind)}
)
NOT_RECONCILED: Final = ReconciliationLook("sandbox", None, None, {})


def reconciling_samples(texts: Texts) -> Iterator[Sample]:
    """What operators see of reconciliations."""
    running = replace(_RUN, ended_at=None, seen=410, balances=None)
    yield Sample("operators: reconciliation", reconcile_screen(texts, RECONCILED))
    yield Sample("operators: a comparison under way", reconcile_screen(texts, NOT_RECONCILED, running))
    stopped = replace(running, trouble=STOPPED, ended_at=NOW)
    yield Sample("operators: a comparison that was stopped", reconcile_screen(texts, RECONCILED, stopped))
    waiting = replace(RECONCILED, running=replace(running, trouble="Unanswered"), open={})
    yield Sample("operators: a comparison that waits", reconcile_screen(texts, waiting))
    items = [_ITEM, _BALANCE, _STRAY] * 2
    yield Sample("operators: what differs", gaps_screen(texts, None, items, Page(2, more=True), 360, Role.OWNER))
    for kind in DifferenceKind:
        one = replace(
            {DifferenceKind.BALANCE: _BALANCE, DifferenceKind.THEIRS_ONLY: _STRAY}.get(kind, _ITEM), kind=kind
        )
        yield Sample(f"operators: a difference, {kind}", gap_screen(texts, one, Role.OWNER))
    fees = [replace(_ITEM, kind=DifferenceKind.FEE, ours_amount=Decimal(0), theirs_amount=Decimal(25))] * 6
    whole = gaps_screen(texts, DifferenceKind.FEE, fees, Page(2, more=True), 360, Role.OWNER)
    yield Sample("operators: a list of differences", whole)
    yield Sample("operators: why a list is closed", why_all_resolved(texts, _ID, DifferenceKind.DUPLICATE, 100))
    sums = [(Account.PAYOUT_BALANCE, Money(Decimal(1_000_000), "KES"))] * 30
    yield Sample("operators: a list for the books", why_all_booked(texts, _ID, DifferenceKind.BALANCE, sums))
    yield Sample("operators: why a difference is closed", why_gap_resolved(texts, _ID, _ITEM))
    money = Money(Decimal(-22_500), "KES")
    yield Sample(
        "operators: a difference for the books", why_booked(texts, _ID, _BALANCE, Account.PAYOUT_BALANCE, money)
    )
    fee = replace(_ITEM, kind=DifferenceKind.FEE)
    yield Sample(
        "operators: a fee for the books", why_booked(texts, _ID, fee, Account.PROVIDER_FEES, Money(Decimal(25), "KES"))
    )
