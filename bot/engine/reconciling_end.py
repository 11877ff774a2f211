"""The end of a reconciliation: what the provider told of by itself and is none of ours, the balances, and who is called.

Balances are compared last, when every leg has been looked at: an open leg explains what a wallet may hold more or less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.intake import CALLBACK_BODY
from bot.engine.operators.alerting import AlertKind, end_alert, raise_alert
from bot.engine.operators.order_results import TransferState
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row, write_notice_rows
from bot.engine.reconciling_rows import item_row, written_balances
from bot.kotani.callbacks import UnreadableCallback, read_callback
from bot.kotani.client import Kotani
from bot.kotani.results import Wallet
from bot.payments.bookkeeping import Account, Movement, exact
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.reconciling import Difference, DifferenceKind, stray
from bot.payments.reconciling_balances import (
    BALANCES,
    Balance,
    BalanceLine,
    Range,
    balance_differences,
    compare_balances,
    under_way,
)
from bot.payments.states import LEG_OPEN
from storage import ledger, reconciliation_items
from storage import reconciling as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import LostRace, find_by_reference
from storage.reconciliation_tables import Reconciliation, ReconciliationItem

RUN_CARD: Final = "operator_reconciliation"  # the kind of the notice that shows how far a run is
MOST_STRAYS: Final = 500  # of one day
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Books:
    """What the books say at one moment, and by how much the balances may be elsewhere."""

    balances: dict[Balance, Decimal]
    moving: dict[Balance, Range]


class RunEnd:
    """Ends runs, and tells how they go."""

    def __init__(
        self, database: Database, kotani: Kotani, keyring: Keyring, clock: Clock, *, environment: str, calls: bool
    ) -> None:
        """`calls`: whether operators are called for what is open."""
        self._database = database
        self._kotani = kotani
        self._keyring = keyring
        self._clock = clock
        self._environment = environment
        self._calls = calls

    async def finish(
        self, run: Reconciliation, *, owner: str, since: datetime, until: datetime, with_balances: bool
    ) -> None:
        """Compare what is left, and end the run. Raises `KotaniError` when the provider does not tell its balances.

        Without them the run ends all the same, and what was open of balances stays so.
        """
        lines = await self._balances() if with_balances else None

        def write(session: Session) -> None:
            now = self._clock()
            found = [*self._strays(session, since, until), *balance_differences(lines or [])]
            rows = [item_row(one, self._environment, run.id, now) for one in found]
            news = sum(reconciliation_items.put_item(session, row) for row in rows)
            self._close(session, run, now, with_balances=with_balances)
            values = {
                "ended_at": now,
                "due_at": None,
                "lease_until": None,
                "lease_owner": None,
                "failures": 0,
                "trouble": None,
                "found": run.found + news,
                "balances": None if lines is None else written_balances(lines),
            }
            if not queries.change_run(session, run.id, owner=owner, values=values):
                raise LostRace
            self._call(session, run, now)
            self.tell(session, run, now)

        await self._database.write(write)
        _log.info("a reconciliation has ended", day=str(run.day))

    def tell(self, session: Session, run: Reconciliation, now: datetime) -> None:
        """Have the card of a run drawn anew where somebody waits for it."""
        if run.chat_id is None:
            return
        payload = {"language": run.language or "en", "run": run.id}
        row = notice_row(
            chat_id=run.chat_id,
            kind=RUN_CARD,
            dedupe_key=f"reconciliation:{run.id}:{new_id()}",
            slot=run_slot(run.id),
            payload_sealed=self._keyring.seal_json(payload, context=NOTICE_PAYLOAD),
            now=now,
        )
        write_notice_rows(session, [row])

    async def _balances(self) -> list[BalanceLine]:
        before = await self._database.read(self._books)
        wallets = await self._kotani.wallets()
        after = await self._database.read(self._books)
        return compare_balances([before.balances, after.balances], [before.moving, after.moving], _held(wallets))

    def _books(self, session: Session) -> _Books:
        ledger.see_one_moment(session)
        balances = queries.book_balances(session, BALANCES, environment=self._environment)
        legs = queries.legs_under_way(session, environment=self._environment, states=sorted(LEG_OPEN))
        moving = queries.transfers_under_way(session, environment=self._environment, state=TransferState.MOVING)
        transfers = [Money(amount, currency) for amount, currency in moving]
        return _Books(
            {(Account(account), currency): amount for (account, currency), amount in balances.items()},
            under_way(legs, transfers),
        )

    def _strays(self, session: Session, since: datetime, until: datetime) -> list[Difference]:
        """What was told to us and is none of ours; of several words about one thing the last."""
        found: dict[str, Difference] = {}
        for orphan in queries.orphans(session, since=since, until=until, limit=MOST_STRAYS):
            try:
                facts = read_callback(self._keyring.open_bytes(orphan.body_sealed, context=CALLBACK_BODY))
            except UnreadableCallback:
                continue
            difference = stray(facts.report, facts.event)
            if difference is not None:
                found[difference.key] = difference
        ours = find_by_reference(session, found) if found else {}
        return [one for one in found.values() if one.key not in ours]

    def _close(self, session: Session, run: Reconciliation, now: datetime, *, with_balances: bool) -> None:
        """Close what is not so any more."""
        environment = self._environment
        if with_balances:
            reconciliation_items.close_unseen(
                session, environment=environment, run_id=run.id, kind=DifferenceKind.BALANCE, now=now
            )
        reconciliation_items.close_known(session, environment=environment, kind=DifferenceKind.THEIRS_ONLY, now=now)

    def _is_opening(self, session: Session) -> bool:
        """Whether all that is open is what the wallets held before the books began.

        So it is where the business has booked nothing of its own yet, and the first comparison found all of it.
        """
        environment = self._environment
        if queries.has_moved(session, Movement.FUNDED, environment=environment):
            return False
        first = queries.first_with_balances(session, environment=environment)
        found = reconciliation_items.items(
            session, environment=environment, states=[reconciliation_items.OPEN], limit=MOST_STRAYS
        )
        return all(one.item.first_run == first and _is_more(one.item) for one in found)

    def _call(self, session: Session, run: Reconciliation, now: datetime) -> None:
        """Call operators as long as anything is open."""
        if not self._calls:
            return
        counts = reconciliation_items.open_counts(session, environment=self._environment)
        if not counts:
            end_alert(session, AlertKind.RECONCILIATION, self._environment, now)
            return
        facts = {"count": str(sum(counts.values())), "day": str(run.day)}
        if counts.keys() == {DifferenceKind.BALANCE} and self._is_opening(session):
            facts["what"] = "opening"
        raise_alert(session, AlertKind.RECONCILIATION, self._environment, facts, now)


def run_slot(run_id: str) -> str:
    """The slot of the message that shows a run."""
    return f"o:reconcile:{run_id}"


def _held(wallets: tuple[Wallet, ...]) -> Mapping[Balance, Decimal]:
    """What the provider holds for us: all wallets of a currency together, since the books know no others."""
    found: dict[Balance, Decimal] = {}
    for one in wallets:
        for account, amount in zip(BALANCES, (one.deposit_balance, one.balance), strict=True):
            key = (account, one.currency)
            found[key] = exact().add(found.get(key, Decimal(0)), amount)
    return found


def _is_more(item: ReconciliationItem) -> bool:
    return (item.theirs_amount or 0) > (item.ours_amount or 0)
