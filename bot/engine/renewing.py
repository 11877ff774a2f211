"""Live quotes: a review card whose price ran out is given a new one, with the difference in words, and asks again.

Nobody is asked for ever: after some unattended renewals the card says that its price is over and waits for a tap. Each
renewal is a new state of the conversation, so a button of the old figures confirms nothing.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.conversations import REVIEW, Conversation, Conversations, Draft, conversation_from
from bot.engine.customers import Person, person_from
from bot.engine.outbox import Drawn, Outbox
from bot.engine.results import Offer, Request
from bot.engine.verbs import Verbs
from bot.engine.wakes import Wakes
from bot.payments.errors import PaymentError
from storage.crypto import Keyring
from storage.customers import customer_by_id
from storage.database import Database
from storage.dialogues import take_due_dialogues
from storage.errors import SealRefused, StorageUnavailable
from storage.payments import LostRace

AT_ONCE: Final = 8
MOST_RENEWALS: Final = 6  # five minutes of quotes
LEASE: Final = timedelta(seconds=30)
_log = structlog.get_logger(__name__)


class Cards(Protocol):
    """The review card in its forms, drawn elsewhere."""

    def request(self, person: Person, conversation: Conversation) -> Request:
        """What the conversation asks for."""
        ...

    def live(self, person: Person, conversation: Conversation, *, before: Offer | None) -> Drawn:
        """With a new offer in the place of `before`."""
        ...

    def lapsed(self, person: Person, conversation: Conversation, last: Offer) -> Drawn:
        """With a price that is over."""
        ...

    def unquoted(self, person: Person, conversation: Conversation, error: PaymentError) -> Drawn:
        """Without a price, and why."""
        ...


class Renewer:
    """Renews the quotes of review cards that are open. Any number of replicas may run one."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        conversations: Conversations,
        verbs: Verbs,
        outbox: Outbox,
        cards: Cards,
        clock: Clock,
        wakes: Wakes,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._conversations = conversations
        self._verbs = verbs
        self._outbox = outbox
        self._cards = cards
        self._clock = clock
        self._wakes = wakes
        self._stopping = False

    def stop(self) -> None:
        """Finish the cards at hand and end `run`."""
        self._stopping = True
        self._wakes.quotes.set()

    async def run(self) -> None:
        """Renew whatever is due until told to stop."""
        while not self._stopping:
            self._wakes.quotes.clear()
            try:
                count = await self.step()
            except StorageUnavailable as error:
                _log.warning("quotes wait for storage", error=str(error))
                await asyncio.sleep(1)
                continue
            if count < AT_ONCE and not self._stopping:
                await self._wakes.quotes.wait()

    async def step(self) -> int:
        """Renew one batch; how many cards were due."""
        now = self._clock()

        def take(session: Session) -> list[tuple[Conversation, Person]]:
            taken = []
            for row in take_due_dialogues(session, now=now, until=now + LEASE, limit=AT_ONCE):
                customer, conversation = customer_by_id(session, row.customer_id), conversation_from(row, self._keyring)
                assert customer is not None
                if conversation is None:
                    continue  # it waits for somebody who can read it, until it is tidied away
                try:
                    taken.append((conversation, person_from(customer, self._keyring)))
                except SealRefused as error:
                    _log.error("a customer cannot be read", customer=customer.id, error=str(error))
            return taken

        due = await self._database.write(take)
        async with asyncio.TaskGroup() as group:
            for conversation, person in due:
                group.create_task(self._renew(conversation, person))
        if due:
            self._wakes.notices.set()
        return len(due)

    async def _renew(self, held: Conversation, person: Person) -> None:
        before = held.draft.offer
        if held.draft.question != REVIEW or before is None:
            return
        over = replace(held.draft, offer=None)
        if held.draft.renewals >= MOST_RENEWALS or person.had_blocked_us:
            await self._save(held, person, over, lambda saved: self._cards.lapsed(person, saved, before))
            return
        try:
            offer = await self._verbs.offer(self._cards.request(person, held))
        except PaymentError as error:
            _log.info("a quote could not be renewed", error=type(error).__name__)
            failed = error
            await self._save(held, person, over, lambda saved: self._cards.unquoted(person, saved, failed))
            return
        renewed = replace(held.draft, offer=offer, renewals=held.draft.renewals + 1)
        await self._save(held, person, renewed, lambda saved: self._cards.live(person, saved, before=before))

    async def _save(
        self, held: Conversation, person: Person, draft: Draft, card: Callable[[Conversation], Drawn]
    ) -> None:
        saved, work = self._conversations.saving(held, draft, lives_on=False)
        screen = card(saved)

        def save(session: Session) -> None:
            work(session)
            self._outbox.say_now(
                session,
                chat_id=person.chat_id,
                screen=screen,
                dedupe_key=f"renewed:{saved.confirm_key}",
                slot=saved.slot,
            )

        try:
            await self._database.write(save)
        except LostRace:
            _log.info("the customer was faster than the renewal")
        except StorageUnavailable as error:
            _log.warning("a quote is renewed later", error=str(error))
