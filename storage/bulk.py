"""Queries on files of payments: kept as drafts, started once, their rows begun once each, and how they stand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, or_, select, text, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.sql.selectable import ScalarSelect
from sqlmodel import Session

from storage.bulk_tables import BulkBatch, BulkRow
from storage.tables import AttentionCase, Leg, Payment, table_of
from storage.types import exact_sum
from storage.writing import insert_ignoring, insert_rows

BATCH: Final[SqlTable] = table_of(BulkBatch)
ROW: Final[SqlTable] = table_of(BulkRow)
PAYMENT: Final[SqlTable] = table_of(Payment)
LEG: Final[SqlTable] = table_of(Leg)
CASE: Final[SqlTable] = table_of(AttentionCase)
_IN_A_LIST: Final = 500  # values in one statement
_LAST_LEGS: Final = 5_000  # that are looked through, however many there are
_IN_WORK: Final = ("running", "ended")
_STARTS: Final = 7_309_001  # the name of the lock on starting a file


@dataclass(frozen=True, slots=True)
class RowRecord:
    """A row with what became of it; everything about the payment is None while it is not begun."""

    id: str
    line: int
    amount: Decimal
    currency: str
    details_sealed: bytes
    left_out: bool
    payment_id: str | None
    code: str | None
    state: str | None
    reason: str | None
    reason_detail: str | None
    receipt: str | None
    provider_id: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What it takes to be certain that a payment paid nobody.

    It is in one of the states `over`; no case of its is open but those of `harmless` concerns; and it never had one of a
    `lasting` concern, whatever a person said about it.
    """

    over: Sequence[str]
    harmless: Sequence[str]
    lasting: Sequence[str]


