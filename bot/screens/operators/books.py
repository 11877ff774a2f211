"""The books on one card: what stands on every account, what customers paid and got, and what is owed to whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from bot.engine.book_results import Look, Owed
from bot.engine.operators.reconcile_results import ReconciliationLook
from bot.engine.operators.results import Page
from bot.payments.money import Money
from bot.screens.foreign import Html, escaped
from bot.screens.formats import money
from bot.screens.operators.overview import environment_line
from bot.screens.operators.parts import FIRST, button, joined, label_of, moment, named, page_row, quote, state_name
from bot.screens.operators.reconciling import reconciled_line
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

ON_A_PAGE: Final = 6
_FAULTS_SHOWN: Final = 3


def books_screen(
    texts: Texts, environment: str, seen: Look, at: datetime, number: int = 1, *, compared: ReconciliationLook
) -> Screen:
    """The answer to /books. `number`: the page of what is owed; one that is not there any more is the last.

    `compared` is how the books stand to the provider's.
    """
    number = max(1, min(number, -(-len(seen.owed) // ON_A_PAGE)))
    shown = seen.owed[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    head = [environment_line(texts, environment), texts("ops.books_title", time=moment(at))]
    blocks = [
        joined(head),
        joined([*_agreement(texts, seen.faults), reconciled_line(texts, compared)]),
        joined(_accounts(texts, seen)),
        joined(_customers(texts, seen)),
        joined(_owed(texts, seen.owed, shown)),
    ]
    rows = (
        *(_payment_rows(texts, shown)),
        *page_row(texts, Page(number, number * ON_A_PAGE < len(seen.owed)), "books", FIRST),
        (
            button(texts, "ops.button_reconcile", "reconcile", FIRST, "show"),
            button(texts, "ops.button_refresh", "books", FIRST, f"page-{number}"),
        ),
    )
    return Screen(text=joined(blocks, gap="\n\n"), rows=rows)


def _agreement(texts: Texts, faults: Sequence[str]) -> list[Html]:
    if not faults:
        return [texts("ops.books_agree")]
    return [texts("ops.books_wrong", count=len(faults)), *(quote(fault) for fault in faults[:_FAULTS_SHOWN])]


def _accounts(texts: Texts, seen: Look) -> list[Html]:
    if not seen.balances.accounts:
        return [texts("ops.books_empty")]
    lines = [
        texts(
            "ops.books_line",
            name=named(texts, "account", account),
            amounts=_amounts(texts, (one.money for one in of_it)),
        )
        for account, of_it in groupby(seen.balances.accounts, key=lambda one: one.account)
    ]
    return [*lines, texts("ops.books_since")]


def _customers(texts: Texts, seen: Look) -> list[Html]:
    return [
        texts(
            "ops.books_line",
            name=named(texts, "turnover", movement),
            amounts=_amounts(texts, (one.money for one in of_it)),
        )
        for movement, of_it in groupby(seen.balances.customers, key=lambda one: one.movement)
    ]


def _owed(texts: Texts, owed: Sequence[Owed], shown: Iterable[Owed]) -> list[Html]:
    if not owed:
        return [texts("ops.nothing_owed")]
    return [texts("ops.owed_title", count=len(owed)), *(_owed_line(texts, one) for one in shown)]


def _owed_line(texts: Texts, one: Owed) -> Html:
    return texts(
        "ops.owed_line",
        amount=money(one.money, texts.language),
        to=escaped(one.to) if one.to else texts("ops.owed_by_bank"),
        state=state_name(texts, one.state),
        since=moment(one.since),
    )


def _payment_rows(texts: Texts, shown: Iterable[Owed]) -> list[tuple[Button, ...]]:
    return [
        (
            Button(
                label_of(f"{one.code} · {money(one.money, texts.language)}"),
                data=OperatorTap("payment", one.code, "show").pack(),
            ),
        )
        for one in shown
    ]


def _amounts(texts: Texts, amounts: Iterable[Money]) -> str:
    return " · ".join(money(one, texts.language) for one in amounts)
