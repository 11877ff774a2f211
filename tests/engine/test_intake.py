"""What a stored callback is known by."""

import json
import time

import pytest
from sqlalchemy import select

from bot.engine.applying import CallbackApplier
from bot.engine.clock import utc_now
from bot.engine.intake import CallbackIntake, digest_of
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.payments.references import new_check_token, new_reference
from bot.payments.schedule import Patience
from storage.callbacks import CALLBACK
from storage.crypto import Keyring
from storage.database import Database


def body(reference: str, status: str = "PENDING") -> bytes:
    return f'{{"event":"transaction.onramp.status.updated","data":{{"referenceId":"{reference}","status":"{status}"}}}}'.encode()


def test_what_arrives_later_is_filed_behind() -> None:
    filed = []
    for _ in range(20):
        filed.append(digest_of(body(new_reference())))
        time.sleep(0.002)
    assert filed == sorted(filed)


def test_every_byte_counts_whether_it_names_a_reference_or_not() -> None:
    reference = new_reference()
    bodies = [
        body(reference),
        body(reference, "FAILED"),
        body(reference) + b" ",
        body(""),
        b"",
        b"\xff",
        reference.encode(),
    ]
    assert len({digest_of(one) for one in bodies}) == len(bodies)
    assert digest_of(body(reference)) == digest_of(body(reference))


@pytest.mark.parametrize(("said", "outcome"), [({"check": "x"}, "check"), ({"paymentLinkId": "l-1"}, "orphan")])
async def test_what_names_a_page_is_heard_under_the_address_of_a_check_as_well(
    database: Database, said: dict[str, str], outcome: str
) -> None:
    """A body is kept once, under the address where it came first: nobody may have it put down as a check of ours."""
    keyring, wakes = Keyring({"k1": b"k" * 32}, digest_key=b"d" * 32), Wakes()
    intake = CallbackIntake(database, keyring, utc_now, wakes)
    body = json.dumps({"event": "transaction.deposit.status.updated", "data": said}).encode()
    await intake.store(token=new_check_token(), body=body, signed=True)
    applier = CallbackApplier(database, keyring, Settler(keyring, Patience()), utc_now, wakes)
    assert await applier.step() == 1
    found = await database.read(
        lambda session: list(session.connection().execute(select(CALLBACK.c.outcome)).scalars())
    )
    assert found == [outcome]
