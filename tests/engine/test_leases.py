"""Whoever finds that there is nothing to do for a leg gives it back at once."""

import asyncio

import pytest
from sqlmodel import Session

from bot.engine.submitting import Submitter
from bot.kotani.requests import OnrampRequest, WithdrawalRequest
from bot.payments.states import LegState
from storage.payments import LEG
from storage.tables import Leg

from .conftest import House


async def test_a_leg_that_moved_while_its_order_was_prepared_is_not_sent_and_not_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = Submitter.prepare

    async def overtaken(self: Submitter, leg: Leg) -> OnrampRequest | WithdrawalRequest:
        def move(session: Session) -> None:
            session.connection().execute(LEG.update().values(state=LegState.SUCCEEDED, due_at=None))

        await house.database.write(move)
        return await prepare(self, leg)

    monkeypatch.setattr(Submitter, "prepare", overtaken)

    payment = await house.buy()

    async with asyncio.timeout(5):
        while True:
            (leg,) = await house.rows(LEG, payment)
            if leg["due_at"] is None and leg["lease_until"] is None:
                break
            await asyncio.sleep(0.02)
    assert not [seen for seen in house.world.requests if seen.operation == "onramp.create"]
