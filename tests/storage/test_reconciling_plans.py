"""A comparison that runs beside everything else finds its rows by an index, however much history there is."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, update
from sqlmodel import Session

from storage import reconciliation_items
from storage import reconciling as queries
from storage.database import Database
from storage.payments import LEG
from storage.reconciliation_items import ITEM
from storage.reconciling import CALLBACK
from tests.storage.test_plans import HISTORY, full, scans, statements

if TYPE_CHECKING:
    from tests.storage.conftest import Rows

__all__ = ["full"]


async def test_every_step_of_a_comparison_goes_through_an_index(full: Database, rows: "Rows") -> None:
    day = timedelta(days=1)
    span = {"environment": "sandbox", "since": rows.now, "until": rows.now + day}

    def prepare(session: Session) -> None:
        connection = session.connection()
        connection.execute(update(LEG).values(submitted_at=rows.now - 30 * day, submissions=1))
        connection.execute(update(LEG).where(LEG.c.id.in_(["l1", "l2", "l3"])).values(submitted_at=rows.now))
        connection.execute(update(CALLBACK).values(outcome="applied"))
        known = {"ours": "", "theirs": "", "state": "gone", "first_run": "r0", "last_run": "r0"}
        known |= {"environment": "sandbox", "kind": "state", "first_seen_at": rows.now, "last_seen_at": rows.now}
        over = [
            known | {"id": f"i{n}", "key": f"k{n}", "reference": f"k{n}", "leg_id": f"l{n}"} for n in range(HISTORY)
        ]
        connection.execute(insert(ITEM), over)
        connection.exec_driver_sql("ANALYZE")

    await full.write(prepare)

    def look(session: Session) -> list[str]:
        leg = queries.next_leg(session, **span, after=(rows.now, "l1"))  # type: ignore[arg-type]
        assert leg is not None
        assert leg.id == "l2"
        with statements(session) as seen:
            queries.next_leg(session, **span, after=(rows.now, "l1"))  # type: ignore[arg-type]
            queries.count_legs(session, **span)  # type: ignore[arg-type]
            queries.last_change(session, "p1", "l1")
            queries.namesakes(session, leg, provider_id="prov-1", receipt="SKX1")
            queries.orphans(session, since=rows.now, until=rows.now + day, limit=500)
            queries.legs_under_way(session, environment="sandbox", states=["pending"])
            queries.leg_to_see_again(session, environment="sandbox", run_id="r1")
            reconciliation_items.touch_items(session, "l1", run_id="r1")
        return [step for statement, values in seen for step in scans(session, statement, values)]

    assert await full.write(look) == []
