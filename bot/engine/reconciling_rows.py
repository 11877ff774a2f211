"""The rows of reconciliations: a run that begins, a difference that was found, and what both are when they are read."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.engine.operators.reconcile_results import ItemView, RunView
from bot.payments.bookkeeping import Account
from bot.payments.identifiers import new_id
from bot.payments.money import to_plain
from bot.payments.reconciling import Difference, DifferenceKind
from bot.payments.reconciling_balances import BalanceLine
from storage.reconciliation_items import OPEN, ItemRecord
from storage.reconciliation_tables import Reconciliation
from storage.tables import Leg


def new_run(
    environment: str,
    day: date,
    now: datetime,
    *,
    asked_by: int | None = None,
    chat_id: int | None = None,
    language: str | None = None,
) -> dict[str, Any]:
    """A run of a day that is due now. One that begins by itself is there once for each day."""
    run_id = new_id()
    origin = f"daily:{environment}:{day}" if asked_by is None else f"asked:{run_id}"
    return {
        "id": run_id,
        "environment": environment,
        "day": day,
        "origin": origin,
        "asked_by": asked_by,
        "chat_id": chat_id,
        "language": language,
        "started_at": now,
        "seen": 0,
        "failures": 0,
        "found": 0,
        "due_at": now,
    }


def item_row(
    one: Difference, environment: str, run_id: str, now: datetime, *, leg: Leg | None = None
) -> dict[str, Any]:
    """A difference as it is kept."""
    return {
        "id": new_id(),
        "environment": environment,
        "kind": str(one.kind),
        "key": one.key,
        "reference": one.reference,
        "payment_id": None if leg is None else leg.payment_id,
        "leg_id": None if leg is None else leg.id,
        "ours": one.ours,
        "theirs": one.theirs,
        "currency": one.currency,
        "ours_amount": one.ours_amount,
        "theirs_amount": one.theirs_amount,
        "state": OPEN,
        "first_run": run_id,
        "last_run": run_id,
        "first_seen_at": now,
        "last_seen_at": now,
    }


def run_view(row: Reconciliation) -> RunView:
    """A run as it is shown."""
    return RunView(
        id=row.id,
        day=row.day,
        started_at=row.started_at,
        ended_at=row.ended_at,
        total=row.total,
        seen=row.seen,
        found=row.found,
        trouble=row.trouble,
        balances=None if row.balances is None else read_balances(row.balances),
    )


def item_view(record: ItemRecord) -> ItemView:
    """A difference as it is shown."""
    row = record.item
    return ItemView(
        id=row.id,
        kind=DifferenceKind(row.kind),
        reference=row.reference,
        code=record.code,
        leg_kind=record.leg_kind,
        ours=row.ours,
        theirs=row.theirs,
        currency=row.currency,
        ours_amount=row.ours_amount,
        theirs_amount=row.theirs_amount,
        state=row.state,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        reason=row.reason,
        payment_id=row.payment_id,
        leg_id=row.leg_id,
    )


def written_balances(lines: list[BalanceLine]) -> str:
    """All balances as they are kept with their run."""
    return json.dumps(
        [
            [
                line.account,
                line.currency,
                to_plain(line.books),
                None if line.wallet is None else to_plain(line.wallet),
                to_plain(line.low),
                to_plain(line.high),
            ]
            for line in lines
        ]
    )


def read_balances(text: str) -> tuple[BalanceLine, ...]:
    """The balances that were kept."""
    return tuple(
        BalanceLine(
            Account(account),
            currency,
            Decimal(books),
            None if wallet is None else Decimal(wallet),
            Decimal(low),
            Decimal(high),
        )
        for account, currency, books, wallet, low, high in json.loads(text)
    )
