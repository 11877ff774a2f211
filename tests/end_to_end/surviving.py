"""What must hold of a payment whose assistant was killed at any step and started again."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from bot.engine.books import look_into
from bot.payments.states import LEG_MOVES, LegState
from bot.tour.customer import Customer
from storage.crypto import Keyring
from storage.database import Database

from .crashing import KILLED, Outside, Process, Step

OUTCOMES: Final = {"completed": ["completed"], "refunded": ["refunding", "refunded"]}


def around(steps: tuple[str, ...]) -> Iterator[Step]:
    """Before and after each."""
    for name in steps:
        yield Step(name, "before")
        yield Step(name, "after")


async def ends_well(outside: Outside, jane: Customer, process: Process, *, customers: bool = True) -> None:
    """Let it go quiet and stop; then check what must hold of every payment (faults.md, I1 to I6).

    `customers`: whether a customer's money moved.
    """
    books, kotani = outside.books, outside.world.kotani
    await process.at_work()
    assert await kotani.callbacks.idle(20)
    await books.quiet()
    await jane.refresh()
    assert await process.stops() == 0, process.log
    assert process.exits[:-1] in ([], [KILLED])
    assert "Traceback" not in process.log

    ((payment, state),) = books.ask("SELECT id, state FROM payment")
    legs = dict(books.ask("SELECT id, state FROM leg WHERE payment_id = :payment", payment=payment))
    told = books.ask("SELECT leg_id, from_state, to_state FROM leg_event ORDER BY id")
    stands: dict[str, str] = {}
    for leg, was, now in told:
        assert was == stands.get(leg)
        assert was is None or was == now or LegState(now) in LEG_MOVES[LegState(was)]
        stands[leg] = now
    assert stands == legs
    assert books.ask("SELECT * FROM attention_case") == []
    for (reference,) in books.ask("SELECT reference FROM leg"):
        creates = kotani.creates(reference)
        assert (creates.attempted, creates.accepted) == (1, 1)
    assert {one.reference for one in kotani.register.all} == {
        reference for (reference,) in books.ask("SELECT reference FROM leg")
    }
    outcomes = [
        key.rpartition(":")[2] for (key,) in books.ask("SELECT dedupe_key FROM notice WHERE kind = 'payment_outcome'")
    ]
    assert outcomes == OUTCOMES[state]
    keyring = Keyring.from_setting(outside.environment["ENCRYPTION_KEYS"], digest_key=outside.environment["DIGEST_KEY"])
    look = await Database(outside.environment["DATABASE_URL"]).look(
        lambda session: look_into(session, keyring, environment="sandbox")
    )
    assert look.faults == ()
    assert look.owed == ()
    assert bool(look.balances.customers) is customers


def said_once(count: int, kind: str, process: Process, twice: str | None) -> bool:
    """Whether a message was seen once; twice where it was in hand when the kill came, as Telegram has no other way.

    `twice` is the kind of message for which it is sure: killed just between Telegram's acceptance and our mark.
    """
    if twice is not None:
        return count == (2 if kind == twice else 1)
    return count in ((1, 2) if kind in process.saying else (1,))


def kinds_of(steps: Iterable[str]) -> set[str]:
    """The steps without what counts them: a callback that is not answered in time comes again."""
    return {re.sub(r"^(callback|update) \d+$", r"\1", step.partition(" (")[0]) for step in steps}
