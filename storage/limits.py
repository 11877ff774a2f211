"""Queries on limits: the rules that operators set, and counting what is moved, guarded by the database.

Totals are taken by one statement that adds and compares at once, under the locks of their rows: of several confirmations
that run together on any number of replicas, the one that would exceed a limit is told so, and changes nothing. Totals are
always touched in the order of their names, so two transactions never wait for each other in a circle.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table as SqlTable
from sqlalchemy import TextClause, and_, bindparam, delete, exists, or_, select, text, update
from sqlmodel import Session

from storage.limit_tables import FeeRule, LimitRule, UsageCount, UsageTotal
from storage.tables import table_of
from storage.writing import insert_ignoring, insert_rows

LIMIT: SqlTable = table_of(LimitRule)
FEE: SqlTable = table_of(FeeRule)
TOTAL: SqlTable = table_of(UsageTotal)
COUNT: SqlTable = table_of(UsageCount)
OF_ONE_CUSTOMER: Final = "customer"  # the scope that there may be thousands of rules of
_NO_LIMIT: Final = 2**62


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit as it is set."""

    subject: str
    scope: str
    currency: str
    least: Decimal | None
    most: Decimal


_RULE: Final = (LIMIT.c.subject, LIMIT.c.scope, LIMIT.c.currency, LIMIT.c.least, LIMIT.c.most)
_MOST_ABOUT: Final = 3  # subjects, and currencies, of one question: a statement that stays the same is prepared once
_ABOUT: Final = select(*_RULE).where(
    LIMIT.c.subject.in_([bindparam(f"subject_{place}") for place in range(_MOST_ABOUT)]),
    LIMIT.c.currency.in_([bindparam(f"currency_{place}") for place in range(_MOST_ABOUT)]),
)
_GENERAL: Final = (
    select(*_RULE)
    .where(LIMIT.c.subject.in_(bindparam("subjects", expanding=True)), LIMIT.c.scope != OF_ONE_CUSTOMER)
    .order_by(*_RULE[:3])
)
_FEE_OF: Final = select(FEE.c.percent, FEE.c.fixed).where(
    FEE.c.kind == bindparam("kind"), FEE.c.currency == bindparam("currency")
)
_GIVE_BACK: Final = (
    update(TOTAL)
    .where(
        TOTAL.c.period == bindparam("b_period"),
        TOTAL.c.whose == bindparam("b_whose"),
        TOTAL.c.currency == bindparam("b_currency"),
    )
    .values(used=TOTAL.c.used - bindparam("b_units"))
)


def general_rules(session: Session, subjects: Sequence[str]) -> list[Rule]:
    """The limits of these subjects, which are no customers: of those there may be thousands."""
    return [Rule(*row) for row in session.connection().execute(_GENERAL, {"subjects": subjects})]


def any_customer_rules(session: Session) -> bool:
    """Whether a single customer has a limit of their own."""
    query = select(exists(select(LIMIT.c.subject).where(LIMIT.c.scope == OF_ONE_CUSTOMER)))
    return bool(session.connection().execute(query).scalar_one())


def rules_about(session: Session, subjects: Sequence[str], currencies: Sequence[str]) -> list[Rule]:
    """The limits of these subjects in these currencies, three of each at most, by the primary key."""
    values = {}
    for place in range(_MOST_ABOUT):
        values[f"subject_{place}"] = subjects[min(place, len(subjects) - 1)]
        values[f"currency_{place}"] = currencies[min(place, len(currencies) - 1)]
    if len(subjects) > _MOST_ABOUT or len(currencies) > _MOST_ABOUT:
        raise ValueError("too many subjects or currencies for one question")
    return [Rule(*row) for row in session.connection().execute(_ABOUT, values)]


def rules_of(session: Session, subject: str) -> list[Rule]:
    """All limits of one subject."""
    query = select(*_RULE).where(LIMIT.c.subject == subject).order_by(*_RULE[:3])
    return [Rule(*row) for row in session.connection().execute(query)]


def replace_rule(session: Session, was: Rule | None, row: dict[str, Any] | None, spot: tuple[str, str, str]) -> bool:
    """Set, change or remove (None) the limit at `spot` (subject, scope, currency); False when it is not as it `was`."""
    at = and_(LIMIT.c.subject == spot[0], LIMIT.c.scope == spot[1], LIMIT.c.currency == spot[2])
    if was is None:
        return row is not None and insert_ignoring(session, LIMIT, [row], unique=("subject", "scope", "currency")) == 1
    as_it_was = and_(at, LIMIT.c.least.is_(None) if was.least is None else LIMIT.c.least == was.least)
    change = delete(LIMIT) if row is None else update(LIMIT).values(**row)
    return session.connection().execute(change.where(as_it_was, LIMIT.c.most == was.most)).rowcount == 1


