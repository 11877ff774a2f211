"""Buying: a live offer for the review card, and the confirmation that opens a payment under exactly that offer."""

from collections.abc import Callable

from sqlmodel import Session

from bot.engine.addresses import remember
from bot.engine.allowances import Allowances
from bot.engine.clock import Clock
from bot.engine.confirming import Confirming
from bot.engine.conversations import Conversation
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.opening import Confirmed, open_buy
from bot.engine.outbox import Drawn, Outbox
from bot.engine.quotes import Quotes
from bot.engine.results import BuyOffer, BuyRequest, OpenedPayment
from bot.engine.wakes import Wakes
from bot.payments.money import Money
from storage.crypto import Keyring


class Buying(Confirming):
    """The customer's verb: quote a buy, confirm a buy."""

    def __init__(
        self,
        quotes: Quotes,
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

    async def offer(self, request: BuyRequest) -> BuyOffer:
        """What it would cost now. Raises a `PaymentError` that says what the customer can do."""
        return await self._quotes.buy(request)

    async def worth(self, amount: Money, currency: str) -> Money:
        """About what an amount that is not in `currency` counts in it. Raises `PaymentError`."""
        return await self._quotes.worth(amount, currency)

    def stage_confirm(
        self,
        effects: Effects,
        person: Person,
        held: Conversation,
        request: BuyRequest,
        offer: BuyOffer,
        *,
        agreed: Callable[[str], Drawn],
    ) -> None:
        """Open the payment and end the conversation, together or not at all: see `Confirming`.

        Raises `StaleOffer` when the offer ran out.
        """

        def open_it(session: Session, yes: Confirmed) -> OpenedPayment:
            opened = open_buy(session, self._keyring, yes, request=request, offer=offer)
            remember(
                session,
                self._keyring,
                customer_id=person.id,
                chain=request.chain,
                address=request.address,
                now=yes.now,
            )
            return opened

        self._stage(effects, person, held, request, offer, opened_by=open_it, agreed=agreed)
