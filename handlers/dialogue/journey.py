"""A journey: one form with what leads into it, what it amounts to and how its review card looks.

The steps of a conversation are the same in all of them (`handlers.talking`); what differs stands here. A review card is
also drawn when a quote is renewed, with nobody there and nothing looked up: so what a request needs must be in the
answers themselves, never only in `Talk.saved` or `Talk.recipients`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, TypeVar, cast

from bot.engine.conversations import Conversation
from bot.engine.results import Offer, PaymentView, Request
from bot.payments.lines import Line, LineProblem
from bot.screens.questions import Rows
from bot.screens.review import review_cancelled, review_card, review_confirmed, review_expired
from bot.screens.screen import Screen
from bot.screens.texts import Texts
from handlers.dialogue.form import Form, Problem, Talk
from handlers.services import Services
from handlers.turn import Turn

R = TypeVar("R")
O = TypeVar("O")  # noqa: E741 - an offer


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in from elsewhere. `problems` say what of it could not be used, by question ("" for all)."""

    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    problems: Mapping[str, Problem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a text answers that was not asked just now: the question, the answer in words, and all answers with it."""

    name: str
    shown: str
    answers: Mapping[str, Any] = field(repr=False)


class Journey(Generic[R, O]):
    """The base of all journeys, from the first word to the confirmation. Stateless; one of each is in `journeys`.

    `R` is the request that the answers amount to, `O` the offer that the card shows. A journey that is not `priced` has
    no offer: its card is drawn with None and stands until it is confirmed.
    """

    form: ClassVar[Form]
    priced: ClassVar[bool] = True
    said_at_yes: ClassVar[str | None] = "dialogue.confirmed"  # None: only the card can say

    def from_line(self, line: Line | LineProblem, talk: Talk) -> Filled:
        """What a line says, for a customer whose country may or may not be known; the form asks for the rest."""
        raise NotImplementedError

    def from_payment(self, view: PaymentView, talk: Talk) -> Filled:
        """The answers of an earlier payment of this kind, as far as they still hold."""
        raise NotImplementedError

    def answer_elsewhere(self, text: str, asked: str, talk: Talk) -> Elsewhere | Problem | None:
        """What a text answers that was typed at another question, or why it cannot; None: nothing certain was said."""
        return None

    def request_of(self, answers: Mapping[str, Any], talk: Talk) -> R:
        """The request behind a complete form. `KeyError` when it is not complete."""
        raise NotImplementedError

    def beyond_limits(self, offer: O, talk: Talk) -> tuple[str, Problem] | None:
        """The question to go back to when an offer is outside of what may be moved, and why; None when it is not."""
        return None

    async def offer(self, services: Services, request: R) -> O | None:
        """What it would cost now; None where nothing is priced. Raises a `PaymentError`."""
        return cast(O, await services.verbs.offer(cast(Request, request)))

    def stage_confirm(
        self,
        services: Services,
        turn: Turn,
        held: Conversation,
        request: R,
        offer: O,
        agreed: Callable[[str], Screen],
    ) -> None:
        """Write what was agreed and end the conversation, together. `agreed` draws the card for a payment's code.

        Raises `StaleOffer` when the offer ran out.
        """
        asked, offered = cast(Request, request), cast(Offer, offer)
        services.verbs.stage_confirm(turn.effects, turn.person, held, asked, offered, agreed=agreed)

    def known(self, answers: Mapping[str, Any], texts: Texts) -> str | None:
        """What the card may say of the receiver beside the request: how often they were paid, or that they are new."""
        return None

    def card(
        self, texts: Texts, request: R, offer: O, rows: Rows, *, before: O | None = None, known: str | None = None
    ) -> Screen:
        """The card that asks for the yes. `before` is the offer that this one replaces, `known` what `known` says."""
        earlier = None if before is None else cast(Offer, before)
        return review_card(texts, cast(Request, request), cast(Offer, offer), rows, before=earlier, known=known)

    def expired(self, texts: Texts, request: R, offer: O, rows: Rows, *, known: str | None = None) -> Screen:
        """The card after its price ran out."""
        return review_expired(texts, cast(Request, request), cast(Offer, offer), rows, known=known)

    def confirmed(self, texts: Texts, request: R, offer: O, *, code: str) -> Screen:
        """The card after the yes."""
        return review_confirmed(texts, cast(Request, request), cast(Offer, offer), code=code)

    def cancelled(self, texts: Texts, offer: O) -> Screen:
        """The card after a no."""
        return review_cancelled(texts, cast(Offer, offer))


def held_answers(form: Form, wanted: Mapping[str, Any], talk: Talk) -> dict[str, Any]:
    """Those of `wanted`, in their order, that are answers which the form would take today."""
    answers: dict[str, Any] = {}
    for name, value in wanted.items():
        question = form.question(name)
        here = replace(talk, answers=answers)
        if question is not None and question.applies(here) and question.holds(value, here):
            answers[name] = value
    return answers