def fee_rules(session: Session) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Percentage and fixed part, by kind and currency."""
    query = select(FEE.c.kind, FEE.c.currency, FEE.c.percent, FEE.c.fixed).order_by(FEE.c.kind, FEE.c.currency)
    return {(row[0], row[1]): (row[2], row[3]) for row in session.connection().execute(query)}


def fee_rule(session: Session, kind: str, currency: str) -> tuple[Decimal, Decimal] | None:
    """Percentage and fixed part of one kind in one currency, where operators set them."""
    row = session.connection().execute(_FEE_OF, {"kind": kind, "currency": currency}).first()
    return None if row is None else (row[0], row[1])


def replace_fee(
    session: Session, was: tuple[Decimal, Decimal] | None, row: dict[str, Any] | None, spot: tuple[str, str]
) -> bool:
    """Set, change or remove (None) the fee at `spot` (kind, currency); False when it is not as it `was`."""
    if was is None:
        return row is not None and insert_ignoring(session, FEE, [row], unique=("kind", "currency")) == 1
    at = and_(FEE.c.kind == spot[0], FEE.c.currency == spot[1], FEE.c.percent == was[0], FEE.c.fixed == was[1])
    change = delete(FEE) if row is None else update(FEE).values(**row)
    return session.connection().execute(change.where(at)).rowcount == 1


@dataclass(frozen=True, slots=True)
class Taking:
    """What is added to one total, which may become `most` (None: whatever it may)."""

    period: str
    whose: str
    currency: str
    units: int
    most: int | None


def take(session: Session, takings: Sequence[Taking]) -> bool:
    """Add to totals, which must all be different ones; whether none became more than it may.

    False: then some may have been added to, and the caller must let nothing of the transaction be kept.
    """
    if any(one.most is not None and one.units > one.most for one in takings):
        return False
    values: dict[str, Any] = {}
    for place, one in enumerate(sorted(takings, key=lambda taking: taking.whose)):
        most = _NO_LIMIT if one.most is None else one.most
        parts = {"period": one.period, "whose": one.whose, "currency": one.currency, "units": one.units, "most": most}
        values |= {f"{name}_{place}": value for name, value in parts.items()}
    return len(session.connection().execute(_taking(len(takings)), values).all()) == len(takings)


@lru_cache(maxsize=8)
def _taking(count: int) -> TextClause:
    """The statement for so many totals, the same words on both engines. What comes back are those that were added to."""
    places = range(count)
    rows = ", ".join(f"(:period_{at}, :whose_{at}, :currency_{at}, :units_{at})" for at in places)
    limits = " ".join(f"WHEN :whose_{at} THEN CAST(:most_{at} AS BIGINT)" for at in places)
    return text(
        f"INSERT INTO usage_total (period, whose, currency, used) VALUES {rows}"  # noqa: S608 - our own names
        " ON CONFLICT (period, whose, currency) DO UPDATE SET used = usage_total.used + excluded.used"
        f" WHERE usage_total.used + excluded.used <= CASE excluded.whose {limits} END RETURNING used"
    )


def note_count(session: Session, row: dict[str, Any]) -> None:
    """Keep what a payment counted for."""
    insert_rows(session, COUNT, [row])


def used(session: Session, wanted: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    """The totals with these names (period, whose, currency); 0 for those that nothing was added to."""
    names = list(wanted)
    found = dict.fromkeys(names, 0)
    key = (TOTAL.c.period, TOTAL.c.whose, TOTAL.c.currency)
    each = [and_(*(column == value for column, value in zip(key, name, strict=True))) for name in names]
    if each:
        rows = session.connection().execute(select(*key, TOTAL.c.used).where(or_(*each)))
        found |= {(row[0], row[1], row[2]): row[3] for row in rows}
    return found


def give_back(session: Session, payment_ids: Sequence[str], now: datetime) -> None:
    """Take what these payments counted for out of the totals again; of each payment once, however often it is asked."""
    if not payment_ids:
        return
    returned = session.connection().execute(
        update(COUNT)
        .where(COUNT.c.payment_id.in_(payment_ids), COUNT.c.given_back_at.is_(None))
        .values(given_back_at=now)
        .returning(COUNT.c.period, COUNT.c.country, COUNT.c.customer_id, COUNT.c.currency, COUNT.c.units)
    )
    totals: Counter[tuple[str, str, str]] = Counter()
    for period, country, customer_id, currency, units in returned:
        totals[period, country_total(country), currency] += units
        totals[period, customer_total(customer_id), currency] += units
    for (period, whose, currency), units in sorted(totals.items()):
        values = {"b_period": period, "b_whose": whose, "b_currency": currency, "b_units": units}
        session.connection().execute(_GIVE_BACK, values)


def drop_old_usage(session: Session, *, before: str, payments_before: str) -> None:
    """Forget totals of periods before this one, and the counts of payments whose ids sort before `payments_before`."""
    session.connection().execute(delete(TOTAL).where(TOTAL.c.period < before))
    session.connection().execute(delete(COUNT).where(COUNT.c.payment_id < payments_before, COUNT.c.period < before))


def country_total(country: str) -> str:
    """The name of a country's total. Names sort: countries, customers, phones."""
    return f"country:{country}"


def customer_total(customer_id: str) -> str:
    """The name of a customer's total."""
    return f"customer:{customer_id}"


def phone_total(digest: str) -> str:
    """The name of the total of a phone's prompts."""
    return f"phone:{digest}"
