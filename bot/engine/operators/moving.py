"""Carrying out transfers from the deposit to the payout balance: one call each, never repeated, verified by the balances.

The provider takes no reference for a transfer and cannot be asked about one. So the wallet is read, "about to move" is
committed with what it holds, the one call is made, and the wallet is read until its balances say what became of it. A
process that dies in between leaves a row that says "about to move": whoever takes it up makes no call, and only reads.
"""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from sqlmodel import Session

from bot.engine.books import Books
from bot.engine.clock import Clock
from bot.engine.operators.order_results import TransferState
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row, write_notice_rows
from bot.engine.wakes import Wakes
from bot.kotani.errors import Forbidden, KotaniError, NotFound, NotSent, RateLimited, Refused, Unauthorised
from bot.kotani.results import Wallet
from bot.payments.identifiers import new_id
from bot.payments.money import Money, to_plain
from bot.payments.schedule import Patience
from bot.payments.states import Concern, LegKind, LegState
from bot.payments.transfers import Answer, Held, Verdict, judge
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.order_tables import WalletTransfer
from storage.payments import open_cases
from storage.transfers import (
    begin_transfer,
    change_transfer,
    due_transfers,
    make_waiting_due,
    transfer_by_id,
)

AT_ONCE: Final = 4
GIVEN_UP: Final = timedelta(hours=1)  # a transfer that could not be begun by then is not begun any more
LOOK_AGAIN: Final = timedelta(seconds=3)
BUSY: Final = timedelta(seconds=5)
_log = structlog.get_logger(__name__)


class Treasury(Protocol):
    """The part of the provider's client that knows our wallets. Each method raises `KotaniError`."""

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet: ...

    async def wallet(self, wallet_id: str) -> Wallet: ...

    async def transfer_deposit_balance(self, wallet_id: str, amount: Any = None) -> None: ...


