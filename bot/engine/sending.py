"""Sending: what a transfer costs, and the confirmation that opens it; also for paying somebody's payment request."""

from collections.abc import Callable

from sqlmodel import Session

from bot.engine.allowances import Allowances
from bot.engine.clock import Clock
from bot.engine.confirming import Confirming
from bot.engine.conversations import Conversation
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.opening import Confirmed, open_send
from bot.engine.outbox import Drawn, Outbox
from bot.engine.recipients import remember_recipient
from bot.engine.results import OpenedPayment, SendOffer, SendRequest
from bot.engine.send_quotes import SendQuotes
from bot.engine.wakes import Wakes
from bot.payments.money import Money
from storage.crypto import Keyring


class Sending(Confirming):
    """The customer's verb: ask what a transfer costs, confirm it."""

    def __init__(
        self,
        quotes: SendQuotes,
        outbox: Outbox,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        *,
        environment: str,
        allowances: Allowances | None = None,
    ) -> None:
        super().__init__(outbox, keyring, clock, wakes, environment=environment, allowances=allowances)
        self._quotes = quotes

    async def offer(self, request: SendRequest) -> SendOffer:
        """What it would cost now. Raises a `PaymentError` that says what the customer can do."""
        return await self._quotes.send(request)

    async def worth(self, amount: Money, currency: str) -> Money:
        """About what an amount that is not in `currency` counts in it. Raises `PaymentError`."""
        return await self._quotes.worth(amount, currency)

    def stage_confirm(
        self,
        effects: Effects,
        person: Person,
        held: Conversation,
        request: SendRequest,
        offer: SendOffer,
        *,
        agreed: Callable[[str], Drawn],
    ) -> None:
        """Open the transfer and end the conversation, together or not at all: see `Confirming`.

        Raises `StaleOffer` when the offer ran out.
        """

        def open_it(session: Session, yes: Confirmed) -> OpenedPayment:
            opened = open_send(session, self._keyring, yes, request=request, offer=offer)
            if request.request_id is None:  # whoever asked for money is nobody whom this customer chose to keep
                remember_recipient(session, self._keyring, person.id, request.destination, yes.now)
            return opened

        self._stage(effects, person, held, request, offer, opened_by=open_it, agreed=agreed)
