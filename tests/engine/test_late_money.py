"""Money that came in after its payment had ended, and that nobody told us of: the comparison with the provider finds it."""

from bot.payments.reconciling import DifferenceKind
from bot.payments.states import Concern, PaymentState
from bot.simulator.kotani.records import Deposit
from tests.engine.conftest import House
from tests.engine.test_reconciling import Office


async def test_a_comparison_brings_it_into_the_books_and_lists_it_no_longer(house: House) -> None:
    office = Office(house)
    await office.opens_books()
    house.world.configure(auto_approve=False)
    payment = await house.send()
    await house.until(payment, lambda view: view.state is PaymentState.AWAITING_PAYMENT, "asked")
    reference = await house.reference(payment)
    house.world.force(reference, status="EXPIRED")
    assert (await house.ended(payment)).state is PaymentState.EXPIRED
    tx = house.world.transaction(reference)
    assert isinstance(tx, Deposit)
    tx.status = "SUCCESSFUL"  # without a word

    await office.compares()
    found = {one.kind: (one.ours, one.theirs) for one in await office.open()}
    assert found[DifferenceKind.STATE] == ("expired", "late")
    await house.until(payment, lambda view: view.state is PaymentState.REFUNDING, "it came in")
    assert await house.cases(payment) == [Concern.CAME_LATE]
    await house.check(payment)

    await office.compares()
    assert DifferenceKind.STATE not in await office.lists()
