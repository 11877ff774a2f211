"""Files of payments, for the preview page: refused, previewed, under way and over; each as full as it can be."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.engine.operators.bulk_results import (
    Batch,
    BatchState,
    Beside,
    Counts,
    Cover,
    Listed,
    Preview,
    RowLine,
    Stopping,
    Total,
    Twin,
    Unpaid,
)
from bot.engine.operators.results import Page
from bot.payments.bulk.cells import CellProblem, RowFault
from bot.payments.bulk.rows import BadRow, Reading
from bot.payments.bulk.table import FileFault, FileProblem
from bot.payments.money import Money
from bot.payments.parties import Destination, Way
from bot.screens.operators.bulk import (
    batch_screen,
    bulk_screen,
    file_refused,
    preview_screen,
    result_caption,
    rows_refused,
    sure_to_stop,
    why_asked,
)
from bot.screens.preview_orders import Sample
from bot.screens.samples import NOW
from bot.screens.texts import Texts

_ID: Final = "06610fa1e8296d00007f0364ff78e0e4"
_TO: Final = Destination(Way.PHONE, "KE", "KES", "Maximiliana Wanjiku Kamau", phone="+254712345678", network="MPESA")
_ROW: Final = RowLine(
    12, _TO, "wages of May", Money(Decimal(125_000), "KES"), False, None, None, None, None, None, None, None
)
_LONG: Final = "x" * 40
# every value that a reason can name, as long as it can be
_NAMES: Final = MappingProxyType(
    dict.fromkeys(
        (
            *("cell", "column", "columns", "count", "mark", "currency", "country", "bound", "countries"),
            *("way", "theirs", "networks", "least", "most", "line", "other", "more", "less", "accepted", "example"),
        ),
        _LONG,
    )
)
_BATCH: Final = Batch(
    id=_ID,
    code="B-7K3F9Q",
    state=BatchState.DRAFT,
    file="wages-of-may-and-of-june-for-everybody-in-all-countries.csv",
    totals=tuple(Total(Money(Decimal(1_250_300), code), 250) for code in ("GHS", "KES", "UGX", "XOF")),
    counts=Counts(not_begun=1_000),
    paid=(),
    chat_id=501,
    language="en",
    created_by=501,
    created_at=NOW,
    order_id=None,
    pay_again=False,
    left_out=12,
    parent="B-9QX2K7",
    parent_was=Unpaid.BOTH,
    again=0,
    again_failed=0,
    started_at=None,
    stopped_at=None,
    ended_at=None,
)
_PROMISED: Final = Money(Decimal(102_700), "KES")
_COVERS: Final = (
    Cover(Money(Decimal(1_250_300), "GHS"), "GH", Decimal(2_000_000), None, Money(Decimal(102_700), "GHS")),
    Cover(Money(Decimal(1_250_300), "KES"), "KE", Decimal(120_500), Money(Decimal("1250.5"), "KES"), _PROMISED),
    Cover(Money(Decimal(1_250_300), "UGX"), "UG", None, Money(Decimal(50_000), "UGX"), Money(Decimal(0), "UGX")),
)


def bulk_samples(texts: Texts) -> Iterator[Sample]:
    """Everything that operators see of them."""
    listed = [Listed("B-7K3F9Q", _BATCH.file, state, 1_000, NOW) for state in BatchState]
    yield Sample("files: all", bulk_screen(texts, listed, Page(2, more=True)))
    yield Sample("files: none", bulk_screen(texts, [], Page(1, more=False)))
    for fault in FileFault:
        names = dict.fromkeys(("most", "line", "column", "columns", "count"), _LONG)
        yield Sample(f"files: {fault}", file_refused(texts, FileProblem(fault, names)))
    everything = tuple(CellProblem(fault, _NAMES) for fault in RowFault)
    for place in range(0, len(everything), 4):
        bad = tuple(BadRow(line, _LONG, everything[place : place + 4]) for line in range(2, 32))
        yield Sample(f"files: wrong rows {place}", rows_refused(texts, Reading((), bad)))
    twins = tuple(Twin(line, "B-9QX2K7", line, NOW) for line in range(2, 40))
    beside = (Beside("B-9QX2K7", BatchState.WAITING, 1_000),) * 6
    full = Preview(_BATCH, _COVERS, twins, ("B-9QX2K7",) * 3, beside, _ROW, (_ROW,) * 3)
    yield Sample("files: a draft", preview_screen(texts, full, unread=", ".join([_LONG] * 5)))
    meant = replace(full, batch=replace(_BATCH, pay_again=True), covers=_COVERS[:1])
    yield Sample("files: a draft that can be asked for", preview_screen(texts, meant))
    waits = replace(full, batch=replace(_BATCH, state=BatchState.WAITING))
    yield Sample("files: waits", preview_screen(texts, waits))
    yield Sample("files: why", why_asked(texts, _ID, _BATCH))
    paid = tuple(one.money for one in _BATCH.totals)
    runs = replace(_BATCH, state=BatchState.RUNNING, counts=Counts(400, 12, 8, 30, 550), paid=paid, started_at=NOW)
    yield Sample("files: under way", batch_screen(texts, runs))
    yield Sample("files: stop?", sure_to_stop(texts, _ID, runs, Stopping(_BATCH.totals, _BATCH.totals)))
    yield Sample("files: stopped", batch_screen(texts, replace(runs, stopped_at=NOW)))
    over = replace(
        runs, state=BatchState.ENDED, counts=Counts(0, 280, held=720), again=1_000, again_failed=280, ended_at=NOW
    )
    yield Sample("files: over", batch_screen(texts, over))
    yield Sample("files: result", result_caption(texts, over))
    yield Sample("files: dropped", batch_screen(texts, replace(_BATCH, state=BatchState.DROPPED)))
