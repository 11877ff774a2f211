"""Buying: a live offer for the review card, and the confirmation that opens a payment under exactly that offer."""

from collections.abc import Callable

from sqlmodel import Session

from bot.engine.addresses import remember
from bot.engine.clock import Clock
from bot.engine.conversations import Conversation
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.opening import StaleOffer, open_buy
from bot.engine.outbox import Drawn, Outbox
from bot.engine.quotes import Quotes
from bot.engine.results import BuyOffer, BuyRequest
from bot.engine.wakes import Wakes
from storage.crypto import Keyring
from storage.dialogues import end_dialogue


class Buying:
    """The customer's verb: quote a buy, confirm a buy."""

    def __init__(
        self, quotes: Quotes, outbox: Outbox, keyring: Keyring, clock: Clock, wakes: Wakes, *, environment: str
    ) -> None:
        self._quotes = quotes
        self._outbox = outbox
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment

    async def offer(self, request: BuyRequest) -> BuyOffer:
        """What it would cost now. Raises a `PaymentError` that says what the customer can do."""
        return await self._quotes.buy(request)

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
        """Open the payment and end the conversation, together or not at all.

        `agreed` draws what the review card becomes, once the payment has its code. Raises
        `StaleOffer` when the offer ran out; the transaction raises `LostRace` when the conversation is not any
        more in the state whose card the customer confirmed.
        """
        now = self._clock()
        if now >= offer.expires_at:
            raise StaleOffer

        def confirm(session: Session) -> None:
            end_dialogue(session, held.id, held.revision)
            opened = open_buy(
                session,
                self._keyring,
                customer_id=person.id,
                chat_id=person.chat_id,
                request=request,
                offer=offer,
                confirm_key=held.confirm_key,
                environment=self._environment,
                now=now,
            )
            remember(
                session,
                self._keyring,
                customer_id=person.id,
                chain=request.chain,
                address=request.address,
                now=now,
            )
            self._outbox.say_now(
                session,
                chat_id=person.chat_id,
                screen=agreed(opened.code),
                dedupe_key=f"agreed:{held.confirm_key}",
                slot=held.slot,
            )

        effects.add(confirm)
        effects.after_commit(self._wake)

    async def _wake(self) -> None:
        self._wakes.legs.set()
        self._wakes.notices.set()
