"""Payments settled a second: stored callbacks applied by ours in batches, and by the textbook version one by one.

Both do the same to every payment: read the callback, find the leg, write its new state, the event that explains it, the
payment's state, and the notice that tells the customer, durably (`synchronous=FULL`). Ours does it with all its guards.
"""

import hashlib
import os
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
from sqlmodel import Field, Session, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.applying import CallbackApplier
from bot.engine.clock import utc_now
from bot.engine.intake import CALLBACK_BODY, digest_of
from bot.engine.opening import Confirmed, open_buy
from bot.engine.results import BuyOffer, BuyRequest
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.schedule import Patience
from bot.payments.states import LegState, PaymentState
from storage.callbacks import store_callbacks
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import LEG, PAYMENT
from storage.tables import Customer
from tests.benchmarks.textbook import durable_engine

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


def body_for(reference: str) -> bytes:
    """A signed callback's body that reports a delivered onramp."""
    data = {
        "referenceId": reference,
        "status": "SUCCESSFUL",
        "depositStatus": "SUCCESSFUL",
        "onchainStatus": "SUCCESSFUL",
        "chain": "BASE",
        "token": "USDC",
        "cryptoAmount": 7.65,
        "cryptoAmountReceived": 7.65,
        "fiatAmount": 1000,
        "fiatFee": 25,
        "fiatAmountToSend": 1025,
        "receiverAddress": ADDRESS,
        "transactionHash": "0x" + hashlib.sha256(reference.encode()).hexdigest(),
    }
    return msgspec.json.encode({"event": "transaction.onramp.status.updated", "data": data, "signature": "sha256=0"})


async def ours(file: Path, count: int) -> tuple[float, int]:
    """Payments settled a second, and how many commits that took."""
    database = Database(f"sqlite:///{file}")
    await database.migrate()
    await database.start()
    keyring = Keyring({"k1": os.urandom(32)}, digest_key=os.urandom(32))
    now = utc_now()
    customer = new_id()

    def seed(session: Session) -> None:
        session.add(Customer(id=customer, telegram_id=1, chat_id=1, created_at=now, updated_at=now))
        session.flush()
        for number in range(count):
            request = BuyRequest(
                country="KE",
                currency="KES",
                token="USDC",
                chain="BASE",
                address=ADDRESS,
                method="mobile_money",
                phone="+254712345678",
                account_name="Jane Doe",
                network="MPESA",
                fiat_amount=Decimal(1000),
            )
            offer = BuyOffer(
                quote_id="q",
                pay=Money(Decimal(1025), "KES"),
                fee=Money(Decimal(25), "KES"),
                receive=Money(Decimal("7.65"), "USDC"),
                fiat_amount=Money(Decimal(1000), "KES"),
                expires_at=now + timedelta(seconds=50),
            )
            open_buy(
                session,
                keyring,
                Confirmed(customer, 1, f"k{number}", "sandbox", now),
                request=request,
                offer=offer,
            )
        connection = session.connection()
        connection.execute(LEG.update().values(state=LegState.PENDING, submitted_at=now))
        connection.execute(PAYMENT.update().values(state=PaymentState.AWAITING_PAYMENT))
        references = [row[0] for row in connection.execute(LEG.select().with_only_columns(LEG.c.reference))]
        rows = []
        for reference in references:
            body = body_for(reference)
            rows.append(
                {
                    "id": new_id(),
                    "digest": digest_of(body),
                    "token": "t",
                    "signed": True,
                    "body_sealed": keyring.seal_bytes(body, context=CALLBACK_BODY),
                    "received_at": now,
                    "due_at": now,
                    "attempts": 0,
                }
            )
        store_callbacks(session, rows)

    await database.write(seed)
    applier = CallbackApplier(database, keyring, Settler(keyring, Patience()), utc_now, Wakes())
    commits = database.commits
    began = time.perf_counter()
    settled = 0
    while (taken := await applier.step()) > 0:
        settled += taken
    seconds = time.perf_counter() - began
    commits = database.commits - commits

    def finished(session: Session) -> int:
        rows = session.connection().execute(PAYMENT.select().where(PAYMENT.c.state == PaymentState.COMPLETED))
        return len(rows.all())

    done = await database.read(finished)
    await database.stop()
    if not settled == done == count:
        raise SystemExit(f"only {done} of {count} payments were settled")
    return count / seconds, commits


class PlainLeg(SQLModel, table=True):
    """Textbook: a leg."""

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int
    reference: str = Field(unique=True)
    state: str
    tx_hash: str | None = None


class PlainPayment(SQLModel, table=True):
    """Textbook: a payment."""

    id: int | None = Field(default=None, primary_key=True)
    state: str


class PlainEvent(SQLModel, table=True):
    """Textbook: what happened."""

    id: int | None = Field(default=None, primary_key=True)
    leg_id: int
    text: str
    at: datetime


class PlainNotice(SQLModel, table=True):
    """Textbook: what to tell."""

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int
    text: str
    at: datetime


class PlainReceived(SQLModel, table=True):
    """Textbook: a stored callback."""

    id: int | None = Field(default=None, primary_key=True)
    body: bytes
    done: bool = False


_PLAIN = (PlainLeg, PlainPayment, PlainEvent, PlainNotice, PlainReceived)


async def textbook(file: Path, count: int) -> float:
    """The same through SQLModel's AsyncSession on aiosqlite, one transaction a callback; payments a second."""
    engine = durable_engine(file)
    async with engine.begin() as connection:
        await connection.run_sync(
            SQLModel.metadata.create_all,
            tables=[table.__table__ for table in _PLAIN],  # type: ignore[attr-defined]
        )
    async with AsyncSession(engine) as session:
        for number in range(count):
            session.add(PlainPayment(id=number + 1, state="awaiting"))
            session.add(PlainLeg(payment_id=number + 1, reference=f"r{number}", state="pending"))
            session.add(PlainReceived(body=body_for(f"r{number}")))
        await session.commit()
    began = time.perf_counter()
    for number in range(count):
        async with AsyncSession(engine, expire_on_commit=False) as session:
            received = (await session.exec(select(PlainReceived).where(PlainReceived.id == number + 1))).one()
            data = msgspec.json.decode(received.body, type=dict[str, dict[str, object] | str])["data"]
            assert isinstance(data, dict)
            leg = (await session.exec(select(PlainLeg).where(PlainLeg.reference == data["referenceId"]))).one()
            payment = (await session.exec(select(PlainPayment).where(PlainPayment.id == leg.payment_id))).one()
            leg.state, payment.state, received.done = "succeeded", "completed", True
            leg.tx_hash = str(data["transactionHash"])
            session.add(PlainEvent(leg_id=leg.id or 0, text=str(data["status"]), at=utc_now()))
            session.add(PlainNotice(payment_id=leg.payment_id, text="completed", at=utc_now()))
            await session.commit()
    seconds = time.perf_counter() - began
    await engine.dispose()
    return count / seconds
