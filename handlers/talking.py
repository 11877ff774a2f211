"""A conversation: what a person does in it, from the first word to the confirmation.

Everything reads the state, lets a question or the journey (both pure) say what it means, and takes a step (`handlers.steps`).
"""

from dataclasses import replace
from typing import Any, Final

from bot.engine.conversations import REVIEW, Conversation, confirm_key
from bot.engine.opening import StaleOffer
from bot.engine.results import Offer, PaymentView, countries_of
from bot.payments.lines import Line, LineProblem
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.foreign import Html
from bot.screens.questions import note, note_with_keyboard, note_with_menu, resume_card
from bot.screens.review_parts import has_price
from bot.screens.status import still_running
from bot.screens.taps import DialogueTap
from handlers.dialogue.allowed import AMOUNT
from handlers.dialogue.cards import (
    CHANGE,
    is_contact_question,
    place_of,
    problem_text,
)
from handlers.dialogue.form import Answer, Problem, SharedContact, Talk
from handlers.dialogue.journey import Elsewhere, Filled
from handlers.dialogue.journeys import JOURNEYS, journey_for, journey_of
from handlers.services import Services
from handlers.steps import Step, Steps
from handlers.turn import Turn

NOTHING: Final = Filled()
_RUNNING: Final = frozenset({PaymentState.CONFIRMED, PaymentState.AWAITING_PAYMENT, PaymentState.DELIVERING})


