"""The attention list, page by page, and a card for each of its items."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.engine.operators.results import Case, Page, Role
from bot.screens.foreign import Html
from bot.screens.operators.parts import (
    FIRST,
    age,
    button,
    joined,
    label_of,
    moment,
    named,
    note,
    page_row,
    question,
    quote,
    state_name,
)
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

REASONS: Final = ("ops.reason_1", "ops.reason_2", "ops.reason_3")


def attention_screen(
    texts: Texts, cases: Sequence[Case], page: Page, count: int, now: datetime, *, lead: Html | None = None
) -> Screen:
    """A page of the list."""
    refresh = (button(texts, "ops.button_refresh", "attention", FIRST, "page-1"),)
    if not cases:
        return Screen(text=joined([lead or Html(""), texts("ops.attention_none")]), rows=(refresh,))
    lines = [_line(texts, case, now) for case in cases]
    text = joined([lead or Html(""), texts("ops.attention", count=count), *lines], gap="\n\n")
    return Screen(text=text, rows=(*cases_rows(texts, cases), *page_row(texts, page, "attention", FIRST), refresh))


def cases_rows(texts: Texts, cases: Sequence[Case]) -> tuple[tuple[Button, ...], ...]:
    """A button for each of these items."""
    return tuple(
        (
            Button(
                label_of(f"{case.code or '–'} · {named(texts, 'concern', case.concern)}"),
                data=OperatorTap("case", case.id, "show").pack(),
            ),
        )
        for case in cases
    )


def case_screen(texts: Texts, case: Case, role: Role, now: datetime, *, lead: Html | None = None) -> Screen:
    """One item."""
    lines = [
        lead or Html(""),
        texts("ops.case", concern=named(texts, "concern", case.concern)),
        _about(texts, case),
        quote(case.detail),
        texts("ops.case_opened", time=moment(case.opened_at), age=age(texts, now - case.opened_at)),
    ]
    if case.resolved_at is not None:
        reason = case.resolution or "–"
        lines.append(texts("ops.case_resolved", time=moment(case.resolved_at), reason=reason))
    rows: list[tuple[Button, ...]] = []
    if case.resolved_at is None and role.may(Role.OPERATOR):
        rows.append((button(texts, "ops.button_resolve", "case", case.id, "resolve", style="primary"),))
    around = [button(texts, "ops.button_attention", "attention", FIRST, "page-1")]
    if case.code is not None:
        around.insert(0, button(texts, "ops.button_payment", "payment", case.code, "show"))
    return Screen(text=joined(lines), rows=(*rows, tuple(around)))


def case_gone(texts: Texts) -> Screen:
    """A button of an item that is not there."""
    return note(texts("ops.case_gone"))


def why_resolved(texts: Texts, asked: str, case: Case) -> Screen:
    """The question for the reason, with those that are given most."""
    choices = [(texts.plain(key), key.rsplit("_", 1)[1], None) for key in REASONS]
    concern = texts("ops.ask_resolve", concern=named(texts, "concern", case.concern))
    return question(texts, asked, concern, texts("ops.write_reason"), choices=choices)


def case_resolved(texts: Texts, case: Case) -> Screen:
    """What was resolved just now."""
    concern = named(texts, "concern", case.concern)
    what = concern if case.code is None else f"{concern} · {case.code}"
    return note(texts("ops.done", what=what))


def _line(texts: Texts, case: Case, now: datetime) -> Html:
    head = texts(
        "ops.case_line",
        concern=named(texts, "concern", case.concern),
        about=_about(texts, case),
        age=age(texts, now - case.opened_at),
    )
    return joined([head, quote(case.detail)])


def _about(texts: Texts, case: Case) -> Html:
    if case.code is None or case.payment_state is None:
        return texts("ops.about_nothing")
    return texts("ops.about_payment", code=case.code, state=state_name(texts, case.payment_state))
