"""Help: what the assistant can do, what it costs, how to stay safe; and help with one payment."""

from typing import Final

from bot.engine.results import PaymentView
from bot.payments.states import PaymentState
from bot.screens.foreign import Html
from bot.screens.formats import money
from bot.screens.screen import Button, Screen
from bot.screens.status import ICONS, buy_button, is_paid_back_by_bank
from bot.screens.taps import MenuTap, PaymentTap
from bot.screens.texts import Texts

_NOT_PAID: Final = frozenset({PaymentState.FAILED, PaymentState.EXPIRED})


def help_screen(texts: Texts, *, support: str | None = None) -> Screen:
    """What can be done here. `support` is how to reach a person ("@somebody", a phone, an address)."""
    blocks = [texts(f"help.{part}") for part in ("title", "buy", "fees", "status", "safety")]
    blocks.append(_support(texts, support))
    rows = ((buy_button(texts), Button(texts.plain("button.payments"), data=MenuTap("status").pack())),)
    return Screen(text="\n\n".join(blocks), rows=rows)


def payment_help(texts: Texts, view: PaymentView, *, support: str | None = None) -> Screen:
    """What to do about one payment: where it stands, and whom to ask, with the reference to give."""
    head = texts(
        "help.payment",
        icon=ICONS[view.state],
        code=view.code,
        receive=money(view.receive, texts.language),
        pay=money(view.pay, texts.language),
        state=texts(f"history.state.{view.state}"),
    )
    by_bank = is_paid_back_by_bank(view)
    stands = [texts("help.state.refunding_bank" if by_bank else f"help.state.{view.state}")]
    if by_bank:
        stands.append(texts("status.refunding_bank_details"))
    if view.state in _NOT_PAID:
        stands.append(texts("help.if_debited"))
    blocks = [head, *stands, _support(texts, support), texts("help.safety")]
    if view.with_a_person and not by_bank:
        blocks.insert(1, texts("status.with_a_person"))
    rows = (
        (
            Button(texts.plain("button.show"), data=PaymentTap(view.code, "show").pack()),
            Button(texts.plain("button.copy_code"), copy=view.code),
        ),
    )
    return Screen(text="\n\n".join(blocks), rows=rows)


def network_message(texts: Texts, *, support: str | None = None) -> Screen:
    """The answer to a pasted message of mobile money or a bank: what happens by itself, and whom to show it."""
    blocks = [texts("dialogue.network_message")]
    if support is not None:
        blocks.append(_support(texts, support))
    rows = ((Button(texts.plain("button.payments"), data=MenuTap("status").pack()),),)
    return Screen(text="\n\n".join(blocks), rows=rows)


def _support(texts: Texts, support: str | None) -> Html:
    return texts("help.no_support") if support is None else texts("help.support", contact=Html(_contact(support)))


def _contact(support: str) -> str:
    """The operator's own setting: only its markup is taken out, so that a mention or a link still works."""
    return support.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
