"""What operators ordered: the card that a second one approves, its end, and the list of what waits."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.engine.operators.order_results import Order, OrderRefused, OrderState
from bot.engine.operators.results import Page, Role
from bot.payments.money import Money
from bot.screens.foreign import Html, code, escaped
from bot.screens.formats import masked, money
from bot.screens.operators.parts import (
    FIRST,
    LONGEST_NOTE,
    NAMELESS,
    Choice,
    Names,
    button,
    joined,
    label_of,
    moment,
    note,
    page_row,
    question,
    who,
)
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

DECLINES: Final = ("ops.decline_wrong", "ops.decline_twice", "ops.decline_unclear", "ops.decline_none")
NO_REASON: Final = "none"
_LONGEST_REASON: Final = 400
_WHOLE_PHONE: Final = re.compile(r"\+\d(?:[\s\u2060-]*\d){6,14}")
_WHOLE_ACCOUNT: Final = re.compile(r"\d{8,}")


def order_card(texts: Texts, order: Order, names: Names, *, chat_id: int, role: Role = Role.OPERATOR) -> Screen:
    """An order as it stands. While it waits: the buttons of whoever approves, or of whoever asked where they are alone."""
    waits = order.state is OrderState.PROPOSED
    lines = [
        texts("ops.order_waits") if waits else _ended(texts, order, names),
        what(texts, order, role),
        texts("ops.order_asked", who=who(names, order.asked_by), time=moment(order.asked_at)),
        _reason(texts, order),
        _why_not(texts, order),
    ]
    if not waits:
        return Screen(text=joined(lines))
    lines.append(texts("ops.order_until", time=moment(order.expires_at)))
    if not role.may(Role.OPERATOR):
        return Screen(text=joined(lines))
    rows: list[tuple[Button, ...]]
    if chat_id == order.asked_by:
        rows = [(button(texts, "ops.button_withdraw", "order", order.id, "decline", style="danger"),)]
    else:
        rows = [
            (
                button(texts, "ops.button_approve", "order", order.id, "approve", style="success"),
                button(texts, "ops.button_decline", "order", order.id, "decline", style="danger"),
            )
        ]
    return Screen(text=joined(lines), rows=tuple(rows))


def order_news(texts: Texts, order: Order, names: Names, role: Role = Role.OPERATOR) -> Screen:
    """How an order ended, for whoever asked for it."""
    return Screen(text=joined([_ended(texts, order, names), _why_not(texts, order), what(texts, order, role)]))


def sure_to_approve(texts: Texts, asked: str, order: Order, names: Names) -> Screen:
    """Asked before an order is carried out, with everything that it does."""
    yes: Choice = (texts.plain("ops.button_approve_yes"), "yes", "success")
    about = joined([what(texts, order), _reason(texts, order)])
    who_asked = texts("ops.order_asked", who=who(names, order.asked_by), time=moment(order.asked_at))
    return question(texts, asked, texts("ops.sure_approve"), about, who_asked, choices=[yes])


def why_declined(texts: Texts, asked: str, order: Order) -> Screen:
    """The question for the reason of a no, with those that are given most; it can be declined without one."""
    choices: list[Choice] = [(texts.plain(key), key.rsplit("_", 1)[1], None) for key in DECLINES]
    return question(texts, asked, texts("ops.ask_decline"), what(texts, order), choices=choices)


def orders_screen(texts: Texts, orders: Sequence[Order], page: Page, names: Names, role: Role) -> Screen:
    """A page of what waits for a second operator."""
    if not orders:
        return Screen(text=texts("ops.orders_none"), rows=page_row(texts, page, "order", FIRST))
    lines = [
        joined(
            [what(texts, one, role), texts("ops.order_asked", who=who(names, one.asked_by), time=moment(one.asked_at))]
        )
        for one in orders
    ]
    rows = tuple(
        (
            Button(
                label_of(f"{texts.plain(f'ops.order_name.{one.kind}')} · {amounts(texts, one)}"),
                data=OperatorTap("order", one.id, "show").pack(),
            ),
        )
        for one in orders
    )
    text = joined([texts("ops.orders"), *lines], gap="\n\n")
    return Screen(text=text, rows=(*rows, *page_row(texts, page, "order", FIRST)))


def order_gone(texts: Texts) -> Screen:
    """A button of an order that is not there, such as one of the sandbox in production."""
    return note(texts("ops.order_not_here"))


def what(texts: Texts, order: Order, role: Role = Role.OPERATOR) -> Html:
    """What an order does, in one or two lines: `ops.order.<kind>`, with `amount` and what the order is about.

    It is kept as whoever ordered it read it, with whole numbers; who only looks sees their last three digits.
    """
    about = {name: said or "–" for name, said in order.about.items()}
    if "who" in about and not role.may(Role.OPERATOR):
        ends = _WHOLE_PHONE.sub(lambda found: masked("+" + re.sub(r"\D", "", found[0])), about["who"])
        about["who"] = _WHOLE_ACCOUNT.sub(lambda found: f"•••••{found[0][-3:]}", ends)
    return texts(f"ops.order.{order.kind}", **about | {"amount": amounts(texts, order)})


def refused_names(texts: Texts, refused: OrderRefused, names: Names = NAMELESS) -> dict[str, object]:
    """What the sentence of a refusal names, with amounts and times as people read them, and commands to be copied.

    `names` are what operators are called.
    """
    read = {name: _read(texts, value) for name, value in refused.names.items()}
    if isinstance(by := refused.names.get("by"), int):
        read["by"] = who(names, by)
    return read


def amounts(texts: Texts, order: Order) -> str:
    """What an order moves."""
    return ", ".join(money(one, texts.language) for one in order.money) or "–"


def _read(texts: Texts, value: object) -> object:
    if isinstance(value, Money):
        return money(value, texts.language)
    if isinstance(value, datetime):
        return moment(value)
    return joined([code(one) for one in value], gap=", ") if isinstance(value, tuple) else value


def _reason(texts: Texts, order: Order) -> Html:
    if not order.reason:
        return Html("")
    return texts("ops.order_reason", reason=escaped(order.reason, longest=max(LONGEST_NOTE, _LONGEST_REASON)))


def _why_not(texts: Texts, order: Order) -> Html:
    if not order.why_not:
        return Html("")
    return texts("ops.order_why_not", reason=escaped(order.why_not, longest=_LONGEST_REASON))


def _ended(texts: Texts, order: Order, names: Names) -> Html:
    by = "–" if order.decided_by is None else who(names, order.decided_by)
    if order.went_with_role:
        return texts("ops.order_withdrawn_with_role", who=by, asked=who(names, order.asked_by))
    return texts(f"ops.order_{order.state}", who=by)
