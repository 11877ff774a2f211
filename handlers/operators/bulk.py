"""/bulk and files that are sent to the desk: payments to many, previewed, asked for, watched and run again."""

import base64
from collections.abc import Iterable
from typing import Final

from telegram import Document

from bot.engine.documents import Unfetched
from bot.engine.operators.bulk_results import Batch, BatchState
from bot.engine.operators.order_results import OrderRefused
from bot.engine.operators.results import Question, Role
from bot.payments.bulk.table import MOST_BYTES, FileFault, FileProblem
from bot.screens.operators.bulk import bulk_screen, file_refused, rows_refused, sure_to_stop, why_asked
from bot.screens.operators.bulk_files import correction_csv
from bot.screens.operators.orders import refused_names
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, page_of
from handlers.operators.services import DeskServices
from handlers.services import Services

_SLOT: Final = "o:bulk"
_LONGEST_UNREAD: Final = 200


class BulkRoom:
    """Files of payments. Nothing here pays anybody: a second operator approves what is asked for."""

    def __init__(self, services: Services, desk: DeskServices) -> None:
        self._bulk = desk.bulk
        self._documents = services.documents
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("bulk", Role.VIEWER, self._list, words=(0, 1)),)

    def presses(self) -> Iterable[Press]:
        return (
            Press("bulk", "page-", Role.VIEWER, self._turn),
            Press("bulk", "show", Role.VIEWER, self._show),
            Press("bulk", "template", Role.VIEWER, self._template),
            Press("bulk", "rows", Role.OPERATOR, self._rows),
            Press("bulk", "ask", Role.OPERATOR, self._ask),
            Press("bulk", "leave_out", Role.OPERATOR, self._leave_out),
            Press("bulk", "again", Role.OPERATOR, self._pay_again),
            Press("bulk", "drop", Role.OPERATOR, self._drop),
            Press("bulk", "stop", Role.OPERATOR, self._sure_to_stop),
            Press("bulk", "failed", Role.OPERATOR, self._failed),
        )

    def answers(self) -> Iterable[Answer]:
        return (
            Answer("bulk", Role.OPERATOR, self._order),
            Answer("bulk_stop", Role.OPERATOR, self._stop, by_words=False),
        )

    async def receive(self, shift: Shift, document: Document) -> None:
        """A file that somebody sent: a draft when every row can be paid, else every reason why not."""
        texts = shift.turn.texts
        if (document.file_size or 0) > MOST_BYTES:
            shift.say(file_refused(texts, _too_large()))
            return
        content = await self._documents.fetch(document.file_id, most=MOST_BYTES)
        if isinstance(content, Unfetched):
            if content is Unfetched.TOO_LARGE:
                shift.say(file_refused(texts, _too_large()))
            else:
                shift.tell(texts("ops.bulk_not_fetched"))
            return
        read = await self._bulk.read(content)
        if isinstance(read, FileProblem):
            shift.say(file_refused(texts, read))
            return
        table, reading = read
        name = (document.file_name or "payments.csv").rsplit("/", 1)[-1]
        if reading.bad:
            shift.say(rows_refused(texts, reading))
            body = base64.b64encode(correction_csv(texts, table, reading)).decode()
            shift.turn.show("bulk_correction", {"language": texts.language, "name": _corrected(name), "body": body})
            return
        batch = self._bulk.stage_draft(
            shift.turn.effects,
            shift.operator,
            shift.chat,
            reading.rows,
            content=content,
            file=name,
            language=texts.language,
            thread=shift.turn.thread,
        )
        self._card(shift, batch, fresh=True, unread=", ".join(table.unread))

    async def _list(self, shift: Shift, said: str) -> None:
        if not said:
            await self._page(shift, 1)
            return
        batch = await self._bulk.looking.batch(said)
        if batch is None:
            shift.tell(shift.turn.texts("ops.bulk_unknown"))
        else:
            self._look(shift, batch)
            self._card(shift, batch.id, fresh=True)

    async def _turn(self, shift: Shift, tap: OperatorTap) -> None:
        await self._page(shift, page_of(tap))

    async def _page(self, shift: Shift, number: int) -> None:
        found, page = await self._bulk.looking.page(number)
        shift.say(bulk_screen(shift.turn.texts, found, page, shift.role), slot=_SLOT)

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        batch = await self._of(shift, tap)
        if batch is not None:
            self._look(shift, batch)
            self._card(shift, batch.id)

    async def _template(self, shift: Shift, tap: OperatorTap) -> None:
        shift.turn.show("bulk_template", {"language": shift.turn.texts.language})
        shift.turn.answer_tap()

    async def _rows(self, shift: Shift, tap: OperatorTap) -> None:
        batch = await self._of(shift, tap)
        if batch is not None:
            self._operators.stage_act(shift.turn.effects, shift.operator, "bulk_rows", target=f"bulk:{batch.code}")
            shift.turn.show("bulk_result", {"batch": batch.id, "language": shift.turn.texts.language})
            shift.turn.answer_tap()

    async def _ask(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask what it is for; the second operator is asked with the answer."""
        batch = await self._of(shift, tap, BatchState.DRAFT)
        if batch is None:
            return
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "bulk", batch.id)
        shift.say(why_asked(shift.turn.texts, asked.id, batch))

    async def _order(self, shift: Shift, asked: Question, words: str) -> None:
        texts = shift.turn.texts
        batch = await self._bulk.looking.batch(asked.target)
        self._operators.stage_answered(shift.turn.effects, asked)
        if batch is None or batch.state is not BatchState.DRAFT:
            shift.tell(texts("ops.bulk_changed"))
            return
        try:
            await self._bulk.stage_ask(
                shift.turn.effects, shift.operator, shift.chat, batch, reason=words, thread=shift.turn.thread
            )
        except OrderRefused as refused:
            shift.tell(texts(refused.text_key, **refused_names(texts, refused)))
            return
        self._card(shift, batch.id)

    async def _leave_out(self, shift: Shift, tap: OperatorTap) -> None:
        await self._decide(shift, tap, again=False)

    async def _pay_again(self, shift: Shift, tap: OperatorTap) -> None:
        await self._decide(shift, tap, again=True)

    async def _decide(self, shift: Shift, tap: OperatorTap, *, again: bool) -> None:
        batch = await self._of(shift, tap, BatchState.DRAFT)
        if batch is not None:
            preview = await self._bulk.looking.preview(batch)
            self._bulk.stage_decide(shift.turn.effects, shift.operator, preview, again=again)
            self._card(shift, batch.id)

    async def _drop(self, shift: Shift, tap: OperatorTap) -> None:
        """Done at once: nothing is lost that cannot be sent again."""
        batch = await self._of(shift, tap, BatchState.DRAFT)
        if batch is not None:
            self._bulk.stage_drop(shift.turn.effects, shift.operator, batch)
            self._card(shift, batch.id)

    async def _sure_to_stop(self, shift: Shift, tap: OperatorTap) -> None:
        batch = await self._of(shift, tap, BatchState.RUNNING)
        if batch is not None:
            stopping = await self._bulk.looking.stopping(batch.id)
            asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, "bulk_stop", batch.id)
            shift.say(sure_to_stop(shift.turn.texts, asked.id, batch, stopping))

    async def _stop(self, shift: Shift, asked: Question, choice: str) -> None:
        batch = await self._bulk.looking.batch(asked.target)
        self._operators.stage_answered(shift.turn.effects, asked)
        if batch is None or batch.state is not BatchState.RUNNING or batch.stopped_at is not None:
            shift.tell(shift.turn.texts("ops.bulk_changed"))
            return
        self._bulk.stage_stop(shift.turn.effects, shift.operator, batch)
        shift.tell(shift.turn.texts("ops.bulk_will_stop", code=batch.code))

    async def _failed(self, shift: Shift, tap: OperatorTap) -> None:
        """The rows that paid nobody as a draft of their own: it is looked at, asked for and approved like any other."""
        batch = await self._of(shift, tap, BatchState.ENDED)
        if batch is None:
            return
        again = await self._bulk.stage_again(
            shift.turn.effects,
            shift.operator,
            shift.chat,
            batch,
            language=shift.turn.texts.language,
            thread=shift.turn.thread,
        )
        if again is None:
            shift.turn.answer_tap("ops.bulk_nothing_again", alert=True)
        else:
            self._card(shift, again, fresh=True)

    async def _of(self, shift: Shift, tap: OperatorTap, state: BatchState | None = None) -> Batch | None:
        """The file of a button, when it is in `state` still; else they are told."""
        batch = await self._bulk.looking.batch(tap.record)
        if batch is None or (state is not None and batch.state is not state):
            shift.turn.answer_tap("ops.bulk_changed", alert=True)
            return None
        return batch

    def _look(self, shift: Shift, batch: Batch) -> None:
        """Rows with whole numbers stand on the card of a file that was not paid yet, and on no other."""
        if batch.state in (BatchState.DRAFT, BatchState.WAITING):
            self._operators.stage_look(shift.turn.effects, shift.operator, f"bulk:{batch.code}", daily=True)

    def _card(self, shift: Shift, batch_id: str, *, fresh: bool = False, unread: str = "") -> None:
        """Show a file as it stands once this is written."""
        payload = {"batch": batch_id, "language": shift.turn.texts.language, "fresh": fresh, "role": str(shift.role)}
        shift.turn.show("bulk_card", {**payload, "unread": unread[:_LONGEST_UNREAD]}, slot=self._bulk.slot(batch_id))
        shift.turn.answer_tap()


def _too_large() -> FileProblem:
    return FileProblem(FileFault.TOO_LARGE, {"most": str(MOST_BYTES // 1_000)})


def _corrected(name: str) -> str:
    return f"{name.rsplit('.', 1)[0][:40] or 'payments'}-to-correct.csv"
