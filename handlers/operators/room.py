"""A room of the desk: what one part of it offers, declared with the role that each thing needs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bot.engine.operators.results import Operator, Question, Role
from bot.screens.foreign import Html
from bot.screens.screen import Screen
from bot.screens.taps import OperatorTap, read_tap
from handlers.turn import Turn

ASK: Final = "ask"  # the kind of all buttons below questions


@dataclass(frozen=True, slots=True)
class Shift:
    """One turn of an operator's. `chat` is where they are; screens go there."""

    turn: Turn
    operator: Operator

    @property
    def chat(self) -> int:
        """The chat that the operator writes in: their own, or the operators' group."""
        return self.turn.person.chat_id

    @property
    def is_private(self) -> bool:
        """Whether they write to the assistant alone: a private chat has the id of its person."""
        return self.chat == self.operator.telegram_id

    @property
    def role(self) -> Role:
        """What they may do."""
        return self.operator.role

    def say(self, screen: Screen, *, slot: str | None = None, fresh: bool = False) -> None:
        """Say something where they are. With a `slot` a press changes the card, and a command posts it anew.

        A question has a slot of its own, where its end is shown.
        """
        slot = slot or _slot_of(screen)
        pressed = self.turn.query_id is not None
        self.turn.say(screen, slot=slot, fresh=fresh or (slot is not None and not pressed))
        self.turn.answer_tap()

    def tell(self, text: Html) -> None:
        """One sentence."""
        self.say(Screen(text=text))

    def in_private(self) -> "Shift":
        """The same turn, speaking to the operator alone: a private chat has the id of its person."""
        alone = replace(self.turn.person, chat_id=self.operator.telegram_id)
        return replace(self, turn=self.turn.for_person(alone))


@dataclass(frozen=True, slots=True)
class Command:
    """A command: `run` is given what stands behind it. `words`: how many words that may be, from and to.

    `lines`: it is given as it was written; otherwise it is on one line.
    """

    name: str
    needs: Role
    run: Callable[[Shift, str], Awaitable[None]]
    words: tuple[int, int] = (0, 0)
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """A button. `action` may end in a dash: then a choice follows it (`page-2`)."""

    kind: str
    action: str
    needs: Role
    run: Callable[[Shift, OperatorTap], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of an answer to a question. `by_words`: it may be typed; else it is a choice of its card's.

    `choices` are what the buttons of its card say, besides doing nothing; one that ends in a dash is followed by a place
    in a list. Not given: nothing where it is typed, else `yes`.
    """

    action: str
    needs: Role
    run: Callable[[Shift, Question, str], Awaitable[None]]
    by_words: bool = True
    choices: tuple[str, ...] | None = None

    def offers(self, choice: str) -> bool:
        """Whether a button of the card says this. A press can say anything, so nothing else is taken for an answer."""
        choices = (() if self.by_words else ("yes",)) if self.choices is None else self.choices
        verb, dash, _ = choice.partition("-")
        return verb + dash in choices


class Room(Protocol):
    """A part of the desk."""

    def commands(self) -> Iterable[Command]:
        """Its commands."""
        ...

    def presses(self) -> Iterable[Press]:
        """Its buttons."""
        ...

    def answers(self) -> Iterable[Answer]:
        """Its questions."""
        ...


def question_slot(question_id: str) -> str:
    """The slot of the card of a question."""
    return f"o:ask:{question_id}"


def _slot_of(screen: Screen) -> str | None:
    taps = [read_tap(button.data) for row in screen.rows for button in row if button.data is not None]
    asked = next((tap.record for tap in taps if isinstance(tap, OperatorTap) and tap.kind == ASK), None)
    return None if asked is None else question_slot(asked)


def page_of(tap: OperatorTap) -> int:
    """The number behind `page-`; 1 for whatever is no page."""
    number = tap.action.partition("-")[2]
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) <= 6 else 1


def choices_of(reasons: Iterable[str]) -> tuple[str, ...]:
    """What the buttons of reasons say: the last part of each one's key."""
    return tuple(key.rsplit("_", 1)[1] for key in reasons)
