"""The list of what waits for a person: what was taken off it and is still so comes back, since nobody forgets it otherwise."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot.engine.findings import Cause, Finding
from bot.engine.settling import Settler
from bot.payments.decide import Decision
from bot.payments.schedule import Patience
from bot.payments.states import Concern, LegState, PaymentKind
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import CASE, LegKey, hold_payments
from tests.engine.test_books import Desk

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BLOCKED = Decision(concern=Concern.PAYOUT_BLOCKED, note="the payout balance holds 0 KES, the payout needs 500")


@pytest.mark.parametrize(("state", "comes_back"), [(LegState.READY, True), (LegState.FAILED, False)])
async def test_what_still_waits_a_day_after_it_was_closed_is_on_the_list_again(
    database: Database, keyring: Keyring, state: LegState, comes_back: bool
) -> None:
    desk, settler = Desk(database, keyring), Settler(keyring, Patience())
    payment = await desk.opened(PaymentKind.PAYOUT)

    async def found(now: datetime, decision: Decision = BLOCKED) -> int:
        """The engine finds it; how many items are open then."""

        def settle(session: Session) -> int:
            leg = hold_payments(session, [payment])[payment].legs[0]
            finding = Finding(key=LegKey(leg.id, payment), cause=Cause.CLOCK, decision=decision)
            settler.apply(session, [finding], now)
            return len(session.connection().execute(select(CASE.c.id).where(CASE.c.resolved_at.is_(None))).all())

        return await database.write(settle)

    assert await found(NOW) == 1
    await database.write(
        lambda session: session.connection().execute(update(CASE).values(resolved_at=NOW, resolution="topped up"))
    )
    if state is not LegState.READY:
        await found(NOW, Decision(state))
    assert await found(NOW + timedelta(hours=2)) == 0  # whoever closed it has time to mend it
    assert await found(NOW + timedelta(hours=25)) == int(comes_back)