class FormTalk:
    """The steps of a conversation, on whichever journey it is."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._steps = Steps(services)

    def tell_closed(self, turn: Turn, form: str) -> bool:
        """Say so where what a form is for is not offered now; whether it was said."""
        return self._steps.tell_closed(turn, form)

    async def begin(self, turn: Turn, said: Line | LineProblem | PaymentView) -> None:
        """Start what a line asks for, or an earlier payment once more, filled in; an older conversation ends."""
        journey = JOURNEYS[journey_for(said)]
        talk = await self._steps.talk(turn, {})
        filled = journey.from_payment(said, talk) if isinstance(said, PaymentView) else journey.from_line(said, talk)
        await self.start(turn, journey.form.name, filled)

    async def start(self, turn: Turn, form: str, filled: Filled = NOTHING) -> None:
        """Start the journey of this name with the answers that are there; an older conversation ends."""
        if self._steps.tell_closed(turn, form) or await self._steps.tell_used_up(turn, form):
            return
        old = await self._services.conversations.of(turn.person.id)
        if old is not None:
            self._put_aside(turn, old)
        talk = await self._steps.talk(turn, filled.answers)
        question, answers = JOURNEYS[form].form.go_on(talk)
        problem = filled.problems.get(question)
        remark = filled.problems.get("")
        lead = None if remark is None else problem_text(turn.texts, remark)
        first = turn.person.phone is None or turn.person.name is None
        await self._steps.go(turn, question, Step(form, None, answers, first, lead=lead, problem=problem))

    async def looking(self, turn: Turn) -> Talk:
        """What cards may look at, outside of a conversation."""
        return await self._steps.talk(turn, {})

    async def fits(self, turn: Turn, held: Conversation, text: str) -> bool:
        """Whether the open question can make something of a text: an answer, or one that it offers in its place."""
        question = journey_of(held).form.question(held.draft.question)
        if question is None:
            return False
        found = question.read(text, await self._steps.talk(turn, held.draft.answers))
        return isinstance(found, Answer) or bool(found.options)

    async def reading(self, turn: Turn, held: Conversation, text: str) -> Answer | Problem | Elsewhere | None:
        """What `answer` would make of a text; nothing is taken yet. None where only buttons answer."""
        question = journey_of(held).form.question(held.draft.question)
        return None if question is None else self._read(held, text, await self._steps.talk(turn, held.draft.answers))

    async def answer(self, turn: Turn, held: Conversation, text: str) -> None:
        """A typed answer to the question that is open."""
        question = journey_of(held).form.question(held.draft.question)
        talk = await self._steps.talk(turn, held.draft.answers)
        if question is None:
            await self.show_again(turn, held, lead=turn.texts("dialogue.use_the_buttons"))
            return
        found = self._read(held, text, talk)
        if isinstance(found, Elsewhere):
            noted = turn.texts("dialogue.noted", what=turn.texts.plain(f"what.{found.name}"), answer=found.shown)
            await self._steps.go_on(turn, held, found.answers, noted=noted)
            return
        await self._take(turn, held, question.name, found, talk)

    def _read(self, held: Conversation, text: str, talk: Talk) -> Answer | Problem | Elsewhere:
        """What a text means to the open question, or, where it means nothing to that, to another one."""
        journey, asked = journey_of(held), held.draft.question
        question = journey.form.question(asked)
        assert question is not None
        found = question.read(text, talk)
        if isinstance(found, Problem) and not found.options:
            return journey.answer_elsewhere(text, asked, talk) or found
        return found

    async def suggest(self, turn: Turn, held: Conversation, problem: Problem) -> None:
        """Ask the open question again, with answers that were found elsewhere as its buttons. Nothing is taken yet."""
        draft = held.draft
        step = Step(held.form, held, draft.answers, draft.first, problem=problem, changing=draft.changing)
        await self._steps.go(turn, draft.question, step)

    async def contact(self, turn: Turn, held: Conversation, contact: SharedContact) -> None:
        """A shared phone number."""
        question = journey_of(held).form.question(held.draft.question)
        talk = await self._steps.talk(turn, held.draft.answers)
        if question is None:
            await self.show_again(turn, held, lead=turn.texts("dialogue.contact_not_needed"))
            return
        if contact.own and question.name == "phone":
            # they tell their own account anew
            held = replace(held, draft=replace(held.draft, first=True))
        await self._take(turn, held, question.name, question.read_contact(contact, talk), talk)

    async def back(self, turn: Turn, held: Conversation) -> None:
        """One question back; from a changed answer back to the card that it came from."""
        draft = held.draft
        talk = await self._steps.talk(turn, draft.answers)
        step = Step(held.form, held, draft.answers, draft.first, before=None)
        if draft.changing or draft.question == CHANGE:
            question, answers = journey_of(held).form.go_on(talk)
            await self._steps.go(turn, question, replace(step, answers=answers))
            return
        earlier = journey_of(held).form.back_from(talk, draft.question)
        if earlier is None:
            await self.show_again(turn, held, lead=turn.texts("dialogue.nothing_before"))
            return
        await self._steps.go(turn, earlier, step)

    async def cancel(self, turn: Turn, held: Conversation) -> None:
        """End the conversation; nothing was paid for it. A payment that was confirmed before goes on, and that is said."""
        self._services.conversations.stage_end(turn.effects, held)
        recent = await self._services.payments.recent(turn.person.id)
        running = next((view for view in recent if view.state in _RUNNING), None)
        key = "dialogue.cancelled" if running is None else "dialogue.cancelled_this"
        self._say_cancelled(turn, held, turn.texts(key))
        if running is not None:
            turn.say(still_running(turn.texts, running))

    def _say_cancelled(self, turn: Turn, held: Conversation, said: Html) -> None:
        if turn.query_id is not None:
            turn.answer_tap()
            if held.draft.question == REVIEW and held.draft.offer is not None:
                turn.say(journey_of(held).cancelled(turn.texts, held.draft.offer), slot=held.slot)
            else:
                turn.say(note(said), slot=held.slot)
            return
        turn.say(note_with_keyboard(turn.texts, said), slot=held.slot, fresh=True)

    async def show_again(self, turn: Turn, held: Conversation, *, lead: Html | None = None) -> None:
        """The state as it is, as a new message: nothing changes but where it stands in the chat."""
        if self._services.conversations.has_expired(held):
            parts = [] if lead is None else [lead]
            turn.say(
                resume_card(turn.texts, place_of(held), *parts, turn.texts("dialogue.expired")),
                slot=held.slot,
                fresh=True,
            )
            return
        draft = held.draft
        if draft.question == REVIEW:
            card = self._steps.drawer.shown(turn.person, held)
            turn.say(card if lead is None else replace(card, text=f"{lead}\n\n{card.text}"), slot=held.slot, fresh=True)
            return
        if draft.question == CHANGE:
            await self._steps.go(turn, CHANGE, Step(held.form, held, draft.answers, draft.first, lead=lead, fresh=True))
            return
        step = Step(held.form, held, draft.answers, draft.first, lead=lead, changing=draft.changing, fresh=True)
        await self._steps.go(turn, draft.question, step)

    async def tap(self, turn: Turn, tap: DialogueTap) -> None:
        """A button of a conversation: of the present state, or of one that is over."""
        held = await self._services.conversations.of(turn.person.id)
        if held is None or held.id != tap.dialogue or held.revision != tap.revision:
            await self._stale(turn, tap, held)
            return
        if self._services.conversations.has_expired(held) and tap.choice not in ("resume", "cancel"):
            turn.answer_tap("dialogue.tap_expired")
            await self.show_again(turn, held)
            return
        await self._choose(turn, held, tap.choice)

    async def _choose(self, turn: Turn, held: Conversation, choice: str) -> None:
        draft = held.draft
        match choice:
            case "cancel":
                await self.cancel(turn, held)
            case "back":
                await self.back(turn, held)
            case "confirm" if draft.question == REVIEW and (draft.offer is not None or not journey_of(held).priced):
                await self._confirm(turn, held, draft.offer)
            case "refresh" | "confirm" if draft.question == REVIEW:
                await self._steps.go(
                    turn, REVIEW, Step(held.form, held, draft.answers, draft.first, before=draft.offer)
                )
            case "change" if draft.question == REVIEW:
                await self._steps.go(turn, CHANGE, Step(held.form, held, draft.answers, draft.first))
            case "resume" | "keep":
                await self._steps.go_on(turn, held, draft.answers)
            case _ if choice in (str(place) for place in range(len(draft.options))):
                await self._pick(turn, held, draft.options[int(choice)])
            case _:
                turn.answer_tap("dialogue.old_card")
                await self.show_again(turn, held)
        turn.answer_tap()

    async def _pick(self, turn: Turn, held: Conversation, value: Any) -> None:
        draft = held.draft
        if draft.question == CHANGE:
            await self._steps.go(turn, value, Step(held.form, held, draft.answers, draft.first, changing=True))
            return
        question = journey_of(held).form.question(draft.question)
        assert question is not None
        talk = await self._steps.talk(turn, draft.answers)
        await self._take(turn, held, question.name, question.judged(value, talk), talk)

    async def _confirm(self, turn: Turn, held: Conversation, offer: Offer | None) -> None:
        """The yes: only for the very offer that the card shows, and only while it lives."""
        request = self._steps.drawer.request(turn.person, held)
        if self._steps.tell_closed(turn, held.form, *countries_of(request)):
            return
        journey, draft = journey_of(held), held.draft
        beyond = journey.beyond_limits(offer, await self._steps.talk(turn, draft.answers))
        if beyond is not None:  # the limits have changed since the card was drawn
            question, problem = beyond
            await self._steps.ask_anew(turn, question, Step(held.form, held, draft.answers, draft.first), problem)
            return
        here = Step(held.form, held, draft.answers, draft.first, before=offer)
        if await self._steps.tell_withheld(turn, here, request, offer):
            return
        try:
            journey.stage_confirm(
                self._services,
                turn,
                held,
                request,
                offer,
                lambda code: self._steps.drawer.confirmed(turn.person, held, code),
            )
        except StaleOffer:
            turn.answer_tap("dialogue.price_ran_out" if has_price(request) else "send.time_ran_out", alert=True)
            await self._steps.go(turn, REVIEW, here)
            return
        turn.answer_tap(journey.said_at_yes)

    async def _stale(self, turn: Turn, tap: DialogueTap, held: Conversation | None) -> None:
        """A tap on a card of the past: told what became of it, and shown where things stand. Nothing is done."""
        opened = await self._services.payments.by_confirmation(confirm_key(tap.dialogue, tap.revision))
        if opened is not None and opened.customer_id == turn.person.id:
            turn.answer_tap(
                "dialogue.already_done" if opened.state in PAYMENT_TERMINAL else "dialogue.already_processed"
            )
            turn.show_payment(opened, fresh=opened.state in PAYMENT_TERMINAL)
            return
        if held is not None and held.id == tap.dialogue and self._services.conversations.just_moved(held):
            # most likely the second tap of an impatient finger: the next question stands there already
            turn.answer_tap("dialogue.already_noted")
            return
        if held is None and tap.choice == "confirm" and await self._services.requests.just_made(turn.person.id):
            turn.answer_tap("request.already_made")
            return
        turn.answer_tap("dialogue.old_card")
        if held is not None:
            await self.show_again(turn, held)
        else:
            turn.say(note_with_menu(turn.texts, turn.texts("dialogue.nothing_open"), commands=("buy", "status")))

    async def _take(self, turn: Turn, held: Conversation, name: str, found: Answer | Problem, talk: Talk) -> None:
        draft = held.draft
        if isinstance(found, Answer) and name == AMOUNT:
            found = await self._steps.within_day(held.form, found, talk)
        if isinstance(found, Problem):
            step = Step(held.form, held, draft.answers, draft.first, problem=found, changing=draft.changing)
            await self._steps.go(turn, name, step)
            return
        answers = journey_of(held).form.answered(talk, name, found.value)
        if name == "language":
            self._services.customers.stage_profile(turn.effects, turn.person, language=found.value)
            turn = turn.in_language(found.value)
        question = journey_of(held).form.question(name)
        assert question is not None
        here = replace(talk, answers=answers, texts=turn.texts)
        noted = turn.texts(
            "dialogue.noted", what=turn.texts.plain(f"what.{name}"), answer=question.shown(found.value, here)
        )
        await self._steps.go_on(turn, held, answers, noted=noted, counted=name == AMOUNT)

    def _put_aside(self, turn: Turn, old: Conversation) -> None:
        """The card of a conversation that another one replaces loses its buttons."""
        if is_contact_question(old):
            turn.say(note_with_keyboard(turn.texts, turn.texts("dialogue.starting_anew")))
        else:
            turn.say(note(turn.texts("dialogue.put_aside")), slot=old.slot)
