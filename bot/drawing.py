"""What each kind of notice looks like at the moment it is sent: cards and outcomes are drawn fresh from the record."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

from bot.engine.looking import Payments
from bot.engine.results import PaymentView
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.links import LinkCheck
from bot.screens.outcome import delay_message, outcome_message, reminder_message
from bot.screens.receipt import receipt_png
from bot.screens.status import status_card
from bot.screens.texts import catalogue
from bot.telegram.drawing import NoticeFacts, Rendered, Renderer, screen_renderer


def renderers(payments: Payments, links: LinkCheck) -> Mapping[str, Renderer]:
    """The renderer of every kind of notice. `links` says which pages on the web a customer may be sent to."""

    async def payment_card(facts: NoticeFacts) -> Rendered | None:
        view = await _view(payments, facts)
        if view is None:
            return None
        fresh = facts.payload is not None and bool(facts.payload.get("fresh"))
        return Rendered(status_card(catalogue(view.language), view, allowed=links), fresh=fresh)

    async def payment_outcome(facts: NoticeFacts) -> Rendered | None:
        """Nothing once the payment has moved on: what became of it then has a message of its own."""
        view = await _view(payments, facts)
        if view is None or facts.payload is None or facts.payload["state"] != view.state:
            return None
        texts = catalogue(view.language)
        screen = outcome_message(texts, view)
        if screen is None:
            return None
        picture = await asyncio.to_thread(receipt_png, texts, view) if screen.receipt is not None else None
        return Rendered(screen, picture)

    async def payment_delay(facts: NoticeFacts) -> Rendered | None:
        """Nothing once the payment has ended."""
        view = await _view(payments, facts)
        if view is None or view.state in PAYMENT_TERMINAL:
            return None
        return Rendered(delay_message(catalogue(view.language), view))

    async def payment_reminder(facts: NoticeFacts) -> Rendered | None:
        """Nothing once the customer has paid, or the payment is over."""
        view = await _view(payments, facts)
        if view is None or view.state is not PaymentState.AWAITING_PAYMENT:
            return None
        return Rendered(reminder_message(catalogue(view.language), view))

    return MappingProxyType(
        {
            "screen": screen_renderer(),
            "payment_card": payment_card,
            "payment_outcome": payment_outcome,
            "payment_delay": payment_delay,
            "payment_reminder": payment_reminder,
        }
    )


async def _view(payments: Payments, facts: NoticeFacts) -> PaymentView | None:
    return None if facts.payment_id is None else await payments.view(facts.payment_id)
