"""Selling: a live offer for the review card, and the confirmation that opens a sale under exactly that offer."""

from collections.abc import Callable

from sqlmodel import Session

from bot.engine.addresses import remember
from bot.engine.allowances import Allowances
from bot.engine.clock import Clock
from bot.engine.confirming import Confirming
from bot.engine.conversations import Conversation
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.opening import Confirmed, open_sell
from bot.engine.outbox import Drawn, Outbox
from bot.engine.recipients import remember_recipient
from bot.engine.results import OpenedPayment, SellOffer, SellRequest
from bot.engine.sale_quotes import SaleQuotes
from bot.engine.wakes import Wakes
from bot.payments.money import Money
from storage.crypto import Keyring


class Selling(Confirming):
    """The customer's verb: quote a sale, confirm a sale."""

    def __init__(
        self,
        quotes: SaleQuotes,
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

    async def offer(self, request: SellRequest) -> SellOffer:
        """What it would bring now. Raises a `PaymentError` that says what the customer can do."""
        return await self._quotes.sell(request)

    async def worth(self, amount: Money, currency: str) -> Money:
        """About what an amount that is not in `currency` counts in it. Raises `PaymentError`."""
        return await self._quotes.worth(amount, currency)

    def stage_confirm(
        self,
        effects: Effects,
        person: Person,
        held: Conversation,
        request: SellRequest,
        offer: SellOffer,
        *,
        agreed: Callable[[str], Drawn],
    ) -> None:
        """Open the sale and end the conversation, together or not at all: see `Confirming`.

        Raises `StaleOffer` when the offer ran out.
        """

        def open_it(session: Session, yes: Confirmed) -> OpenedPayment:
            opened = open_sell(session, self._keyring, yes, request=request, offer=offer)
            remember_recipient(session, self._keyring, person.id, request.destination, yes.now)
            for address in dict.fromkeys((request.refund_address, request.sender_address)):
                remember(
                    session,
                    self._keyring,
                    customer_id=person.id,
                    chain=request.chain,
                    address=address,
                    now=yes.now,
                )
            return opened

        self._stage(effects, person, held, request, offer, opened_by=open_it, agreed=agreed)
