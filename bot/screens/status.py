"""The status card: one message per payment, edited as it moves, that says where it stands and what is awaited."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, assert_never

from bot.engine.results import PaymentView
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.foreign import Html, escaped
from bot.screens.formats import chain_label, live_time, money, network_label, phone_ending, short_address
from bot.screens.links import LinkCheck, bank_button, explorer_button
from bot.screens.reasons import reason_lines
from bot.screens.review import fee_line
from bot.screens.screen import Button, Screen
from bot.screens.taps import MenuTap, PaymentTap
from bot.screens.texts import Texts

ICONS: Final[Mapping[PaymentState, str]] = MappingProxyType(
    {
        PaymentState.CONFIRMED: "🕐",
        PaymentState.AWAITING_PAYMENT: "📲",
        PaymentState.DELIVERING: "🚀",
        PaymentState.COMPLETED: "✅",
        PaymentState.FAILED: "❌",
        PaymentState.EXPIRED: "⌛",
        PaymentState.REFUNDING: "↩️",
        PaymentState.REFUNDED: "💰",
        PaymentState.REVERSED: "⚠️",
        PaymentState.CANCELLED: "🚫",
    }
)
_UNDER_WAY = frozenset({PaymentState.CONFIRMED, PaymentState.AWAITING_PAYMENT, PaymentState.DELIVERING})
_DONE, _NOW, _OPEN, _STOPPED = "✓", "●", "○", "✗"


def status_card(texts: Texts, view: PaymentView, *, allowed: LinkCheck) -> Screen:
    """The card of a payment. `allowed` decides whether the bank's page may be linked."""
    head = [
        texts("status.title", icon=ICONS[view.state], amount=money(view.receive, texts.language), code=view.code),
        progress_line(texts, view),
    ]
    blocks = [head, _awaited(texts, view, allowed), _figures(texts, view)]
    if view.with_a_person and not is_paid_back_by_bank(view):
        blocks.insert(2, [texts("status.with_a_person")])
    blocks.append([texts("status.updated", time=live_time(view.updated_at, view.request.country, texts.language))])
    return Screen(text="\n\n".join("\n".join(block) for block in blocks), rows=_rows(texts, view, allowed))


def progress_line(texts: Texts, view: PaymentView) -> Html:
    """The four stations of a buy on one line, with where it stands (or stopped) in bold."""
    pay = "status.step.pay_bank" if view.request.method == "bank" else "status.step.pay_phone"
    send, done, confirmed = "status.step.send", "status.step.done", "status.step.confirmed"
    match view.state:
        case PaymentState.CONFIRMED:
            steps = [(_NOW, confirmed), (_OPEN, pay), (_OPEN, send), (_OPEN, done)]
        case PaymentState.AWAITING_PAYMENT:
            steps = [(_DONE, confirmed), (_NOW, pay), (_OPEN, send), (_OPEN, done)]
        case PaymentState.DELIVERING:
            steps = [(_DONE, confirmed), (_DONE, "status.step.paid"), (_NOW, send), (_OPEN, done)]
        case PaymentState.COMPLETED:
            steps = [(_DONE, confirmed), (_DONE, "status.step.paid"), (_DONE, "status.step.sent"), (_DONE, done)]
        case PaymentState.FAILED | PaymentState.CANCELLED:
            steps = [(_DONE, confirmed), (_STOPPED, "status.step.not_paid")]
        case PaymentState.EXPIRED:
            steps = [(_DONE, confirmed), (_STOPPED, "status.step.too_late")]
        case PaymentState.REFUNDING:
            steps = [(_DONE, "status.step.paid"), (_STOPPED, send), (_NOW, "status.step.refund")]
        case PaymentState.REFUNDED:
            steps = [(_DONE, "status.step.paid"), (_STOPPED, send), (_DONE, "status.step.refunded")]
        case PaymentState.REVERSED:
            steps = [(_DONE, "status.step.paid"), (_DONE, "status.step.sent"), (_STOPPED, "status.step.reversed")]
        case _:
            assert_never(view.state)
    return Html("\u00a0› ".join(_step(mark, texts(key)) for mark, key in steps))


def _step(mark: str, label: Html) -> str:
    return f"{mark}\u00a0<b>{label}</b>" if mark in {_NOW, _STOPPED} else f"{mark}\u00a0{label}"


