"""What the notices of payments look like at the moment they are sent: cards and outcomes are drawn fresh from the record."""

import asyncio
from collections.abc import Awaitable, Callable
from types import MappingProxyType

from bot.drawing import Renderers
from bot.drawing.team import Hears, Reads
from bot.engine.clock import Clock, utc_now
from bot.engine.looking import Payments
from bot.engine.operators.results import Role
from bot.engine.results import PaymentView
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.escrow import escrow_message, escrow_over_message
from bot.screens.links import LinkCheck
from bot.screens.operators.house import house_card, house_news, house_outcome
from bot.screens.operators.parts import NAMELESS, Names
from bot.screens.outcome import delay_message, outcome_message, reminder_message
from bot.screens.payout_news import not_cancelled_message, odd_amount_message, payout_waits_message
from bot.screens.qr import escrow_qr_png
from bot.screens.receipt import receipt_png
from bot.screens.status import status_card
from bot.screens.status_sell import is_too_late
from bot.screens.texts import catalogue
from bot.telegram.drawing import NoticeFacts, Rendered, screen_renderer


async def _nameless() -> Names:
    return NAMELESS


async def _whole(_: int) -> Role:
    return Role.OPERATOR


def payment_renderers(
    payments: Payments,
    links: LinkCheck,
    clock: Clock = utc_now,
    *,
    hears: Hears | None = None,
    reads: Reads = _whole,
    names: Callable[[], Awaitable[Names]] = _nameless,
) -> Renderers:
    """The renderers of payments, and of plain screens. `links` says which pages on the web a customer may be sent to.

    `hears` says which chats are the team's: payments of the house are shown nowhere else. None: they are everywhere.
    `reads` says as what a chat reads them.
    `names` are what operators are called.
    """

    async def seen(facts: NoticeFacts) -> PaymentView | None:
        view = None if facts.payment_id is None else await payments.view(facts.payment_id)
        is_ours = view is not None and view.house is not None
        return None if is_ours and hears is not None and not await hears(facts.chat_id) else view

    async def payment_card(facts: NoticeFacts) -> Rendered | None:
        view = await seen(facts)
        if view is None:
            return None
        fresh = facts.payload is not None and bool(facts.payload.get("fresh"))
        if view.house is not None:
            return Rendered(
                house_card(catalogue(view.language), view, await names(), await reads(facts.chat_id)), fresh=fresh
            )
        return Rendered(status_card(catalogue(view.language), view, allowed=links, now=clock()), fresh=fresh)

    async def payment_outcome(facts: NoticeFacts) -> Rendered | None:
        """Nothing once the payment has moved on: what became of it then has a message of its own."""
        view = await seen(facts)
        if view is None or facts.payload is None or facts.payload["state"] != view.state:
            return None
        texts = catalogue(view.language)
        screen = (
            outcome_message(texts, view)
            if view.house is None
            else house_outcome(texts, view, await reads(facts.chat_id))
        )
        if screen is None:
            return None
        picture = await asyncio.to_thread(receipt_png, texts, view) if screen.receipt is not None else None
        return Rendered(screen, picture)

    async def payment_delay(facts: NoticeFacts) -> Rendered | None:
        """Nothing once the payment has ended."""
        view = await seen(facts)
        if view is None or view.state in PAYMENT_TERMINAL:
            return None
        if view.house is not None:
            return Rendered(house_news(catalogue(view.language), view, "delay", await reads(facts.chat_id)))
        return Rendered(delay_message(catalogue(view.language), view))

    async def payment_reminder(facts: NoticeFacts) -> Rendered | None:
        """Nothing once the customer has paid, or the payment is over."""
        view = await seen(facts)
        if view is None or view.state is not PaymentState.AWAITING_PAYMENT or view.seen_amount is not None:
            return None
        if view.house is not None:
            return Rendered(house_news(catalogue(view.language), view, "reminder", await reads(facts.chat_id)))
        return Rendered(reminder_message(catalogue(view.language), view, now=clock()))

    async def payment_escrow(facts: NoticeFacts) -> Rendered | None:
        """Nothing once crypto has come, or its time or the sale is over: nobody should send any then."""
        view = await seen(facts)
        if view is None or view.state is not PaymentState.AWAITING_PAYMENT or view.escrow_address is None:
            return None
        if view.seen_amount is not None or view.cancel_asked or is_too_late(view, clock()):
            return None
        picture = await asyncio.to_thread(escrow_qr_png, view)
        return Rendered(escrow_message(catalogue(view.language), view), picture)

    async def payment_escrow_over(facts: NoticeFacts) -> Rendered | None:
        """The same message once nobody should send any more; never a new one, since it would tell nothing."""
        view = await seen(facts)
        if view is None or view.escrow_address is None:
            return None
        return Rendered(escrow_over_message(catalogue(view.language), view), only_edit=True)

    async def payment_odd_amount(facts: NoticeFacts) -> Rendered | None:
        """Nothing once the sale has ended: that tells what became of it."""
        view = await seen(facts)
        if view is None or view.seen_amount is None or view.state in PAYMENT_TERMINAL:
            return None
        return Rendered(odd_amount_message(catalogue(view.language), view))

    async def payment_not_cancelled(facts: NoticeFacts) -> Rendered | None:
        view = await seen(facts)
        screen = None if view is None else not_cancelled_message(catalogue(view.language), view)
        return None if screen is None else Rendered(screen)

    async def payment_payout_waits(facts: NoticeFacts) -> Rendered | None:
        """Nothing once it was paid out after all, or goes back."""
        view = await seen(facts)
        if view is not None and view.house is not None:
            screen = house_news(catalogue(view.language), view, "waits", await reads(facts.chat_id))
            return Rendered(screen) if view.state is PaymentState.CONFIRMED else None
        if view is None or view.state is not PaymentState.DELIVERING:
            return None
        return Rendered(payout_waits_message(catalogue(view.language), view))

    return MappingProxyType(
        {
            "screen": screen_renderer(),
            "payment_card": payment_card,
            "payment_outcome": payment_outcome,
            "payment_delay": payment_delay,
            "payment_reminder": payment_reminder,
            "payment_escrow": payment_escrow,
            "payment_escrow_over": payment_escrow_over,
            "payment_odd_amount": payment_odd_amount,
            "payment_not_cancelled": payment_not_cancelled,
            "payment_payout_waits": payment_payout_waits,
        }
    )
