"""The customer's yes, whatever it is to: the payment is opened and the conversation ended, together or not at all."""

from collections.abc import Callable

from sqlmodel import Session

from bot.engine.allowances import Allowances
from bot.engine.clock import Clock
from bot.engine.conversations import Conversation
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.opening import Confirmed, StaleOffer
from bot.engine.outbox import Drawn, Outbox
from bot.engine.results import Offer, OpenedPayment, Request
from bot.engine.wakes import Wakes
from storage.crypto import Keyring
from storage.dialogues import end_dialogue

Open = Callable[[Session, Confirmed], OpenedPayment]


class Confirming:
    """What buying, selling and sending share."""

    def __init__(
        self,
        outbox: Outbox,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        *,
        environment: str,
        allowances: Allowances | None = None,
    ) -> None:
        """`allowances` count what is confirmed; None: nothing is counted, and limits hold where they are asked for."""
        self._allowances = allowances
        self._outbox = outbox
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment

    def _stage(
        self,
        effects: Effects,
        person: Person,
        held: Conversation,
        request: Request,
        offer: Offer,
        *,
        opened_by: Open,
        agreed: Callable[[str], Drawn],
    ) -> None:
        """Open the payment and end the conversation.

        `agreed` draws what the review card becomes, once the payment has its code. Raises
        `StaleOffer` when the offer ran out; the transaction raises `LostRace` when the conversation is not any
        more in the state whose card the customer confirmed, or when a limit or our fee does not allow it any more.
        """
        now = self._clock()
        if now >= offer.expires_at:
            raise StaleOffer

        def confirm(session: Session) -> None:
            end_dialogue(session, held.id, held.revision)
            yes = Confirmed(person.id, person.chat_id, held.confirm_key, self._environment, now)
            opened = opened_by(session, yes)
            if self._allowances is not None:
                self._allowances.hold(session, person, opened, request, offer, now)
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
