"""What the cards and messages of every kind of payment share: icons, the progress line, buttons."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.engine.results import PaymentView
from bot.payments.states import PaymentKind, PaymentState
from bot.screens.foreign import Html, escaped
from bot.screens.screen import Button
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
UNDER_WAY: Final = frozenset({PaymentState.CONFIRMED, PaymentState.AWAITING_PAYMENT, PaymentState.DELIVERING})
DONE, NOW, OPEN, STOPPED = "✓", "●", "○", "✗"

Steps = Sequence[tuple[str, str]]  # a mark and the key of a station, in order
_AGAIN: Final[Mapping[PaymentKind, str]] = MappingProxyType(
    {PaymentKind.BUY: "button.again", PaymentKind.SELL: "sell.again", PaymentKind.SEND: "send.again"}
)


def icon(view: PaymentView) -> str:
    """The picture of where a payment stands."""
    return ICONS[view.state]


def progress(texts: Texts, steps: Steps) -> Html:
    """The stations on one line, with where it stands (or stopped) in bold."""
    return Html("\u00a0› ".join(_step(mark, texts(key)) for mark, key in steps))


def _step(mark: str, label: Html) -> str:
    return f"{mark}\u00a0<b>{label}</b>" if mark in {NOW, STOPPED} else f"{mark}\u00a0{label}"


def receipt_number(texts: Texts, key: str, number: str) -> Html:
    """A line with the number that a network gave, to be copied by a tap."""
    return texts(key, number=Html(f"<code>{escaped(number, longest=64)}</code>"))


def buy_button(texts: Texts) -> Button:
    """Start from the beginning."""
    return Button(texts.plain("button.buy"), data=MenuTap("buy").pack(), style="primary")


def start_row(texts: Texts) -> tuple[Button, ...]:
    """Every way to begin."""
    others = (("sell", "sell.button"), ("send", "send.button"))
    return (buy_button(texts), *(Button(texts.plain(key), data=MenuTap(name).pack()) for name, key in others))


def show_button(texts: Texts, view: PaymentView) -> Button:
    """Open the payment's card."""
    return Button(texts.plain("button.show"), data=PaymentTap(view.code, "show").pack())


def refresh_button(texts: Texts, view: PaymentView) -> Button:
    """Ask where it stands."""
    return Button(texts.plain("button.refresh"), data=PaymentTap(view.code, "show").pack())


def help_button(texts: Texts, view: PaymentView) -> Button:
    """Help with this payment."""
    return Button(texts.plain("button.help"), data=PaymentTap(view.code, "help").pack())


def again_button(texts: Texts, view: PaymentView) -> Button | None:
    """The same once more, filled in; None for somebody's payment request, which is opened from its own message."""
    key = _AGAIN.get(view.kind)
    if key is None:
        return None
    return Button(texts.plain(key), data=PaymentTap(view.code, "again").pack(), style="primary")


def stop_rows(texts: Texts, view: PaymentView) -> tuple[tuple[Button, ...], ...]:
    """What can still be undone: *Stop* while nothing was sent, *Cancel* before crypto has come."""
    rows = []
    if view.can_stop:
        rows.append((Button(texts.plain("send.stop"), data=PaymentTap(view.code, "stop").pack(), style="danger"),))
    if view.can_cancel and not view.cancel_asked:
        rows.append((Button(texts.plain("sell.cancel"), data=PaymentTap(view.code, "cancel").pack(), style="danger"),))
    return tuple(rows)


def row(*buttons: Button | None) -> tuple[Button, ...]:
    """The buttons that there are."""
    return tuple(button for button in buttons if button is not None)
