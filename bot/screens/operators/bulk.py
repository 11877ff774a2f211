"""Files of payments on cards: refused with every reason, previewed, under way, ended; and the list of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
)
from bot.engine.operators.results import Page, Role
from bot.payments.bulk.cells import CellProblem, RowFault
from bot.payments.bulk.rows import BadRow, Reading
from bot.payments.bulk.table import MOST_ROWS, FileProblem
from bot.payments.money import to_plain
from bot.screens.foreign import Html, escaped
from bot.screens.formats import money
from bot.screens.operators.parts import FIRST, Choice, button, joined, label_of, moment, page_row, question
from bot.screens.parties import destination_lines
from bot.screens.places import country_name
from bot.screens.screen import Button, Screen, Style
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

_MOST_BAD: Final = 12  # wrong rows on a card; all of them stand in the file that comes with it
_MOST_REASONS: Final = 4
_ALIKE: Final = 4  # rows from which on the same kind of mistake is told once for all of them
_MOST_ALIKE: Final = 6  # kinds that are told so
_LINES: Final = 5  # of rows with the same kind of mistake
_COUNTRIES: Final = frozenset({"country", "theirs"})  # of what a reason names
_MOST_TWINS: Final = 6
_BAR: Final = 10
_LONGEST_UNREAD: Final = 200


def bulk_screen(texts: Texts, found: Sequence[Listed], page: Page, role: Role = Role.OPERATOR) -> Screen:
    """All files, the newest first; and how one is made, for those who may."""
    listed = [(Button(label_of(_listed(texts, one)), data=_tap(one.code, "show")),) for one in found]
    rows = (*listed, *page_row(texts, page, "bulk", FIRST))
    head = texts("ops.bulk_list" if found else "ops.bulk_none")
    if not role.may(Role.OPERATOR):
        return Screen(text=head, rows=rows)
    template = (button(texts, "ops.button_bulk_template", "bulk", FIRST, "template"),)
    return Screen(text=joined([head, texts("ops.bulk_how", most=MOST_ROWS)], gap="\n\n"), rows=(*rows, template))


def file_refused(texts: Texts, problem: FileProblem) -> Screen:
    """A file that could not be read."""
    template = (button(texts, "ops.button_bulk_template", "bulk", FIRST, "template"),)
    reason = texts(f"ops.bulk_file.{problem.fault}", **problem.names)
    return Screen(text=joined([texts("ops.bulk_unread_file"), reason], gap="\n\n"), rows=(template,))


def rows_refused(texts: Texts, reading: Reading) -> Screen:
    """A file with rows that cannot be paid: each with its line and its reasons; what many have in common is told once."""
    bad = reading.bad
    by_fault: dict[RowFault, dict[int, CellProblem]] = {}
    for row in bad:
        for one in row.problems:
            by_fault.setdefault(one.fault, {}).setdefault(row.line, one)
    common = sorted(
        (fault for fault in by_fault if len(by_fault[fault]) >= _ALIKE), key=lambda one: -len(by_fault[one])
    )
    told = common[:_MOST_ALIKE]
    left = [(row, [one for one in row.problems if one.fault not in told]) for row in bad]
    rest = [replace(row, problems=tuple(problems)) for row, problems in left if problems]
    room = _MOST_BAD - len(told)
    lines = [_alike(texts, by_fault[fault]) for fault in told] + [_bad(texts, one) for one in rest[:room]]
    if len(rest) > room:
        lines.append(texts("ops.bulk_bad_more", count=len(rest) - room))
    head = texts("ops.bulk_bad", count=len(bad), all=len(bad) + len(reading.rows))
    return Screen(text=joined([head, joined(lines), texts("ops.bulk_bad_next")], gap="\n\n"))


def row_reason(texts: Texts, problem: CellProblem) -> str:
    """Why a row cannot be paid, in words."""
    names = {
        name: country_name(value, texts.language) if name in _COUNTRIES else value
        for name, value in problem.names.items()
    }
    return texts.plain(f"ops.bulk_row.{problem.fault}", **names)


def preview_screen(texts: Texts, preview: Preview, role: Role = Role.OPERATOR, *, unread: str = "") -> Screen:
    """A draft: what it would pay, whether it can, and what is asked before. Who only looks sees the ends of numbers."""
    batch = preview.batch
    waits = batch.state is BatchState.WAITING
    parts = [
        joined([_title(texts, batch), texts("ops.bulk_waits" if waits else "ops.bulk_draft"), _parent(texts, batch)]),
        _totals(texts, batch),
        joined(_cover(texts, one) for one in preview.covers),
        joined([_largest(texts, preview, role), *(_row(texts, one, role) for one in preview.first)]),
        texts("ops.bulk_unread", columns=escaped(unread, longest=_LONGEST_UNREAD)) if unread else Html(""),
        _twins(texts, preview),
        _beside(texts, preview.beside),
    ]
    rows: list[tuple[Button, ...]] = []
    if not role.may(Role.OPERATOR):
        rows.append(_around(texts, batch, role))
    elif not waits:
        if preview.can_ask:
            rows.append((_button(texts, "ask", batch, style="primary"),))
        if preview.is_undecided:
            both = [_button(texts, "again", batch)]
            if preview.twins:
                both.insert(0, _button(texts, "leave_out", batch))
            rows.append(tuple(both))
        rows.append(_around(texts, batch, role))
        rows.append((_button(texts, "drop", batch, style="danger"),))
    else:
        rows.append(_around(texts, batch, role))
    return Screen(text=joined(parts, gap="\n\n"), rows=tuple(rows))


def batch_screen(texts: Texts, batch: Batch, role: Role = Role.OPERATOR, *, lives: bool = True) -> Screen:
    """A file that is being paid, or was. `lives`: the card is the one that keeps up by itself."""
    counts = batch.counts
    over = batch.state is BatchState.ENDED
    if batch.state is BatchState.DROPPED:
        return Screen(text=joined([_title(texts, batch), texts("ops.bulk_dropped")]))
    state = texts("ops.bulk_ended" if over else "ops.bulk_running")
    if batch.stopped_at is not None:
        state = texts("ops.bulk_stopped", time=moment(batch.stopped_at))
    lines = [
        Html(f"<code>{_bar(counts)}</code> {counts.paid + counts.failed}/{counts.all}"),
        texts("ops.bulk_paid", count=counts.paid, amounts=_amounts(texts, batch)),
        texts("ops.bulk_failed", count=counts.failed),
    ]
    if not over:
        lines.append(texts("ops.bulk_open", open=counts.under_way, waiting=counts.waiting))
    if counts.not_sent:
        lines.append(texts("ops.bulk_not_begun", count=counts.not_sent))
    rows: list[tuple[Button, ...]] = []
    acts = role.may(Role.OPERATOR)
    if acts and over and batch.again:
        rows.append((_run_again(texts, batch),))
    rows.append(_around(texts, batch, role))
    if acts and not over and batch.stopped_at is None and (counts.not_begun or counts.waiting):
        rows.append((_button(texts, "stop", batch, style="danger"),))
    parts = [joined([_title(texts, batch), state, _parent(texts, batch)]), _totals(texts, batch), joined(lines)]
    if lives and not over:
        parts.append(texts("ops.bulk_still"))
    return Screen(text=joined(parts, gap="\n\n"), rows=tuple(rows))


def result_caption(texts: Texts, batch: Batch) -> Screen:
    """What comes with the file of all rows."""
    counts = batch.counts
    key = "ops.bulk_result" if batch.state is BatchState.ENDED else "ops.bulk_rows"
    text = texts(
        key,
        code=batch.code,
        paid=counts.paid,
        failed=counts.failed,
        rest=counts.all - counts.paid - counts.failed,
        amounts=_amounts(texts, batch),
    )
    if batch.state is BatchState.ENDED and batch.again:
        return Screen(text=text, rows=((_run_again(texts, batch),),))
    return Screen(text=text)


def why_asked(texts: Texts, asked: str, batch: Batch) -> Screen:
    """The question for the reason, which whoever approves will read."""
    return question(texts, asked, joined([_title(texts, batch), _totals(texts, batch)]), texts("ops.bulk_why"))


def sure_to_stop(texts: Texts, asked: str, batch: Batch, stopping: Stopping) -> Screen:
    """Asked before the rest of a file is left unpaid: how much that is, and what cannot be stopped any more."""
    yes: Choice = (texts.plain("ops.button_bulk_stop"), "yes", "danger")
    parts = [
        texts("ops.bulk_sure_stop", code=batch.code),
        texts("ops.bulk_stop_held", rows=_rows(texts, stopping.held)),
        texts("ops.bulk_stop_on_way", rows=_rows(texts, stopping.on_way)),
    ]
    return question(texts, asked, joined(parts), choices=[yes])


def _rows(texts: Texts, totals: Sequence[Total]) -> str:
    """How many rows, and what they come to in each currency."""
    amounts = ", ".join(money(one.money, texts.language) for one in totals)
    count = sum(one.rows for one in totals)
    return f"{count} ({amounts})" if count else "0"


def _alike(texts: Texts, by_line: Mapping[int, CellProblem]) -> Html:
    """One kind of mistake that many rows have: how many, where the first ones stand, and why by the first one."""
    first = list(by_line)[:_LINES]
    lines = f"{', '.join(str(line) for line in first)}{' …' if len(by_line) > _LINES else ''}"
    return texts("ops.bulk_bad_alike", count=len(by_line), lines=lines, reason=row_reason(texts, by_line[first[0]]))


def _bad(texts: Texts, row: BadRow) -> Html:
    reasons = "; ".join(row_reason(texts, one) for one in row.problems[:_MOST_REASONS])
    return texts("ops.bulk_bad_line", line=row.line, who=row.label or "–", reasons=reasons)


def _title(texts: Texts, batch: Batch) -> Html:
    return texts("ops.bulk_title", code=batch.code, file=batch.file)


def _parent(texts: Texts, batch: Batch) -> Html:
    return Html("") if batch.parent is None else texts(f"ops.bulk_parent.{batch.parent_was}", code=batch.parent)


def _run_again(texts: Texts, batch: Batch) -> Button:
    """Pay what was not paid, by what it is."""
    key, failed = f"ops.button_bulk_unpaid.{batch.again_is}", batch.again_failed
    rest = batch.again - failed
    return button(texts, key, "bulk", batch.code, "failed", count=batch.again, failed=failed, rest=rest)


def _totals(texts: Texts, batch: Batch) -> Html:
    lines = [texts("ops.bulk_total", amount=money(one.money, texts.language), count=one.rows) for one in batch.totals]
    if batch.left_out:
        lines.append(texts("ops.bulk_left_out", count=batch.left_out))
    return joined(lines)


def _cover(texts: Texts, one: Cover) -> Html:
    currency = one.needed.currency
    names = {"wallet": f"{currency} {one.country}"}
    fee = texts("ops.bulk_fee_unknown", **names)
    if one.fee is not None:
        fee = texts("ops.bulk_fee", fee=money(one.fee, texts.language), **names)
    if one.promised.amount > 0:
        fee = joined([texts("ops.bulk_promised", promised=money(one.promised, texts.language)), fee])
    if one.balance is None:
        return joined([texts("ops.bulk_cover_unknown", **names), fee])
    held = money(type(one.needed)(one.balance, currency), texts.language)
    missing = one.missing
    if missing is None:
        return joined([texts("ops.bulk_cover", balance=held, **names), fee])
    lack = money(missing, texts.language)
    transfer = f"/transfer {currency} {to_plain(missing.quantize_up().amount)}"
    return joined([texts("ops.bulk_cover_short", balance=held, missing=lack, transfer=transfer, **names), fee])


def _largest(texts: Texts, preview: Preview, role: Role) -> Html:
    if preview.largest is None or len(preview.first) == preview.batch.counts.all:
        return Html("")
    return texts("ops.bulk_largest", row=_row(texts, preview.largest, role))


def _row(texts: Texts, row: RowLine, role: Role) -> Html:
    place = destination_lines(texts, row.destination, masks=not role.may(Role.OPERATOR))[0]
    amount = money(row.amount, texts.language)
    return texts("ops.bulk_line", line=row.line, amount=amount, name=row.destination.name, place=place)


def _twins(texts: Texts, preview: Preview) -> Html:
    if preview.batch.pay_again:
        return texts("ops.bulk_meant") if preview.twins or preview.same_file else Html("")
    lines: list[Html] = []
    if preview.same_file:
        lines.append(texts("ops.bulk_same_file", codes=", ".join(preview.same_file[:_MOST_TWINS])))
    if preview.twins:
        lines.append(texts("ops.bulk_twins", count=len(preview.twins)))
        lines += [_twin(texts, one) for one in preview.twins[:_MOST_TWINS]]
    return joined(lines)


def _beside(texts: Texts, others: Sequence[Beside]) -> Html:
    if not others:
        return Html("")
    said = [
        texts.plain(
            "ops.bulk_beside_one", code=one.code, state=texts.plain(f"ops.bulk_state.{one.state}"), count=one.rows
        )
        for one in others[:_MOST_TWINS]
    ]
    return texts("ops.bulk_beside", files=", ".join(said))


def _twin(texts: Texts, twin: Twin) -> Html:
    said = {"line": twin.line, "code": twin.code, "date": f"{twin.paid_on:%Y-%m-%d}"}
    if twin.their_line is None:
        return texts("ops.bulk_twin_alone", **said)
    return texts("ops.bulk_twin", theirs=twin.their_line, **said)


def _amounts(texts: Texts, batch: Batch) -> str:
    return ", ".join(money(one, texts.language) for one in batch.paid) or "–"


def _bar(counts: Counts) -> str:
    done = _BAR * (counts.paid + counts.failed) // max(1, counts.all)
    return "▓" * done + "░" * (_BAR - done)


def _listed(texts: Texts, one: Listed) -> str:
    return f"{one.code} · {texts.plain(f'ops.bulk_state.{one.state}')} · {one.rows} · {one.file}"


def _around(texts: Texts, batch: Batch, role: Role) -> tuple[Button, ...]:
    """How it stands now; and all rows, with whole numbers, for those who work with them."""
    refresh = button(texts, "ops.button_refresh", "bulk", batch.code, "show")
    return (refresh, _button(texts, "rows", batch)) if role.may(Role.OPERATOR) else (refresh,)


def _button(texts: Texts, action: str, batch: Batch, *, style: Style | None = None) -> Button:
    label = label_of(texts.plain(f"ops.button_bulk_{action}"))
    return Button(label, data=_tap(batch.code, action), style=style)


def _tap(code: str, action: str) -> str:
    return OperatorTap("bulk", code, action).pack()
