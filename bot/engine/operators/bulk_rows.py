"""Files of payments as rows of the database, and the other way round. Where money goes is sealed, in every row."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from bot.engine.house import PayoutOrder
from bot.engine.operators.bulk_results import PAID_NOBODY, Batch, BatchState, Counts, RowLine, Stopping, Total, Unpaid
from bot.engine.operators.order_results import OrderState
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row
from bot.payments.bulk.row_reader import Row
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.parties import Destination
from bot.payments.references import new_payment_code
from bot.payments.states import Concern, PaymentState
from storage import bulk as queries
from storage.bulk_tables import BulkBatch
from storage.crypto import Keyring
from storage.orders import order_by_id

DRAFT_LIFE: Final = timedelta(days=7)
_OVER: Final = tuple(sorted(str(state) for state in PAID_NOBODY))
# what was called failed and then paid, or the other way round, is for a person to pay again by itself
DOUBT: Final = queries.Doubt(
    over=_OVER,
    harmless=(str(Concern.SUBMIT_BLOCKED), str(Concern.PAYOUT_BLOCKED)),
    lasting=(str(Concern.CONTRADICTION),),
)
_DETAILS: Final = "bulk_row.details"
_FILE: Final = "bulk_batch.file"
_LONGEST_NAME: Final = 60


def batch_row(
    keyring: Keyring,
    *,
    environment: str,
    chat_id: int,
    thread: int | None,
    language: str,
    file: str,
    digest: str,
    rows: int,
    by: int,
    parent: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The row of a new draft."""
    return {
        "id": new_id(),
        "code": f"B-{new_payment_code().replace('-', '')[:6]}",
        "environment": environment,
        "state": str(BatchState.DRAFT),
        "chat_id": chat_id,
        "thread": thread,
        "language": language,
        "file_sealed": keyring.seal(file[:_LONGEST_NAME] or "?", context=_FILE),
        "file_digest": digest,
        "rows": rows,
        "parent_id": parent,
        "pay_again": False,
        "created_by": by,
        "created_at": now,
        "updated_at": now,
        "tellings": 0,
        "due_at": now + DRAFT_LIFE,
    }


def payment_row(keyring: Keyring, batch_id: str, row: Row) -> dict[str, Any]:
    """The row of one payment of a file."""
    details = {"destination": row.destination.to_json(), "note": row.note}
    return {
        "id": new_id(),
        "batch_id": batch_id,
        "line": row.line,
        "amount": row.amount.amount,
        "currency": row.amount.currency,
        "details_sealed": keyring.seal_json(details, context=_DETAILS),
        "destination_digest": keyring.digest(row.destination.identity),
        "left_out": False,
        "again_of": None,
    }


def again_row(batch_id: str, row: Any) -> dict[str, Any]:
    """The row that pays again what `row` did not: the same in another file. No two can be of the same row."""
    kept = {name: getattr(row, name) for name in ("line", "amount", "currency", "details_sealed", "destination_digest")}
    return {**kept, "id": new_id(), "batch_id": batch_id, "left_out": False, "again_of": row.id}


def payout_of(keyring: Keyring, row: Any) -> PayoutOrder:
    """The payout that a row asks for. Its key is the row's, so that it is opened once however often this comes."""
    destination, note = _details(keyring, row.details_sealed)
    return PayoutOrder(destination, Money(row.amount, row.currency), note, payout_key(row.id))


def destination_of(keyring: Keyring, sealed: bytes) -> Destination:
    """Where a row goes, by its sealed details."""
    return _details(keyring, sealed)[0]


def payout_key(row_id: str) -> str:
    """Under which key the payment of a row is opened."""
    return f"bulk:{row_id}"


def counts_of(standing: Iterable[tuple[str | None, str, int, Decimal]]) -> Counts:
    """How many rows stand how."""
    found: dict[str, int] = defaultdict(int)
    for state, _, count, _ in standing:
        found[_place(state)] += count
    return Counts(**found)


def batch_view(session: Session, keyring: Keyring, row: BulkBatch, now: datetime) -> Batch:
    """A file as it stands."""
    standing = queries.standing(session, row.id)
    state = batch_state(session, row, now)
    sums: dict[str, Total] = {}
    for _, currency, count, amount in standing:
        known = sums.get(currency, Total(Money(Decimal(0), currency), 0))
        sums[currency] = Total(known.money + Money(amount, currency), known.rows + count)
    counts = counts_of(standing)
    parent = None if row.parent_id is None else queries.batch_by_id(session, row.parent_id)
    again = rows_again(session, row.id) if state is BatchState.ENDED else ()
    return Batch(
        id=row.id,
        code=row.code,
        state=state,
        file=keyring.open(row.file_sealed, context=_FILE),
        totals=tuple(sums[currency] for currency in sorted(sums)),
        counts=counts,
        paid=tuple(
            Money(amount, currency)
            for state_, currency, _, amount in sorted(standing, key=lambda one: one[1])
            if state_ == PaymentState.COMPLETED
        ),
        chat_id=row.chat_id,
        language=row.language,
        created_by=row.created_by,
        created_at=row.created_at,
        order_id=row.order_id,
        pay_again=row.pay_again,
        left_out=0 if state is BatchState.DROPPED else row.rows - counts.all,
        parent=None if parent is None else parent.code,
        parent_was=Unpaid.BOTH if parent is None else _unpaid(queries.states_run_again(session, row.id)),
        again=len(again),
        again_failed=sum(_has_failed(one.state) for one in again),
        started_at=row.started_at,
        stopped_at=row.stopped_at,
        ended_at=row.ended_at,
    )