def add_batch(session: Session, batch: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> int:
    """Keep a file and its rows; how many rows are there: one that runs again what runs again already is left out."""
    insert_rows(session, BATCH, [batch])
    return insert_ignoring(session, ROW, rows, unique="again_of")


def batch_by_id(session: Session, batch_id: str) -> BulkBatch | None:
    """One file."""
    return session.get(BulkBatch, batch_id)


def batch_by_code(session: Session, code: str) -> BulkBatch | None:
    """One file, by what people call it."""
    return session.execute(select(BulkBatch).where(BATCH.c.code == code)).scalars().first()


def batches(session: Session, *, environment: str, limit: int, offset: int) -> list[BulkBatch]:
    """Files that were not dropped, the newest first."""
    statement = (
        select(BulkBatch)
        .where(BATCH.c.environment == environment, BATCH.c.state != "dropped")
        .order_by(BATCH.c.created_at.desc(), BATCH.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return list(session.execute(statement).scalars())


def batches_of_file(session: Session, file_digest: str, *, environment: str, but: str) -> list[BulkBatch]:
    """The files of the same bytes that are or were paid, the newest first."""
    statement = (
        select(BulkBatch)
        .where(
            BATCH.c.file_digest == file_digest,
            BATCH.c.environment == environment,
            BATCH.c.state.in_(_IN_WORK),
            BATCH.c.id != but,
        )
        .order_by(BATCH.c.started_at.desc())
    )
    return list(session.execute(statement).scalars())


def hold_starts(session: Session) -> None:
    """No other file is started before this transaction ends: what it looks at now, others cannot start beside it.

    SQLite writes one transaction at a time anyway; on PostgreSQL two would not see each other.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _STARTS})


def change_batch(session: Session, batch_id: str, *, state: str, values: Mapping[str, Any], **was: Any) -> bool:
    """Write some columns of a file that is in `state` and as `was` says; False when it is not."""
    statement = update(BATCH).where(BATCH.c.id == batch_id, BATCH.c.state == state)
    for name, value in was.items():
        column = BATCH.c[name]
        statement = statement.where(column.is_(None) if value is None else column == value)
    return session.connection().execute(statement.values(**values)).rowcount == 1


def drop_rows(session: Session, batch_id: str) -> None:
    """Forget the rows of a file that will not be paid: whom it would have paid is nobody's business any more."""
    session.connection().execute(delete(ROW).where(ROW.c.batch_id == batch_id, ROW.c.payment_id.is_(None)))


def leave_out(session: Session, row_ids: Collection[str]) -> None:
    """These rows are not to be paid."""
    for ids in _lists(row_ids):
        session.connection().execute(update(ROW).where(ROW.c.id.in_(ids)).values(left_out=True))


def records(session: Session, batch_id: str, *, limit: int | None = None) -> list[RowRecord]:
    """The rows of a file in its order, each with its payment and the last transaction that was made for it."""
    each = LEG.alias("each")
    last = select(func.max(each.c.position)).where(each.c.payment_id == ROW.c.payment_id).correlate(ROW)
    columns = [
        *(ROW.c[name] for name in ("id", "line", "amount", "currency", "details_sealed", "left_out", "payment_id")),
        *(PAYMENT.c[name] for name in ("code", "state", "reason", "reason_detail")),
        *(LEG.c.receipt, LEG.c.provider_id, PAYMENT.c.ended_at),
    ]
    statement = (
        select(*columns)
        .select_from(ROW)
        .join(PAYMENT, PAYMENT.c.id == ROW.c.payment_id, isouter=True)
        .join(LEG, and_(LEG.c.payment_id == ROW.c.payment_id, LEG.c.position == last.scalar_subquery()), isouter=True)
        .where(ROW.c.batch_id == batch_id)
        .order_by(ROW.c.line)
        .limit(limit)
    )
    return [RowRecord(*row) for row in session.connection().execute(statement)]


def standing(session: Session, batch_id: str) -> list[tuple[str | None, str, int, Decimal]]:
    """How many rows are in each state of their payments, per currency, with their sums; None for what is not begun."""
    statement = (
        select(PAYMENT.c.state, ROW.c.currency, func.count(), exact_sum(ROW.c.amount))
        .select_from(ROW)
        .join(PAYMENT, PAYMENT.c.id == ROW.c.payment_id, isouter=True)
        .where(ROW.c.batch_id == batch_id, ROW.c.left_out.is_(False))
        .group_by(PAYMENT.c.state, ROW.c.currency)
    )
    return [(row[0], row[1], int(row[2]), row[3]) for row in session.connection().execute(statement)]


def payments_not_sent(session: Session, batch_id: str) -> list[str]:
    """Payments of rows whose one leg waits to be sent."""
    statement = select(ROW.c.payment_id).where(ROW.c.batch_id == batch_id, _not_sent())
    return list(session.connection().execute(statement).scalars())


def standing_if_stopped(session: Session, batch_id: str) -> list[tuple[bool, str | None, str, int, Decimal]]:
    """As `standing`, and first of all whether it is not sent: the rows that a stop would hold back, and those it cannot."""
    rows = (
        select(
            or_(ROW.c.payment_id.is_(None), _not_sent()).label("held"), PAYMENT.c.state, ROW.c.currency, ROW.c.amount
        )
        .select_from(ROW)
        .join(PAYMENT, PAYMENT.c.id == ROW.c.payment_id, isouter=True)
        .where(ROW.c.batch_id == batch_id, ROW.c.left_out.is_(False))
        .subquery()
    )
    groups = (rows.c.held, rows.c.state, rows.c.currency)
    statement = select(*groups, func.count(), exact_sum(rows.c.amount)).group_by(*groups)
    return [(bool(row[0]), row[1], row[2], int(row[3]), row[4]) for row in session.connection().execute(statement)]


def _not_sent() -> ColumnElement[bool]:
    """Of a row: it has a payment, whose one leg is ready and nothing more."""
    others = LEG.alias("others")
    return and_(
        exists().where(LEG.c.payment_id == ROW.c.payment_id, LEG.c.state == "ready"),
        ~exists().where(others.c.payment_id == ROW.c.payment_id, others.c.state != "ready"),
    )


def rows_to_begin(session: Session, batch_id: str, *, limit: int) -> list[Row[Any]]:
    """The next rows that have no payment: id, line, amount, currency and details."""
    statement = (
        select(ROW.c.id, ROW.c.line, ROW.c.amount, ROW.c.currency, ROW.c.details_sealed)
        .where(ROW.c.batch_id == batch_id, ROW.c.payment_id.is_(None), ROW.c.left_out.is_(False))
        .order_by(ROW.c.line)
        .limit(limit)
    )
    return list(session.connection().execute(statement))


def begin_row(session: Session, row_id: str, payment_id: str) -> bool:
    """A row has its payment now; False when it had one."""
    changed = session.connection().execute(
        update(ROW).where(ROW.c.id == row_id, ROW.c.payment_id.is_(None)).values(payment_id=payment_id)
    )
    return changed.rowcount == 1


def take_due_batch(session: Session, *, environment: str, now: datetime) -> BulkBatch | None:
    """The longest due file, held until the transaction ends; nobody waits for one that another holds."""
    due = and_(BATCH.c.due_at <= now, BATCH.c.environment == environment)
    statement = select(BulkBatch).where(due).order_by(BATCH.c.due_at).limit(1)
    return session.execute(statement.with_for_update(skip_locked=True)).scalars().first()


def paid_before(
    session: Session,
    digests: Collection[str],
    *,
    environment: str,
    but: str,
    since: datetime,
    doubt: Doubt,
) -> list[tuple[str, Decimal, str, str, int, datetime]]:
    """Rows of other files, started since then, that pay these places: digest, amount, currency, code, line and start.

    What certainly paid nobody does not count.
    """
    found: list[tuple[str, Decimal, str, str, int, datetime]] = []
    for part in _lists(digests):
        statement = (
            select(ROW.c.destination_digest, ROW.c.amount, ROW.c.currency, BATCH.c.code, ROW.c.line, BATCH.c.started_at)
            .select_from(ROW)
            .join(BATCH, BATCH.c.id == ROW.c.batch_id)
            .join(PAYMENT, PAYMENT.c.id == ROW.c.payment_id, isouter=True)
            .where(
                ROW.c.destination_digest.in_(part),
                ROW.c.left_out.is_(False),
                BATCH.c.id != but,
                BATCH.c.environment == environment,
                BATCH.c.started_at >= since,
                or_(
                    and_(PAYMENT.c.state.is_not(None), PAYMENT.c.state.not_in(doubt.over)),
                    PAYMENT.c.id.in_(doubtful(doubt)),
                    and_(PAYMENT.c.state.is_(None), BATCH.c.state == "running"),
                ),
            )
            .order_by(BATCH.c.started_at.desc())
        )
        found += [
            (row[0], row[1], row[2], row[3], int(row[4]), row[5]) for row in session.connection().execute(statement)
        ]
    return found


def digests_of(session: Session, batch_id: str) -> list[tuple[str, int, str, Decimal, str]]:
    """What each row of a file that is to be paid pays: id, line, digest of the place, amount, currency."""
    statement = (
        select(ROW.c.id, ROW.c.line, ROW.c.destination_digest, ROW.c.amount, ROW.c.currency)
        .where(ROW.c.batch_id == batch_id, ROW.c.left_out.is_(False))
        .order_by(ROW.c.line)
    )
    return [(row[0], int(row[1]), row[2], row[3], row[4]) for row in session.connection().execute(statement)]


def rows_to_run_again(session: Session, batch_id: str, doubt: Doubt) -> list[Row[Any]]:
    """Rows that certainly paid nobody, nor did what they run again themselves, and are not run again yet, whole.

    With them comes the `state` of their payment, None for what has none.
    """
    again = select(ROW.c.again_of).where(ROW.c.again_of.is_not(None)).scalar_subquery()
    failed = and_(PAYMENT.c.state.in_(doubt.over), ROW.c.payment_id.not_in(doubtful(doubt)))
    statement = (
        select(ROW, PAYMENT.c.state)
        .join(PAYMENT, PAYMENT.c.id == ROW.c.payment_id, isouter=True)
        .where(
            ROW.c.batch_id == batch_id,
            ROW.c.left_out.is_(False),
            ROW.c.id.not_in(again),
            ROW.c.id.not_in(_paid_perhaps(batch_id, doubt)),
            or_(ROW.c.payment_id.is_(None), failed),
        )
        .order_by(ROW.c.line)
    )
    return list(session.connection().execute(statement))


def states_run_again(session: Session, batch_id: str) -> set[str | None]:
    """In which states the payments are that the rows of a file run again; None for a row that had none."""
    ran = ROW.alias("ran")
    statement = (
        select(PAYMENT.c.state)
        .select_from(ROW)
        .join(ran, ran.c.id == ROW.c.again_of)
        .join(PAYMENT, PAYMENT.c.id == ran.c.payment_id, isouter=True)
        .where(ROW.c.batch_id == batch_id, ROW.c.left_out.is_(False))
        .distinct()
    )
    return set(session.connection().execute(statement).scalars())


def rows_in_doubt(session: Session, batch_id: str, doubt: Doubt) -> list[str]:
    """Rows that are to be begun still, and run something again that did not certainly pay nobody; their ids."""
    statement = select(ROW.c.id).where(
        ROW.c.batch_id == batch_id,
        ROW.c.payment_id.is_(None),
        ROW.c.left_out.is_(False),
        ROW.c.id.in_(_paid_perhaps(batch_id, doubt)),
    )
    return list(session.connection().execute(statement).scalars())


def _paid_perhaps(batch_id: str, doubt: Doubt) -> ScalarSelect[Any]:
    """Rows of a file that run something again which did not certainly pay nobody: what failed, and failed once more."""
    earlier = ROW.alias("earlier")
    before = (
        select(ROW.c.id.label("row_id"), ROW.c.again_of.label("ran"))
        .where(ROW.c.batch_id == batch_id, ROW.c.again_of.is_not(None))
        .cte("before", recursive=True)
    )
    before = before.union_all(
        select(before.c.row_id, earlier.c.again_of)
        .join(earlier, earlier.c.id == before.c.ran)
        .where(earlier.c.again_of.is_not(None))
    )
    ran = ROW.alias("ran")
    return (
        select(before.c.row_id)
        .join(ran, ran.c.id == before.c.ran)
        .join(PAYMENT, PAYMENT.c.id == ran.c.payment_id)
        .where(or_(PAYMENT.c.state.not_in(doubt.over), PAYMENT.c.id.in_(doubtful(doubt))))
        .scalar_subquery()
    )


def doubtful(doubt: Doubt) -> ScalarSelect[Any]:
    """Payments with a question that is open, or one of those that an answer does not settle."""
    return (
        select(CASE.c.payment_id)
        .where(
            CASE.c.payment_id.is_not(None),
            or_(
                and_(CASE.c.resolved_at.is_(None), CASE.c.concern.not_in(doubt.harmless)),
                CASE.c.concern.in_(doubt.lasting),
            ),
        )
        .scalar_subquery()
    )


def fees_told(session: Session, currency: str, *, limit: int) -> list[tuple[Decimal, Decimal]]:
    """What the provider took for the last payouts in a currency, each with its amount, the newest first."""
    columns = (LEG.c.kind, LEG.c.currency, LEG.c.provider_fee, LEG.c.amount, LEG.c.id)
    legs = select(*columns).order_by(LEG.c.id.desc()).limit(_LAST_LEGS).subquery()
    statement = (
        select(legs.c.provider_fee, legs.c.amount)
        .where(legs.c.kind == "payout", legs.c.currency == currency, legs.c.provider_fee.is_not(None))
        .order_by(legs.c.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.connection().execute(statement)]


def _lists(values: Collection[str]) -> Iterator[list[str]]:
    whole = list(dict.fromkeys(values))
    return (whole[at : at + _IN_A_LIST] for at in range(0, len(whole), _IN_A_LIST))
