"""The customer's verbs behind the forms: an offer for whatever is asked for, and the confirmation that opens it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from bot.engine.conversations import Conversation
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.outbox import Drawn
from bot.engine.results import (
    BuyOffer,
    BuyRequest,
    Offer,
    Request,
    SellOffer,
    SellRequest,
    SendOffer,
    SendRequest,
)
from bot.payments.money import Money
from bot.payments.states import PaymentKind

Asked_contra = TypeVar("Asked_contra", contravariant=True)
Offered = TypeVar("Offered")


class Verb(Protocol[Asked_contra, Offered]):
    """What every use case that opens payments can do; `Buying` says it in full."""

    async def offer(self, request: Asked_contra) -> Offered:
        """What it would cost now. Raises a `PaymentError` that says what the customer can do."""
        ...

    async def worth(self, amount: Money, currency: str) -> Money:
        """About what an amount counts in the money of the day, `currency`, which it is not in. Raises `PaymentError`."""
        ...

    def stage_confirm(
        self,
        effects: Effects,
        person: Person,
        held: Conversation,
        request: Asked_contra,
        offer: Offered,
        *,
        agreed: Callable[[str], Drawn],
    ) -> None:
        """Open the payment and end the conversation. Raises `StaleOffer` when the offer ran out."""
        ...


class Verbs:
    """Chooses the use case by what is asked for."""

    def __init__(
        self,
        buying: Verb[BuyRequest, BuyOffer],
        selling: Verb[SellRequest, SellOffer],
        sending: Verb[SendRequest, SendOffer],
    ) -> None:
        self._buying = buying
        self._selling = selling
        self._sending = sending

    async def offer(self, request: Request) -> Offer:
        """What it would cost now. Raises a `PaymentError` that says what the customer can do."""
        match request:
            case BuyRequest():
                return await self._buying.offer(request)
            case SellRequest():
                return await self._selling.offer(request)
            case SendRequest():
                return await self._sending.offer(request)

    async def worth(self, kind: PaymentKind, amount: Money, currency: str) -> Money:
        """About what an amount in crypto, or of the recipient's money, counts in `currency`. Raises a `PaymentError`."""
        if amount.currency == currency:
            return amount
        match kind:
            case PaymentKind.BUY:
                return await self._buying.worth(amount, currency)
            case PaymentKind.SELL:
                return await self._selling.worth(amount, currency)
            case _:
                return await self._sending.worth(amount, currency)

    def stage_confirm(
        self,
        effects: Effects,
        person: Person,
        held: Conversation,
        request: Request,
        offer: Offer,
        *,
        agreed: Callable[[str], Drawn],
    ) -> None:
        """Open the payment and end the conversation, together or not at all. Raises `StaleOffer`, as `Buying` says."""
        match request, offer:
            case BuyRequest(), BuyOffer():
                self._buying.stage_confirm(effects, person, held, request, offer, agreed=agreed)
            case SellRequest(), SellOffer():
                self._selling.stage_confirm(effects, person, held, request, offer, agreed=agreed)
            case SendRequest(), SendOffer():
                self._sending.stage_confirm(effects, person, held, request, offer, agreed=agreed)
            case _:
                raise TypeError("the offer is not one for this request")