class Mover:
    """Takes transfers that are due one step further. Any number of replicas may run one."""

    def __init__(
        self,
        database: Database,
        treasury: Treasury,
        keyring: Keyring,
        books: Books,
        patience: Patience,
        clock: Clock,
        wakes: Wakes,
        *,
        environment: str,
        owner: str,
        alone_since: datetime | None = None,
    ) -> None:
        """`alone_since`: since when no other process can work on this database; None where others may."""
        self._database = database
        self._treasury = treasury
        self._keyring = keyring
        self._books = books
        self._patience = patience
        self._clock = clock
        self._wakes = wakes
        self._environment = environment
        self._owner = owner
        self._alone_since = alone_since
        self._stopping = False

    def stop(self) -> None:
        """Finish the transfers at hand and end `run`."""
        self._stopping = True
        self._wakes.transfers.set()

    async def run(self) -> None:
        """Do whatever is due until told to stop."""
        while not self._stopping:
            self._wakes.transfers.clear()
            try:
                count = await self.step()
            except StorageUnavailable as error:
                _log.warning("transfers wait for storage", error=str(error))
                await asyncio.sleep(1)
                continue
            if count == 0 and not self._stopping:
                await self._wakes.transfers.wait()

    async def step(self) -> int:
        """Take what is due a step further, one after the other; how many there were."""
        now = self._clock()
        ids = await self._database.write(
            lambda session: due_transfers(
                session,
                environment=self._environment,
                owner=self._owner,
                now=now,
                until=now + AT_ONCE * self._patience.lease,
                limit=AT_ONCE,
            )
        )
        for transfer_id in ids:
            await self._take(transfer_id)
        return len(ids)

    async def _take(self, transfer_id: str) -> None:
        row = await self._database.read(lambda session: transfer_by_id(session, transfer_id))
        assert row is not None
        if row.state == TransferState.READY:
            await self._begin(row)
        elif row.state == TransferState.MOVING:
            await self._look(row)

    async def _begin(self, row: WalletTransfer) -> None:
        try:
            wallet = await self._treasury.wallet_for(row.currency, row.country)
        except NotFound:
            await self._end(row, TransferState.NOT_DONE, "there is no such wallet at the provider")
            return
        except KotaniError as error:
            await self._wait(row, error)
            return
        if wallet.deposit_balance < row.amount:
            held = Money(wallet.deposit_balance, row.currency)
            await self._end(row, TransferState.NOT_DONE, f"the deposit balance holds {held}")
            return
        now, started = self._clock(), time.monotonic()
        begun = {
            "state": str(TransferState.MOVING),
            "wallet_id": wallet.id,
            "deposit_before": wallet.deposit_balance,
            "payout_before": wallet.balance,
            "begun_at": now,
            "updated_at": now,
            "failures": 0,
            "due_at": now,  # whoever takes the lease up after us looks at once
        }
        if not await self._database.write(
            lambda session: begin_transfer(session, row.id, owner=self._owner, was=str(TransferState.READY), **begun)
        ):
            await self._put_off(row, now + BUSY)
            return
        late = time.monotonic() - started > self._patience.send_within.total_seconds()
        answer = Answer.NOT_SENT if late else await self._send(wallet.id, row)
        later = self._clock()
        moving = str(TransferState.MOVING)
        await self._database.write(
            lambda session: change_transfer(
                session, row.id, owner=self._owner, was=moving, answer=str(answer), due_at=later, updated_at=later
            )
        )
        self._wakes.transfers.set()

    async def _send(self, wallet_id: str, row: WalletTransfer) -> Answer:
        """The one call."""
        try:
            await self._treasury.transfer_deposit_balance(wallet_id, row.amount)
        except (NotSent, RateLimited):
            return Answer.NOT_SENT
        except (Refused, Forbidden, Unauthorised, NotFound) as error:
            _log.info("transfer call", outcome=type(error).__name__)
            return Answer.REFUSED
        except KotaniError as error:
            _log.warning("transfer call", outcome=type(error).__name__)
            return Answer.LOST
        return Answer.ACCEPTED

    async def _look(self, row: WalletTransfer) -> None:
        """Read the wallet and say what it proves. Without an answer on record the call may have been made."""
        assert row.wallet_id is not None
        assert row.begun_at is not None
        assert row.deposit_before is not None
        assert row.payout_before is not None
        try:
            wallet = await self._treasury.wallet(row.wallet_id)
        except KotaniError as error:
            await self._wait(row, error)
            return
        now = self._clock()
        after = Held(wallet.deposit_balance, wallet.balance)
        verdict = judge(
            row.amount,
            Held(row.deposit_before, row.payout_before),
            after,
            Answer.LOST if row.answer is None else Answer(row.answer),
            age=now - row.begun_at,
            absent_after=self._absent_after(row.begun_at),
        )
        match verdict:
            case Verdict.LOOK_AGAIN:
                await self._put_off(row, now + LOOK_AGAIN)
            case Verdict.DONE:
                await self._end(row, TransferState.DONE, None, after)
            case Verdict.NOT_DONE:
                await self._end(row, TransferState.NOT_DONE, f"the provider: {row.answer or Answer.LOST}", after)
            case Verdict.UNKNOWN:
                await self._end(row, TransferState.UNKNOWN, f"the provider: {row.answer or Answer.LOST}", after)

    def _absent_after(self, begun_at: datetime) -> timedelta:
        """How long after it was begun the call can have an effect; not for long once the process that made it is gone."""
        if self._alone_since is None or begun_at >= self._alone_since:
            return self._patience.absent_after
        gone = self._alone_since - begun_at + self._patience.arrival_margin
        return min(self._patience.absent_after, gone)

    async def _wait(self, row: WalletTransfer, error: KotaniError) -> None:
        """The provider cannot be asked: later. After long, one that was not begun is over, and one that was is unknown."""
        now = self._clock()
        _log.info("the provider could not be asked for a wallet", error=type(error).__name__)
        if row.state == TransferState.READY and now - row.created_at >= GIVEN_UP:
            await self._end(row, TransferState.NOT_DONE, "the provider could not be asked for an hour")
            return
        if row.begun_at is not None and now - row.begun_at >= GIVEN_UP:
            await self._end(row, TransferState.UNKNOWN, "the wallet could not be read for an hour")
            return
        await self._put_off(row, now + self._patience.backoff(row.failures + 1), failures=row.failures + 1)

    async def _put_off(self, row: WalletTransfer, due_at: datetime, **values: Any) -> None:
        state = row.state
        await self._database.write(
            lambda session: change_transfer(session, row.id, owner=self._owner, was=state, due_at=due_at, **values)
        )

    async def _end(
        self, row: WalletTransfer, state: TransferState, detail: str | None, after: Held | None = None
    ) -> None:
        """Write the outcome, the books, what waits for a person, and the news, in one transaction."""
        now, was = self._clock(), row.state
        values: dict[str, Any] = {"state": str(state), "detail": detail, "due_at": None, "updated_at": now}
        if after is not None:
            values |= {"deposit_after": after.deposit, "payout_after": after.payout}

        def end(session: Session) -> bool:
            if not change_transfer(session, row.id, owner=self._owner, was=was, **values):
                return False
            if state is TransferState.DONE:
                self._books.book_transferred(session, row.id, Money(row.amount, row.currency))
                make_waiting_due(
                    session,
                    environment=self._environment,
                    currency=row.currency,
                    kinds=(LegKind.PAYOUT, LegKind.REFUND),
                    state=LegState.READY,
                    now=now,
                )
            if state is TransferState.UNKNOWN:
                open_cases(session, [_case(row, after, now)])
            payload = self._keyring.seal_json({"transfer": row.id}, context=NOTICE_PAYLOAD)
            news = notice_row(
                chat_id=row.chat_id,
                kind="operator_transfer",
                dedupe_key=f"transfer:{row.id}",
                payload_sealed=payload,
                now=now,
            )
            write_notice_rows(session, [news])
            return True

        if await self._database.write(end):
            _log.info("a transfer between our balances ended", state=str(state), currency=row.currency)
            self._wakes.notices.set()
            self._wakes.legs.set()


def _case(row: WalletTransfer, after: Held | None, now: datetime) -> dict[str, Any]:
    before = (row.deposit_before, row.payout_before)
    now_held = (None, None) if after is None else (after.deposit, after.payout)
    deposit, payout = (
        " to ".join("?" if one is None else to_plain(one) for one in pair)
        for pair in zip(before, now_held, strict=True)
    )
    amount = Money(row.amount, row.currency)
    return {
        "id": new_id(),
        "dedupe_key": f"transfer:{row.id}",
        "concern": str(Concern.TRANSFER_UNKNOWN),
        "payment_id": None,
        "leg_id": None,
        "detail": f"transfer of {amount}: the deposit balance went from {deposit}, the payout balance from {payout}",
        "opened_at": now,
    }