def stopping_of(standing: Iterable[tuple[bool, str | None, str, int, Decimal]]) -> Stopping:
    """What a stop would hold back, and what it cannot, of rows that stand so."""
    held: dict[str, Total] = {}
    on_way: dict[str, Total] = {}
    for unsent, state, currency, count, amount in standing:
        if not unsent and _place(state) not in ("waiting", "under_way"):
            continue
        sums = held if unsent else on_way
        known = sums.get(currency, Total(Money(Decimal(0), currency), 0))
        sums[currency] = Total(known.money + Money(amount, currency), known.rows + count)
    return Stopping(*(tuple(sums[currency] for currency in sorted(sums)) for sums in (held, on_way)))


def rows_again(session: Session, batch_id: str) -> Sequence[Any]:
    """The rows of a file that can be run again."""
    return queries.rows_to_run_again(session, batch_id, DOUBT)


def row_line(keyring: Keyring, record: queries.RowRecord) -> RowLine:
    """A row with what became of it."""
    destination, note = _details(keyring, record.details_sealed)
    return RowLine(
        line=record.line,
        destination=destination,
        note=note,
        amount=Money(record.amount, record.currency),
        left_out=record.left_out,
        code=record.code,
        state=None if record.state is None else PaymentState(record.state),
        reason=record.reason,
        reason_detail=record.reason_detail,
        receipt=record.receipt,
        provider_id=record.provider_id,
        ended_at=record.ended_at,
    )


def card_slot(batch_id: str) -> str:
    """The slot of a file's card, from its preview to its end."""
    return f"o:bulk:{batch_id}"


def card_row(keyring: Keyring, row: BulkBatch, telling: int, now: datetime, *, fresh: bool) -> dict[str, Any]:
    """The notice that shows a file as it stands when it is sent."""
    return notice_row(
        chat_id=row.chat_id,
        kind="bulk_card",
        dedupe_key=f"bulk:{row.id}:{telling}",
        slot=card_slot(row.id),
        payload_sealed=_payload(keyring, row, fresh=fresh),
        now=now,
    )


def result_row(keyring: Keyring, row: BulkBatch, now: datetime) -> dict[str, Any]:
    """The notice that brings the result of a file, once."""
    return notice_row(
        chat_id=row.chat_id,
        kind="bulk_result",
        dedupe_key=f"bulk:{row.id}:result",
        payload_sealed=_payload(keyring, row),
        now=now,
    )


def _payload(keyring: Keyring, row: BulkBatch, **more: object) -> bytes:
    place = {} if row.thread is None else {"thread": row.thread}
    return keyring.seal_json({"batch": row.id, "language": row.language, **more, **place}, context=NOTICE_PAYLOAD)


def _details(keyring: Keyring, sealed: bytes) -> tuple[Destination, str]:
    details = keyring.open_json(sealed, context=_DETAILS)
    return Destination.from_json(details["destination"]), str(details["note"])


def batch_state(session: Session, row: BulkBatch, now: datetime) -> BatchState:
    """Where a file stands: a draft waits as long as its order does."""
    state = BatchState(row.state)
    if state is not BatchState.DRAFT or row.order_id is None:
        return state
    order = order_by_id(session, row.order_id, environment=row.environment)
    waits = order is not None and order.state == OrderState.PROPOSED and order.expires_at > now
    return BatchState.WAITING if waits else BatchState.DRAFT


def _unpaid(states: Collection[str | None]) -> Unpaid:
    """What rows are that paid nobody, by the states of their payments."""
    failed = {_has_failed(state) for state in states}
    if len(failed) == 1:
        return Unpaid.FAILED if True in failed else Unpaid.NOT_BEGUN
    return Unpaid.BOTH


def _has_failed(state: str | None) -> bool:
    return _place(state) not in ("not_begun", "held")


def _place(state: str | None) -> str:
    if state is None:
        return "not_begun"
    match PaymentState(state):
        case PaymentState.COMPLETED:
            return "paid"
        case PaymentState.CONFIRMED:
            return "waiting"
        case PaymentState.CANCELLED:  # as only we cancel what is paid out, and only before it is sent
            return "held"
        case ended if ended in PAID_NOBODY:
            return "failed"
        case _:
            return "under_way"
