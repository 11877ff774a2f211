"""A customer as operators see them, and a page of their payments."""

from collections.abc import Sequence

from bot.engine.operators.results import CustomerFile, Page, Role
from bot.engine.results import PaymentView
from bot.payments.states import PAYMENT_TERMINAL
from bot.screens.foreign import Html, escaped
from bot.screens.operators.parts import (
    LONGEST_NOTE,
    Choice,
    button,
    joined,
    moment,
    note,
    page_row,
    payment_button,
    phone_for,
    question,
    state_name,
)
from bot.screens.places import country_name
from bot.screens.screen import Button, Screen
from bot.screens.texts import LANGUAGE_NAMES, Texts

_LONGEST_WORD = 40


def customer_screen(texts: Texts, file: CustomerFile, role: Role, *, lead: Html | None = None) -> Screen:
    """The card, with the whole phone number for whoever works with it: this is where it is checked."""
    lines = [lead or Html(""), texts("ops.customer", customer=file.telegram_id)]
    if file.barred_at is not None:
        lines.append(texts("ops.customer_blocked", since=moment(file.barred_at)))
    if file.name is not None:
        lines.append(texts("ops.customer_name", name=file.name))
    if file.phone is not None:
        lines.append(texts("ops.customer_phone", phone=phone_for(role, file.phone)))
    country = "–" if file.country is None else country_name(file.country, texts.language)
    language = LANGUAGE_NAMES.get(file.language, file.language)
    lines.append(texts("ops.customer_about", country=country, language=language, since=moment(file.since)))
    if file.unreachable:
        lines.append(texts("ops.customer_unreachable"))
    states = ", ".join(f"{state_name(texts, state)} {count}" for state, count in file.states)
    lines.append(texts("ops.customer_states", states=states) if states else texts("ops.customer_no_payments"))
    rows: list[tuple[Button, ...]] = [(payment_button(view, texts),) for view in file.payments]
    if file.payments:
        rows.append((button(texts, "ops.button_their_payments", "customer", file.id, "page-1"),))
    if role.may(Role.OPERATOR):
        if file.barred_at is None:
            rows.append((button(texts, "ops.button_block", "customer", file.id, "block", style="danger"),))
        else:
            rows.append((button(texts, "ops.button_unblock", "customer", file.id, "unblock"),))
    return Screen(text=joined(lines), rows=tuple(rows))


def customer_unknown(texts: Texts, word: str) -> Screen:
    """Nobody is known by what was typed, which is said again."""
    return note(texts("ops.customer_none", word=escaped(word, longest=_LONGEST_WORD)))


def sure_to_bar(texts: Texts, asked: str, file: CustomerFile, action: str, reason: str) -> Screen:
    """Asked before somebody is shut out (`block`) or let in again (`unblock`) by a command: who it is, and why."""
    lines = [texts(f"ops.sure_{action}", customer=file.telegram_id)]
    about = [] if file.name is None else [texts("ops.customer_name", name=file.name)]
    if action == "block":
        count = sum(number for state, number in file.states if state not in PAYMENT_TERMINAL)
        about.append(texts("ops.block_under_way", count=count))
    about.append(texts("ops.order_reason", reason=escaped(reason, longest=LONGEST_NOTE)))
    yes: Choice = (texts.plain(f"ops.button_{action}"), "yes", "danger" if action == "block" else "success")
    return question(texts, asked, joined([*lines, *about]), choices=[yes])


def their_payments(texts: Texts, file: CustomerFile, views: Sequence[PaymentView], page: Page) -> Screen:
    """A page of a customer's payments."""
    rows = [(payment_button(view, texts),) for view in views]
    around = (button(texts, "ops.button_customer", "customer", file.id, "show"),)
    text = texts("ops.customer_payments", customer=file.telegram_id, page=page.number)
    return Screen(text=text, rows=(*rows, *page_row(texts, page, "customer", file.id), around))
