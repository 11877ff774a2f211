"""Queries on payments that went wrong and that operators put right: what contradicts, what is tried again, what is closed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, bindparam, func, literal, or_, select, union_all, update
from sqlalchemy.sql.selectable import ScalarSelect
from sqlmodel import Session

from storage.bulk import ROW
from storage.payments import CASE, LEG, PAYMENT, HeldLeg, HeldPayment
from storage.tables import Leg

OUT: Final = ("payout", "refund", "onramp")  # the kinds of legs that bring people money, or crypto for it
OF_A_BATCH: Final = "batch:"  # how the key of a case begins that stands for all rows of a batch
_CONTRADICTION: Final = "contradiction"
_PAYMENT: Final = select(
    *(PAYMENT.c[name] for name in HeldPayment.__slots__ if name != "legs"), PAYMENT.c.request_sealed
).where(PAYMENT.c.id == bindparam("id"))
_LEGS: Final = (
    select(*(LEG.c[name] for name in HeldLeg.__slots__))
    .where(LEG.c.payment_id == bindparam("id"))
    .order_by(LEG.c.position)
)


def is_contradicted(session: Session, payment_id: str, *, beside: str | None = None) -> bool:
    """Whether the provider contradicts itself about money that this payment sent out, and nobody has resolved it yet.

    `beside`: a leg of which it is not asked, since it is another one that may have arrived after all.
    """
    found = _contradicted(payment_id, beside).where(CASE.c.resolved_at.is_(None)).limit(1)
    return session.connection().execute(found).first() is not None


def sent_before(session: Session, payment_id: str, *, beside: str) -> list[Leg]:
    """The other legs of this payment, and of what it pays again, that brought somebody money or were to."""
    statement = select(Leg).where(
        LEG.c.payment_id.in_(_same_intention(payment_id)),
        LEG.c.kind.in_(OUT),
        LEG.c.submissions > 0,
        LEG.c.id != beside,
    )
    return list(session.execute(statement.order_by(LEG.c.payment_id, LEG.c.position)).scalars())


def look_again(session: Session, leg_id: str, now: datetime) -> None:
    """Have the provider's record of a leg that is over put beside ours once more."""
    session.connection().execute(update(LEG).where(LEG.c.id == leg_id, LEG.c.due_at.is_(None)).values(due_at=now))


def _contradicted(payment_id: str, beside: str | None) -> Select[tuple[str]]:
    statement = (
        select(LEG.c.id)
        .join(CASE, LEG.c.id == CASE.c.leg_id)
        .where(
            CASE.c.payment_id.in_(_same_intention(payment_id)),
            CASE.c.concern == _CONTRADICTION,
            LEG.c.kind.in_(OUT),
        )
    )
    return statement if beside is None else statement.where(LEG.c.id != beside)


def _same_intention(payment_id: str) -> ScalarSelect[str]:
    """This payment, and those before it that were to bring the same money: rows of files that its row runs again."""
    own, earlier = ROW.alias("own"), ROW.alias("earlier")
    before = (
        select(own.c.again_of.label("row_id"))
        .where(own.c.payment_id == payment_id, own.c.again_of.is_not(None))
        .cte("before", recursive=True)
    )
    before = before.union_all(
        select(earlier.c.again_of).join(before, earlier.c.id == before.c.row_id).where(earlier.c.again_of.is_not(None))
    )
    rows = select(ROW.c.payment_id).join(before, ROW.c.id == before.c.row_id).where(ROW.c.payment_id.is_not(None))
    return union_all(select(literal(payment_id)), rows).scalar_subquery()


def payment_to_mend(session: Session, payment_id: str) -> tuple[HeldPayment, bytes]:
    """A payment with its legs in plan order, as one would hold it, without the lock; and its sealed request."""
    *columns, sealed = session.connection().execute(_PAYMENT, {"id": payment_id}).one()
    payment = HeldPayment(*columns)
    payment.legs += [HeldLeg(*row) for row in session.connection().execute(_LEGS, {"id": payment_id})]
    return payment, bytes(sealed)


def resolve_cases_of(
    session: Session, payment_id: str, *, concerns: Sequence[str], now: datetime, resolution: str
) -> int:
    """Close the open cases of a payment about these concerns; how many there were.

    One that stands for all rows of a batch is not one row's own, whichever of them met it first.
    """
    changed = session.connection().execute(
        update(CASE)
        .where(
            CASE.c.payment_id == payment_id,
            CASE.c.concern.in_(concerns),
            CASE.c.resolved_at.is_(None),
            CASE.c.dedupe_key.not_like(f"{OF_A_BATCH}%"),
        )
        .values(resolved_at=now, resolution=resolution)
    )
    return changed.rowcount


def resolve_cases_of_batch(
    session: Session,
    batch_id: str,
    payment_ids: Collection[str],
    *,
    concerns: Sequence[str],
    now: datetime,
    resolution: str,
) -> None:
    """Close the open cases of these payments of a batch about these concerns, and those that stand for all of its rows."""
    of_all = [f"{OF_A_BATCH}{batch_id}:{concern}" for concern in concerns]
    session.connection().execute(
        update(CASE)
        .where(
            or_(CASE.c.payment_id.in_(payment_ids), CASE.c.dedupe_key.in_(of_all)),
            CASE.c.concern.in_(concerns),
            CASE.c.resolved_at.is_(None),
        )
        .values(resolved_at=now, resolution=resolution)
    )


def send_now(session: Session, leg_id: str, *, state: str, now: datetime) -> bool:
    """Have a leg that was not sent yet looked at now; False when it is not in `state` any more, or due already."""
    changed = session.connection().execute(
        update(LEG).where(LEG.c.id == leg_id, LEG.c.state == state, LEG.c.due_at > now).values(due_at=now)
    )
    return changed.rowcount == 1


def ask_return(session: Session, leg_id: str, *, state: str, most: int, now: datetime) -> bool:
    """Note that the provider is to try again to give crypto back; False when that was asked for, or tried `most` times."""
    changed = session.connection().execute(
        update(LEG)
        .where(
            LEG.c.id == leg_id,
            LEG.c.state == state,
            LEG.c.return_asked_at.is_(None),
            func.coalesce(LEG.c.return_tries, 0) < most,
        )
        .values(return_asked_at=now, due_at=now)
    )
    return changed.rowcount == 1


def begin_return(session: Session, leg_id: str, *, owner: str) -> bool:
    """Mark that the call which tries it again is about to be made, while the lease is ours: it is made once."""
    changed = session.connection().execute(
        update(LEG)
        .where(LEG.c.id == leg_id, LEG.c.lease_owner == owner, LEG.c.return_asked_at.is_not(None))
        .values(return_asked_at=None, return_tries=func.coalesce(LEG.c.return_tries, 0) + 1)
    )
    return changed.rowcount == 1


def unbegin_return(session: Session, leg_id: str, *, owner: str, now: datetime) -> None:
    """The call provably never left: it is still to be made."""
    session.connection().execute(
        update(LEG)
        .where(LEG.c.id == leg_id, LEG.c.lease_owner == owner)
        .values(return_asked_at=now, return_tries=LEG.c.return_tries - 1)
    )


def forget_return(session: Session, leg_id: str, *, owner: str) -> None:
    """There is nothing to be tried again: it did not fail, or not any more."""
    session.connection().execute(
        update(LEG).where(LEG.c.id == leg_id, LEG.c.lease_owner == owner).values(return_asked_at=None)
    )
