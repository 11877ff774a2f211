"""One update's turn: who speaks, in which language, what is said back. Made by the gate, passed on in the context.

Whatever is said here is staged and goes out when the update's effects are committed, so nothing is said twice for an
update that has to be handled again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from telegram.ext import CallbackContext, ExtBot

from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.operators.results import Operator
from bot.engine.outbox import Outbox
from bot.engine.results import PaymentView
from bot.payments.coverage import Service
from bot.screens.foreign import cleaned
from bot.screens.inline import InlineAnswer
from bot.screens.menu import only_open
from bot.screens.screen import Screen
from bot.screens.texts import Texts, catalogue


class TapAnswers(Protocol):
    """How a tap is answered: the little pop-up over the chat, or only the end of the waiting sign."""

    def answer(self, effects: Effects, query_id: str, text: str | None = None, alert: bool = False) -> None:
        """Stage the answer. It may be lost and is never repeated."""
        ...


class InlineAnswers(Protocol):
    """How an inline query is answered, for the one who typed it."""

    def answer(self, effects: Effects, query_id: str, answer: InlineAnswer) -> None:
        """Stage the answer. It may be lost and is never repeated."""
        ...


class Eraser(Protocol):
    """How a message that a person should not have sent is taken out of the chat."""

    def erase(self, effects: Effects, chat_id: int, message_id: int) -> None:
        """Stage the deletion. It may not happen and is never repeated."""
        ...


@dataclass(slots=True)
class _Spoken:
    """What was said in this turn, for naming the messages and for answering a tap once."""

    count: int = 0
    tap_answered: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of one update. `query_id` is set for a tap, `message_id` for a message."""

    update_id: int
    person: Person
    texts: Texts
    effects: Effects
    outbox: Outbox = field(repr=False)
    taps: TapAnswers = field(repr=False)
    eraser: Eraser = field(repr=False)
    query_id: str | None = None
    message_id: int | None = None
    called: str = ""  # what the person calls themselves at Telegram
    services: tuple[Service, ...] = tuple(Service)  # what is offered now
    operator: Operator | None = None  # known already where only operators are let through
    thread: int | None = None  # the topic of a group that they write in
    _spoken: _Spoken = field(default_factory=_Spoken, repr=False)

    @property
    def spoken(self) -> bool:
        """Whether anything was said or popped up."""
        return self._spoken.count > 0 or self._spoken.tap_answered

    @property
    def _place(self) -> dict[str, Any]:
        return {} if self.thread is None else {"thread": self.thread}

    def say(self, screen: Screen, *, slot: str | None = None, fresh: bool = False) -> None:
        """Stage a screen. The same update always gives its messages the same names."""
        self._spoken.count += 1
        self.outbox.say(
            self.effects,
            chat_id=self.person.chat_id,
            screen=only_open(screen, self.services),
            dedupe_key=f"u{self.update_id}:{self._spoken.count}",
            slot=slot,
            fresh=fresh,
            place=self._place,
        )

    def show_payment(self, view: PaymentView, *, fresh: bool) -> None:
        """Stage a payment's card: as a new message, or where it stands."""
        self._spoken.count += 1
        self.outbox.show_payment(
            self.effects,
            chat_id=self.person.chat_id,
            payment_id=view.id,
            dedupe_key=f"u{self.update_id}:{self._spoken.count}",
            fresh=fresh,
        )

    def show(
        self, kind: str, payload: Mapping[str, Any], *, chat_id: int | None = None, slot: str | None = None
    ) -> None:
        """Stage a message of another kind than a screen, drawn of `payload` when it is sent; here or in another chat."""
        self._spoken.count += 1
        self.outbox.show(
            self.effects,
            chat_id=self.person.chat_id if chat_id is None else chat_id,
            kind=kind,
            payload=payload if chat_id is not None else {**payload, **self._place},
            dedupe_key=f"u{self.update_id}:{self._spoken.count}",
            slot=slot,
        )

    def answered(self) -> None:
        """What was staged says something by itself, drawn when it is sent."""
        self._spoken.count += 1

    def answer_tap(self, key: str | None = None, *, alert: bool = False, **values: object) -> None:
        """End the waiting of a tapped button, with a sentence over the chat for `key`. Only the first counts."""
        if self.query_id is None or self._spoken.tap_answered:
            return
        self._spoken.tap_answered = True
        text = None if key is None else cleaned(self.texts.plain(key, **values))
        self.taps.answer(self.effects, self.query_id, text, alert)

    def erase_message(self) -> None:
        """Take the person's message out of the chat, as far as Telegram lets us."""
        if self.message_id is not None:
            self.eraser.erase(self.effects, self.person.chat_id, self.message_id)

    def in_language(self, language: str) -> "Turn":
        """The same turn going on in another language."""
        return replace(self, texts=catalogue(language), person=replace(self.person, language=language))

    def for_person(self, person: Person) -> "Turn":
        """The same turn, knowing more about who speaks."""
        return replace(self, person=person)


class TurnContext(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """python-telegram-bot's context with the turn in it; the gate sets it before any other handler runs."""

    turn: Turn
