"""Errands: small forms without money, such as giving somebody a name. They are done when their questions are answered.

There is nothing to agree to at the end, so no card asks for a yes; what was done is said, and may lead on to a journey.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bot.payments.lines import Line, LineProblem
from bot.screens.foreign import Html
from bot.screens.screen import Screen
from handlers.dialogue.form import Talk
from handlers.dialogue.journey import Filled, Journey
from handlers.services import Services
from handlers.turn import Turn


@dataclass(frozen=True, slots=True)
class Done:
    """What an errand ends with: `said` takes the place of its question.

    Below it stands a card that can be tapped, by the name of its place in the chat, or the next journey begins, by the
    name of its form.
    """

    said: Html
    card: Screen | None = None
    slot: str | None = None
    form: str | None = None
    filled: Filled = Filled()  # noqa: RUF009 - immutable


class Errand(Journey[None, None]):
    """The base of all errands. No line and no earlier payment leads into one."""

    priced: ClassVar[bool] = False

    @abstractmethod
    async def finish(self, services: Services, turn: Turn, answers: Mapping[str, Any], talk: Talk) -> Done:
        """Stage what the answers amount to. Whatever they name is looked up again: it may be gone."""
        raise NotImplementedError

    def from_line(self, line: Line | LineProblem, talk: Talk) -> Filled:
        return Filled()