def _awaited(texts: Texts, view: PaymentView, allowed: LinkCheck) -> list[Html]:
    request = view.request
    pay, receive = money(view.pay, texts.language), money(view.receive, texts.language)
    back = money(view.refund or view.pay, texts.language)
    wallet = {"chain": chain_label(request.chain), "address": short_address(request.address)}
    match view.state:
        case PaymentState.CONFIRMED:
            return [texts("status.confirmed")]
        case PaymentState.AWAITING_PAYMENT if request.method == "bank":
            ready = bank_button(texts, view.redirect_url, allowed) is not None
            return [texts("status.awaiting_bank" if ready else "status.awaiting_bank_page")]
        case PaymentState.AWAITING_PAYMENT:
            return [
                texts("status.awaiting_phone", phone=phone_ending(request.phone), amount=pay),
                texts("status.awaiting_phone_help"),
            ]
        case PaymentState.DELIVERING:
            return [texts("status.delivering", amount=receive, **wallet)]
        case PaymentState.COMPLETED:
            return [texts("outcome.delivered", amount=receive, **wallet)]
        case PaymentState.FAILED | PaymentState.EXPIRED | PaymentState.CANCELLED:
            return [*reason_lines(texts, view), texts("outcome.nothing_taken")]
        case PaymentState.REFUNDING if is_paid_back_by_bank(view):
            return [texts("status.refunding_bank", amount=back), texts("status.refunding_bank_details")]
        case PaymentState.REFUNDING:
            return [texts("status.refunding", amount=back, receiver=refund_receiver(texts, view))]
        case PaymentState.REFUNDED:
            return [texts("status.refunded", amount=back, receiver=refund_receiver(texts, view))]
        case PaymentState.REVERSED:
            return [texts("status.reversed")]
        case _:
            assert_never(view.state)


def is_paid_back_by_bank(view: PaymentView) -> bool:
    """Whether a person pays the money back by bank, which then is said in place of "a person is looking at it"."""
    return view.state is PaymentState.REFUNDING and view.request.method == "bank"


def refund_receiver(texts: Texts, view: PaymentView) -> Html:
    """Where money goes back to, in the customer's words: the phone that paid, or the bank account."""
    if view.request.network is None:
        return texts("status.receiver_bank")
    return escaped(f"{network_label(view.request.country, view.request.network)} {phone_ending(view.request.phone)}")


def _figures(texts: Texts, view: PaymentView) -> list[Html]:
    pay, receive = money(view.pay, texts.language), money(view.receive, texts.language)
    fee = fee_line(texts, view.pay, view.fee)
    if view.state is PaymentState.COMPLETED:
        return [texts("outcome.paid", amount=pay), fee]
    if view.state in _UNDER_WAY:
        return [texts("review.receive", amount=receive), texts("review.pay", amount=pay), fee]
    return [texts("status.order", receive=receive, pay=pay)]


def _rows(texts: Texts, view: PaymentView, allowed: LinkCheck) -> tuple[tuple[Button, ...], ...]:
    refresh = Button(texts.plain("button.refresh"), data=PaymentTap(view.code, "show").pack())
    help_button = Button(texts.plain("button.help"), data=PaymentTap(view.code, "help").pack())
    if view.state in PAYMENT_TERMINAL:
        explorer = explorer_button(texts, view.request.chain, view.tx_hash)
        again = Button(texts.plain("button.again"), data=PaymentTap(view.code, "again").pack(), style="primary")
        last = (again, help_button)
        return ((explorer,), last) if explorer is not None else (last,)
    bank = bank_button(texts, view.redirect_url, allowed)
    if view.state is PaymentState.AWAITING_PAYMENT and bank is not None:
        return ((bank,), (refresh, help_button))
    return ((refresh, help_button),)


def still_running(texts: Texts, view: PaymentView) -> Screen:
    """Said when something else was cancelled: this payment was not, and a button shows it."""
    key = "dialogue.other_goes_on"
    if view.state is PaymentState.AWAITING_PAYMENT:
        key = "dialogue.other_waits_bank" if view.request.method == "bank" else "dialogue.other_waits_phone"
    show = Button(texts.plain("button.show"), data=PaymentTap(view.code, "show").pack(), style="primary")
    return Screen(text=texts(key, code=view.code, amount=money(view.receive, texts.language)), rows=((show,),))


def buy_button(texts: Texts) -> Button:
    """Start from the beginning."""
    return Button(texts.plain("button.buy"), data=MenuTap("buy").pack(), style="primary")
