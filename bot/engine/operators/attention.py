"""The attention list: what waits for a person, and closing an item with the reason that was given."""

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.looking import Payments
from bot.engine.operators.results import Case, Operator, Page
from bot.engine.operators.roles import MOST_WORDS, PAGE, Operators
from bot.engine.outbox import Outbox
from bot.payments.states import PaymentState
from storage import oversight as queries
from storage.database import Database
from storage.operating import resolve_case
from storage.payments import LostRace


class Attention:
    """Reads the list and resolves its items."""

    def __init__(
        self, database: Database, clock: Clock, operators: Operators, payments: Payments, outbox: Outbox
    ) -> None:
        self._database = database
        self._clock = clock
        self._operators = operators
        self._payments = payments
        self._outbox = outbox

    async def page(self, number: int) -> tuple[list[Case], Page, int]:
        """A page of the list, the oldest first, and how many there are in all."""

        def read(session: Session) -> tuple[list[queries.CaseRecord], int]:
            found = queries.open_cases_page(session, limit=PAGE + 1, offset=(number - 1) * PAGE)
            return found, queries.count_open_cases(session)

        records, count = await self._database.read(read)
        return [case_of(one) for one in records[:PAGE]], Page(number, more=len(records) > PAGE), count

    async def case(self, case_id: str) -> Case | None:
        """One item, open or not."""
        record = await self._database.read(lambda session: queries.case_by_id(session, case_id))
        return None if record is None else case_of(record)

    async def stage_resolve(self, effects: Effects, operator: Operator, case: Case, reason: str) -> None:
        """Close an item. The transaction raises `LostRace` when somebody else closed it meanwhile.

        The card of a payment is drawn anew: it told its customer that somebody is looking.
        """
        now = self._clock()

        def resolve(session: Session) -> None:
            if not resolve_case(session, case.id, now=now, resolution=reason[:MOST_WORDS]):
                raise LostRace

        target = f"case:{case.id}" if case.code is None else f"payment:{case.code}"
        before = {"case": case.id, "concern": case.concern, "detail": case.detail}
        self._operators.stage_act(effects, operator, "resolve", target=target, reason=reason, before=before)
        effects.add(resolve)
        if case.code is None:
            return
        payment_id = await self._database.read(lambda session: queries.payment_by_code(session, case.code or ""))
        view = None if payment_id is None else await self._payments.view(payment_id)
        if view is not None:
            self._outbox.show_payment(
                effects,
                chat_id=view.chat_id,
                payment_id=view.id,
                dedupe_key=f"resolved:{case.id}:{int(now.timestamp())}",
            )


def case_of(record: queries.CaseRecord) -> Case:
    """A row as an item of the list."""
    return Case(
        id=record.id,
        concern=record.concern,
        code=record.code,
        payment_state=None if record.payment_state is None else PaymentState(record.payment_state),
        detail=record.detail,
        opened_at=record.opened_at,
        resolved_at=record.resolved_at,
        resolution=record.resolution,
    )
