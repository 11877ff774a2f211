"""Reconciliations: how far one is, what differs in which list, one difference with what it means, and what to do."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.engine.operators.reconcile_results import STOPPED, ItemView, ReconciliationLook, RunView
from bot.engine.operators.results import Page, Role
from bot.payments.bookkeeping import Account
from bot.payments.money import Money
from bot.payments.reconciling import DifferenceKind
from bot.payments.reconciling_balances import BalanceLine
from bot.screens.foreign import Html
from bot.screens.formats import money
from bot.screens.operators.attention import REASONS
from bot.screens.operators.overview import environment_line
from bot.screens.operators.parts import (
    FIRST,
    Choice,
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
)
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

ALL: Final = "all"  # of the lists
BOOKING_REASONS: Final = ("ops.booking_reason_1", "ops.booking_reason_2", "ops.booking_reason_3")
BOOKABLE: Final = (DifferenceKind.BALANCE, DifferenceKind.FEE)
_MOST_BALANCES: Final = 8
_MOST_SUMS: Final = 20


def reconcile_screen(
    texts: Texts, look: ReconciliationLook, run: RunView | None = None, *, role: Role = Role.OPERATOR
) -> Screen:
    """How things stand; `run` is the one that somebody waits for, where it is not over."""
    running = run if run is not None and run.ended_at is None else look.running
    head = joined([environment_line(texts, look.environment), texts("ops.reconcile_title")])
    blocks = [
        head,
        joined(_stopped(texts, run)),
        joined(_running(texts, running)),
        _last(texts, look.last),
        joined(_open(texts, look)),
    ]
    if look.last is not None and look.last.balances is not None:
        blocks.append(joined(_balances(texts, look.last.balances)))
    rows: list[tuple[Button, ...]] = []
    if running is not None and role.may(Role.OPERATOR):
        rows.append((button(texts, "ops.button_reconcile_stop", "reconcile", running.id, "stop"),))
    rows += [
        (button(texts, "ops.button_list", "gaps", kind, "page-1", name=named(texts, "gap", kind), count=count),)
        for kind, count in look.open.items()
    ]
    if look.open and role.may(Role.OPERATOR):
        rows.append((button(texts, "ops.button_table", "gaps", ALL, "table"),))
    if role.may(Role.OPERATOR):
        rows.append(
            (
                button(texts, "ops.button_yesterday", "reconcile", "yesterday", "begin"),
                button(texts, "ops.button_today", "reconcile", "today", "begin"),
            )
        )
    rows.append((button(texts, "ops.button_refresh", "reconcile", FIRST, "show"),))
    return Screen(text=joined(blocks, gap="\n\n"), rows=tuple(rows))


def reconciled_line(texts: Texts, look: ReconciliationLook) -> Html:
    """The last comparison in one line, for the card of the books."""
    if look.last is None:
        return texts("ops.books_unreconciled")
    return texts("ops.books_reconciled", day=look.last.day.isoformat(), count=look.count)


def gaps_screen(
    texts: Texts, kind: DifferenceKind | None, items: Sequence[ItemView], page: Page, count: int, role: Role
) -> Screen:
    """A page of what is open, of one list or of all."""
    record = ALL if kind is None else str(kind)
    back = (button(texts, "ops.button_reconcile", "reconcile", FIRST, "show"),)
    if not items:
        return Screen(text=texts("ops.gaps_none"), rows=(*page_row(texts, page, "gaps", record), back))
    name = texts.plain("ops.gaps_all") if kind is None else named(texts, "gap", kind)
    lines = [texts("ops.gaps_title", name=name, count=count)]
    if kind is not None:
        lines.append(Html(texts(f"ops.gap_means_{kind}")))
    text = joined([joined(lines), *(_line(texts, one, kind) for one in items)], gap="\n\n")
    rows = [(Button(label_of(_about(texts, one)), data=OperatorTap("gap", one.id, "show").pack()),) for one in items]
    at_once = []
    if kind is not None and count > 1 and role.may(Role.OPERATOR):
        at_once.append(button(texts, "ops.button_resolve_all", "gaps", record, "resolve"))
    if kind in BOOKABLE and count > 1 and role.may(Role.OWNER):
        at_once.append(button(texts, "ops.button_book_all", "gaps", record, "book"))
    if role.may(Role.OPERATOR):
        at_once.append(button(texts, "ops.button_table", "gaps", record, "table"))
    pages = page_row(texts, page, "gaps", record)
    return Screen(text=text, rows=(*rows, *pages, *((one,) for one in at_once), back))


def gap_screen(texts: Texts, item: ItemView, role: Role) -> Screen:
    """One difference."""
    lines = [
        texts("ops.gap", name=named(texts, "gap", item.kind), about=_about(texts, item)),
        texts(f"ops.gap_means_{item.kind}"),
        Html(""),
        *_sides(texts, item),
        texts("ops.gap_found", first=moment(item.first_seen_at), last=moment(item.last_seen_at)),
    ]
    if item.closed_at is not None:
        lines.append(texts("ops.gap_over", time=moment(item.closed_at), how=named(texts, "gap_state", item.state)))
        if item.reason:
            lines.append(quote(item.reason))
    rows: list[tuple[Button, ...]] = []
    if item.state == "open" and role.may(Role.OPERATOR):
        rows.append((button(texts, "ops.button_resolve", "gap", item.id, "resolve", style="primary"),))
    if item.can_book and role.may(Role.OWNER):
        rows.append((button(texts, "ops.button_book", "gap", item.id, "book"),))
    around = [button(texts, "ops.button_reconcile", "reconcile", FIRST, "show")]
    if item.code is not None:
        around.insert(0, button(texts, "ops.button_payment", "payment", item.code, "show"))
    return Screen(text=joined(lines), rows=(*rows, tuple(around)))


def gap_gone(texts: Texts) -> Screen:
    """A button of a difference that is not there."""
    return note(texts("ops.case_gone"))


def why_gap_resolved(texts: Texts, asked: str, item: ItemView) -> Screen:
    """The question for the reason, with those that are given most."""
    choices: list[Choice] = [(texts.plain(key), key.rsplit("_", 1)[1], None) for key in REASONS]
    about = texts("ops.ask_gap", name=named(texts, "gap", item.kind), about=_about(texts, item))
    sides = joined(_sides(texts, item))
    return question(texts, asked, about, sides, texts("ops.write_reason"), choices=choices)


def gap_done(texts: Texts, item: ItemView) -> Screen:
    """What was resolved or booked just now."""
    return note(texts("ops.done", what=f"{named(texts, 'gap', item.kind)} · {_about(texts, item)}"))


def gaps_done(texts: Texts, kind: DifferenceKind, count: int) -> Screen:
    """The same for a whole list."""
    return note(texts("ops.done_all", count=count, what=named(texts, "gap", kind)))


def why_booked(texts: Texts, asked: str, item: ItemView, account: Account, amount: Money) -> Screen:
    """Asked before a difference is written into the books; the reason is the yes."""
    sure = texts(
        "ops.ask_book",
        account=named(texts, "account", account),
        amount=money(amount, texts.language),
        against=named(texts, "account", Account.OWN_FUNDS),
    )
    choices: list[Choice] = []
    if item.kind is DifferenceKind.BALANCE:
        choices = [(texts.plain(key), key.rsplit("_", 1)[1], None) for key in BOOKING_REASONS]
    else:
        sure = texts("ops.ask_book_fee", amount=money(amount, texts.language), about=_about(texts, item))
    return question(texts, asked, sure, joined(_sides(texts, item)), texts("ops.write_reason"), choices=choices)


def why_all_resolved(texts: Texts, asked: str, kind: DifferenceKind, count: int) -> Screen:
    """The question for one reason for a whole list."""
    choices: list[Choice] = [(texts.plain(key), key.rsplit("_", 1)[1], None) for key in REASONS]
    about = texts("ops.ask_gaps", name=named(texts, "gap", kind), count=count)
    return question(texts, asked, about, texts("ops.write_reason"), choices=choices)


def why_all_booked(texts: Texts, asked: str, kind: DifferenceKind, sums: Sequence[tuple[str, Money]]) -> Screen:
    """Asked before a whole list is written into the books: `sums` are what is added to which account."""
    about = texts("ops.ask_book_all", name=named(texts, "gap", kind))
    lines = [
        texts("ops.books_line", name=named(texts, "account", account), amounts=money(amount, texts.language))
        for account, amount in sums[:_MOST_SUMS]
    ]
    if len(sums) > _MOST_SUMS:
        lines.append(texts("ops.reconcile_more", count=len(sums) - _MOST_SUMS))
    choices: list[Choice] = []
    if kind is DifferenceKind.BALANCE:
        choices = [(texts.plain(key), key.rsplit("_", 1)[1], None) for key in BOOKING_REASONS]
    return question(texts, asked, about, joined(lines), texts("ops.write_reason"), choices=choices)


def _running(texts: Texts, run: RunView | None) -> list[Html]:
    if run is None:
        return []
    total = "…" if run.total is None else str(run.total)
    lines = [texts("ops.reconcile_running", day=run.day.isoformat(), seen=run.seen, total=total)]
    if run.left is not None:
        lines.append(texts("ops.reconcile_left", left=age(texts, run.left)))
    if run.trouble is not None:
        key = "ops.reconcile_refused" if run.trouble == "Unauthorised" else "ops.reconcile_waits"
        lines.append(texts(key))
    return lines


def _stopped(texts: Texts, run: RunView | None) -> list[Html]:
    if run is None or run.ended_at is None or run.trouble != STOPPED:
        return []
    total = "…" if run.total is None else str(run.total)
    return [texts("ops.reconcile_stopped", day=run.day.isoformat(), seen=run.seen, total=total)]


def _last(texts: Texts, run: RunView | None) -> Html:
    if run is None or run.ended_at is None:
        return texts("ops.reconcile_never")
    return texts(
        "ops.reconcile_last", day=run.day.isoformat(), time=moment(run.ended_at), seen=run.seen, found=run.found
    )


def _open(texts: Texts, look: ReconciliationLook) -> list[Html]:
    if not look.open:
        return [] if look.last is None else [texts("ops.reconcile_none")]
    return [
        texts("ops.reconcile_open", count=look.count),
        *(
            texts("ops.reconcile_line", name=named(texts, "gap", kind), count=count)
            for kind, count in look.open.items()
        ),
    ]


def _balances(texts: Texts, lines: Iterable[BalanceLine]) -> list[Html]:
    unlike = [line for line in lines if line.difference]
    agree = sum(1 for line in lines if not line.difference)
    shown = [
        texts(
            "ops.reconcile_balance" if line.differs else "ops.reconcile_under_way",
            account=named(texts, "account", line.account),
            ours=money(Money(line.books, line.currency), texts.language),
            theirs=_wallet(texts, line),
        )
        for line in unlike[:_MOST_BALANCES]
    ]
    said = [texts("ops.reconcile_unlike"), *shown] if shown else []
    if len(unlike) > _MOST_BALANCES:
        said.append(texts("ops.reconcile_more", count=len(unlike) - _MOST_BALANCES))
    return [*said, texts("ops.reconcile_agree", count=agree)] if agree else said


def _wallet(texts: Texts, line: BalanceLine) -> str:
    if line.wallet is None:
        return texts.plain("ops.gap_nothing")
    return money(Money(line.wallet, line.currency), texts.language)


def _line(texts: Texts, item: ItemView, kind: DifferenceKind | None) -> Html:
    about = _about(texts, item) if kind is not None else f"{named(texts, 'gap', item.kind)} · {_about(texts, item)}"
    return joined([texts("ops.gap_line", about=about), *_sides(texts, item)])


def _about(texts: Texts, item: ItemView) -> str:
    """What a difference is about, short enough for a button."""
    if item.kind is DifferenceKind.BALANCE:
        account, _, currency = item.reference.partition(" ")
        return f"{named(texts, 'account', account)} {currency}"
    if item.code is None:
        return item.reference
    kind = "" if item.leg_kind is None else f" · {named(texts, 'legkind', item.leg_kind)}"
    return f"{item.code}{kind}"


def _sides(texts: Texts, item: ItemView) -> list[Html]:
    ours = _side(texts, item, item.ours, ours=True)
    theirs = _side(texts, item, item.theirs, ours=False)
    return [texts("ops.gap_ours", what=ours), texts("ops.gap_theirs", what=theirs)]


def _side(texts: Texts, item: ItemView, said: str, *, ours: bool) -> str:
    """A state by our name for it, an amount as amounts are written, anything else as it was said."""
    value = item.ours_amount if ours else item.theirs_amount
    amounts = (DifferenceKind.AMOUNT, DifferenceKind.FEE, DifferenceKind.BALANCE)
    if item.kind in amounts and value is not None and item.currency is not None and said != "no wallet":
        return money(Money(value, item.currency), texts.language)
    if item.kind in (DifferenceKind.STATE, DifferenceKind.OURS_ONLY):
        return named(texts, "legstate", said) if said else texts.plain("ops.gap_nothing")
    return texts.plain("ops.gap_nothing") if said in ("", "no wallet") else said
