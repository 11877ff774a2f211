"""The conversation that a customer is in, as a row: it survives a restart and may go on in another replica.

Nothing is written here at once: handlers stage changes, and the update that asked for them commits them. Every change is
guarded by id and revision, so of two updates that act on one state, one loses and is handled from the start again.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import structlog
from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.results import BuyOffer, Offer, SellOffer, SendOffer
from bot.payments.money import Money
from storage.crypto import Keyring
from storage.database import Database
from storage.dialogues import add_dialogue, dialogue_of, end_dialogue, save_dialogue
from storage.errors import SealRefused
from storage.tables import Dialogue

REVIEW: Final = "review"  # the question that every form ends with
LIFE: Final = timedelta(minutes=30)  # without an answer; afterwards it is offered again, filled in
MOMENT: Final = timedelta(seconds=3)
KEPT: Final = timedelta(days=7)  # how long it is offered again
DRAFT = "dialogue.answers"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a conversation has come to.

    `answers` are JSON values by question. `options` are the values behind the buttons that are shown, in their order,
    so that a tap only names a place in this list. `offer` is the quote that the review card shows; None while there is
    none. `changing` is true when the question was reached from the review card. `first` is true when the customer's own
    account was not known at the start, so that their answers become their profile. `renewals` counts the quotes that
    were renewed unasked.
    """

    question: str
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    options: tuple[Any, ...] = field(default=(), repr=False)
    offer: Offer | None = None
    changing: bool = False
    first: bool = False
    renewals: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """A draft with its name and its age. `revision` grows with every change."""

    id: str
    customer_id: str
    form: str
    revision: int
    draft: Draft
    expires_at: datetime

    @property
    def slot(self) -> str:
        """Where its current message stands."""
        return f"d:{self.id}"

    @property
    def confirm_key(self) -> str:
        """What confirming this very state is known by: one state opens one payment."""
        return confirm_key(self.id, self.revision)


def confirm_key(dialogue: str, revision: int) -> str:
    """The name of a confirmation, from what its button carries."""
    return f"{dialogue}:{revision}"


class Conversations:
    """Loads the conversation of a customer and stages what becomes of it."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def of(self, customer_id: str) -> Conversation | None:
        """The customer's conversation, also one that expired; None when there is none or it is long forgotten."""
        row = await self._database.read(lambda session: dialogue_of(session, customer_id))
        if row is None or self._clock() >= row.expires_at + KEPT:
            return None
        return conversation_from(row, self._keyring)

    def stage_start(self, effects: Effects, customer_id: str, form: str, draft: Draft) -> Conversation:
        """Begin a new conversation; whatever stood there is over. `LostRace` when another one began meanwhile."""
        now = self._clock()
        # the id is part of the confirmation's name, which must never come twice
        started = Conversation(secrets.token_urlsafe(9), customer_id, form, 1, draft, now + LIFE)
        row = {
            "id": started.id,
            "customer_id": customer_id,
            "form": form,
            "revision": 1,
            "expires_at": started.expires_at,
            "updated_at": now,
            **self._columns(draft),
        }

        def start(session: Session) -> None:
            old = dialogue_of(session, customer_id)
            if old is not None:
                end_dialogue(session, old.id, old.revision)
            add_dialogue(session, row)

        effects.add(start)
        return started

    def stage_save(self, effects: Effects, held: Conversation, draft: Draft) -> Conversation:
        """Bring a conversation to its next state. `LostRace` when it is not any more as it was held."""
        saved, work = self.saving(held, draft, lives_on=True)
        effects.add(work)
        return saved

    def saving(self, held: Conversation, draft: Draft, *, lives_on: bool) -> tuple[Conversation, Any]:
        """The next state and the work that writes it. `lives_on`: the customer is here, so it expires later."""
        now = self._clock()
        saved = replace(
            held,
            revision=held.revision + 1,
            draft=draft,
            expires_at=now + LIFE if lives_on else held.expires_at,
        )
        values = {
            "revision": saved.revision,
            "expires_at": saved.expires_at,
            "updated_at": now,
            **self._columns(draft),
        }
        return saved, lambda session: save_dialogue(session, held.id, held.revision, values)

    def stage_end(self, effects: Effects, held: Conversation) -> None:
        """End a conversation without anything coming of it. `LostRace` when it moved."""
        effects.add(lambda session: end_dialogue(session, held.id, held.revision))

    def has_expired(self, conversation: Conversation) -> bool:
        """Whether it waited too long for an answer."""
        return self._clock() >= conversation.expires_at

    def just_moved(self, conversation: Conversation) -> bool:
        """Whether the customer brought it to this state a moment ago."""
        return self._clock() < conversation.expires_at - LIFE + MOMENT

    def _columns(self, draft: Draft) -> dict[str, Any]:
        return {
            "question": draft.question,
            "answers_sealed": self._keyring.seal_json(_packed(draft), context=DRAFT),
            "due_at": draft.offer.expires_at if draft.question == REVIEW and draft.offer is not None else None,
        }


def conversation_from(row: Dialogue, keyring: Keyring) -> Conversation | None:
    """A row with its answers opened; None for one that cannot be read: its key is gone, or another program wrote it.

    Nothing has come of a conversation yet, so its customer may as well begin anew.
    """
    try:
        draft = _unpacked(row.question, keyring.open_json(row.answers_sealed, context=DRAFT))
    except (SealRefused, LookupError, ArithmeticError, TypeError, ValueError) as error:
        _log.error("a conversation cannot be read", dialogue=row.id, error=type(error).__name__)
        return None
    return Conversation(
        id=row.id,
        customer_id=row.customer_id,
        form=row.form,
        revision=row.revision,
        draft=draft,
        expires_at=row.expires_at,
    )


def _packed(draft: Draft) -> dict[str, Any]:
    return {
        "answers": dict(draft.answers),
        "options": list(draft.options),
        "offer": None if draft.offer is None else _packed_offer(draft.offer),
        "changing": draft.changing,
        "first": draft.first,
        "renewals": draft.renewals,
    }


def _unpacked(question: str, packed: dict[str, Any]) -> Draft:
    return Draft(
        question=question,
        answers=packed["answers"],
        options=tuple(packed["options"]),
        offer=None if packed["offer"] is None else _unpacked_offer(packed["offer"]),
        changing=packed["changing"],
        first=packed["first"],
        renewals=packed["renewals"],
    )


_OFFERS: Final[Mapping[str, type[Offer]]] = MappingProxyType({"buy": BuyOffer, "sell": SellOffer, "send": SendOffer})


def _packed_offer(offer: Offer) -> dict[str, Any]:
    """An offer as JSON, with the name of its type."""
    values = {field.name: getattr(offer, field.name) for field in fields(offer)}
    return {
        "type": next(name for name, type_ in _OFFERS.items() if isinstance(offer, type_)),
        "expires_at": values.pop("expires_at").isoformat(),
        "amounts": {
            name: [str(value.amount), value.currency] for name, value in values.items() if isinstance(value, Money)
        },
        "rest": {name: value for name, value in values.items() if not isinstance(value, Money)},
    }


def _unpacked_offer(packed: dict[str, Any]) -> Offer:
    values: dict[str, Any] = {
        name: Money(Decimal(amount), currency) for name, (amount, currency) in packed["amounts"].items()
    }
    expires_at = datetime.fromisoformat(packed["expires_at"])
    return _OFFERS[packed["type"]](expires_at=expires_at, **values, **packed["rest"])
