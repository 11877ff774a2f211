"""A buy conversation, step by step: an answer or a tap comes in, the next question or the review card goes out.

Each step reads the state, asks the form (pure) what follows, and stages the next state with the message that shows it.
The message for a typed answer is new, since the old one has scrolled away; for a tap the card itself changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.engine.conversations import REVIEW, Conversation, Draft, confirm_key
from bot.engine.opening import StaleOffer
from bot.engine.results import BuyOffer, PaymentView
from bot.payments.errors import PaymentError
from bot.payments.limits import check
from bot.payments.lines import BuyLine, LineProblem
from bot.payments.phones import phone_from_e164
from bot.payments.states import PAYMENT_TERMINAL
from bot.screens.foreign import Html
from bot.screens.questions import note, note_with_keyboard, note_with_menu, resume_card
from bot.screens.review import review_cancelled
from bot.screens.screen import Screen
from bot.screens.status import status_card
from bot.screens.taps import DialogueTap
from handlers.dialogue.buy_form import BUY, Filled, from_line, from_request, request_of
from handlers.dialogue.buy_questions import limit_problem
from handlers.dialogue.cards import (
    CHANGE,
    ReviewDrawer,
    change_screen,
    is_contact_question,
    place_of,
    problem_text,
    question_screen,
)
from handlers.dialogue.form import Answer, Problem, SharedContact, Talk
from handlers.services import Services
from handlers.turn import Turn


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a conversation goes next. `held` is None for one that begins."""

    held: Conversation | None
    answers: Mapping[str, Any]
    first: bool
    lead: Html | None = None
    problem: Problem | None = None
    changing: bool = False
    before: BuyOffer | None = None
    fresh: bool = False  # a new message, although a button was tapped: it was one of another message
    keys_gone: bool = False  # the keys of the phone question were put away in this turn


class BuyTalk:
    """The steps of a buy conversation."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._drawer = ReviewDrawer(services.offered)

    async def begin(self, turn: Turn, said: BuyLine | LineProblem | PaymentView | None = None) -> None:
        """Start a purchase, filled in with what a line says or an earlier payment was; an older conversation ends."""
        old = await self._services.conversations.of(turn.person.id)
        if old is not None:
            self._put_aside(turn, old)
        talk = await self._talk(turn, {})
        match said:
            case PaymentView():
                filled = from_request(said.request, talk)
            case None:
                filled = Filled({}, {})
            case _:
                filled = from_line(said, talk)
        question, answers = BUY.go_on(replace(talk, answers=filled.answers))
        problem = filled.problems.get(question)
        remark = filled.problems.get("")
        lead = None if remark is None else problem_text(turn.texts, remark)
        first = turn.person.phone is None or turn.person.name is None
        await self._go(turn, question, _Step(None, answers, first, lead=lead, problem=problem))

    async def answer(self, turn: Turn, held: Conversation, text: str) -> None:
        """A typed answer to the question that is open."""
        question = BUY.question(held.draft.question)
        talk = await self._talk(turn, held.draft.answers)
        if question is None:
            await self.show_again(turn, held, lead=turn.texts("dialogue.use_the_buttons"))
            return
        await self._take(turn, held, question.name, question.read(text, talk), talk)

    async def contact(self, turn: Turn, held: Conversation, contact: SharedContact) -> None:
        """A shared phone number."""
        question = BUY.question(held.draft.question)
        talk = await self._talk(turn, held.draft.answers)
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
        talk = await self._talk(turn, draft.answers)
        step = _Step(held, draft.answers, draft.first, before=None)
        if draft.changing or draft.question == CHANGE:
            question, answers = BUY.go_on(talk)
            await self._go(turn, question, replace(step, answers=answers))
            return
        earlier = BUY.back_from(talk, draft.question)
        if earlier is None:
            await self.show_again(turn, held, lead=turn.texts("dialogue.nothing_before"))
            return
        await self._go(turn, earlier, step)

    async def cancel(self, turn: Turn, held: Conversation) -> None:
        """End the conversation; nothing was paid."""
        self._services.conversations.stage_end(turn.effects, held)
        if turn.query_id is not None:
            turn.answer_tap()
            if held.draft.question == REVIEW and held.draft.offer is not None:
                turn.say(review_cancelled(turn.texts, held.draft.offer), slot=held.slot)
            else:
                turn.say(note(turn.texts("dialogue.cancelled")), slot=held.slot)
            return
        turn.say(note_with_keyboard(turn.texts, turn.texts("dialogue.cancelled")), slot=held.slot, fresh=True)

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
            card = self._drawer.shown(turn.person, held)
            turn.say(card if lead is None else replace(card, text=f"{lead}\n\n{card.text}"), slot=held.slot, fresh=True)
            return
        if draft.question == CHANGE:
            await self._go(turn, CHANGE, _Step(held, draft.answers, draft.first, lead=lead, fresh=True))
            return
        step = _Step(held, draft.answers, draft.first, lead=lead, changing=draft.changing, fresh=True)
        await self._go(turn, draft.question, step)

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
            case "confirm" if draft.question == REVIEW and draft.offer is not None:
                await self._confirm(turn, held, draft.offer)
            case "refresh" | "confirm" if draft.question == REVIEW:
                await self._go(turn, REVIEW, _Step(held, draft.answers, draft.first, before=draft.offer))
            case "change" if draft.question == REVIEW:
                await self._go(turn, CHANGE, _Step(held, draft.answers, draft.first))
            case "resume" | "keep":
                await self._go_on(turn, held, draft.answers)
            case _ if choice in (str(place) for place in range(len(draft.options))):
                await self._pick(turn, held, draft.options[int(choice)])
            case _:
                turn.answer_tap("dialogue.old_card")
                await self.show_again(turn, held)
        turn.answer_tap()

    async def _pick(self, turn: Turn, held: Conversation, value: Any) -> None:
        draft = held.draft
        if draft.question == CHANGE:
            await self._go(turn, value, _Step(held, draft.answers, draft.first, changing=True))
            return
        question = BUY.question(draft.question)
        assert question is not None
        talk = await self._talk(turn, draft.answers)
        await self._take(turn, held, question.name, question.judged(value, talk), talk)

    async def _confirm(self, turn: Turn, held: Conversation, offer: BuyOffer) -> None:
        """The yes: only for the very offer that the card shows, and only while it lives."""
        request = self._drawer.request(turn.person, held)
        try:
            self._services.buying.stage_confirm(
                turn.effects,
                turn.person,
                held,
                request,
                offer,
                agreed=lambda code: self._drawer.confirmed(turn.person, held, code),
            )
        except StaleOffer:
            turn.answer_tap("dialogue.price_ran_out", alert=True)
            await self._go(turn, REVIEW, _Step(held, held.draft.answers, held.draft.first, before=offer))
            return
        turn.answer_tap("dialogue.confirmed")

    async def _stale(self, turn: Turn, tap: DialogueTap, held: Conversation | None) -> None:
        """A tap on a card of the past: told what became of it, and shown where things stand. Nothing is done."""
        opened = await self._services.payments.by_confirmation(confirm_key(tap.dialogue, tap.revision))
        if opened is not None and opened.customer_id == turn.person.id:
            turn.answer_tap(
                "dialogue.already_done" if opened.state in PAYMENT_TERMINAL else "dialogue.already_processed"
            )
            card = status_card(turn.texts, opened, allowed=self._services.links)
            turn.say(card, slot=f"p:{opened.id}", fresh=opened.state in PAYMENT_TERMINAL)
            return
        if held is not None and held.id == tap.dialogue and self._services.conversations.just_moved(held):
            # most likely the second tap of an impatient finger: the next question stands there already
            turn.answer_tap("dialogue.already_noted")
            return
        turn.answer_tap("dialogue.old_card")
        if held is not None:
            await self.show_again(turn, held)
        else:
            turn.say(note_with_menu(turn.texts, turn.texts("dialogue.nothing_open"), commands=("buy", "status")))

    async def _take(self, turn: Turn, held: Conversation, name: str, found: Answer | Problem, talk: Talk) -> None:
        draft = held.draft
        if isinstance(found, Problem):
            step = _Step(held, draft.answers, draft.first, problem=found, changing=draft.changing)
            await self._go(turn, name, step)
            return
        answers = BUY.answered(talk, name, found.value)
        if name == "language":
            self._services.customers.stage_profile(turn.effects, turn.person, language=found.value)
            turn = turn.in_language(found.value)
        question = BUY.question(name)
        assert question is not None
        here = replace(talk, answers=answers, texts=turn.texts)
        noted = turn.texts(
            "dialogue.noted", what=turn.texts.plain(f"what.{name}"), answer=question.shown(found.value, here)
        )
        await self._go_on(turn, held, answers, noted=noted)

    async def _go_on(
        self, turn: Turn, held: Conversation, answers: Mapping[str, Any], *, noted: Html | None = None
    ) -> None:
        """On to the next open question, or to the card."""
        talk = await self._talk(turn, answers)
        question, answers = BUY.go_on(talk)
        if held.draft.first:
            turn = self._learn(turn, answers)
        await self._go(turn, question, _Step(held, answers, held.draft.first, lead=noted))

    async def _go(self, turn: Turn, question: str, step: _Step) -> None:
        """Stage the next state and the message that shows it."""
        if step.held is not None and is_contact_question(step.held) and question != "phone" and not step.keys_gone:
            # the key that shares the number must go, and only a message with other keys can take it away
            turn.say(note_with_keyboard(turn.texts, step.lead or turn.texts("dialogue.going_on")))
            step = replace(step, lead=None, keys_gone=True)
        if question == REVIEW:
            await self._review(turn, step)
            return
        talk = await self._talk(turn, step.answers)
        if question == CHANGE:
            names = tuple(asked.name for asked in BUY.changeable(talk))
            saved = self._saved(turn, step.held, Draft(CHANGE, step.answers, names, first=step.first))
            self._show(turn, saved, change_screen(saved, talk, lead=step.lead), step)
            return
        found = BUY.question(question)
        assert found is not None
        asked = found.ask(talk)
        options = step.problem.options if step.problem is not None and step.problem.options else asked.options
        lead = step.lead if step.problem is None else problem_text(turn.texts, step.problem)
        draft = Draft(
            question,
            step.answers,
            tuple(option.value for option in options),
            changing=step.changing,
            first=step.first,
        )
        saved = self._saved(turn, step.held, draft)
        self._show(turn, saved, question_screen(saved, talk, asked, options, lead=lead), step)

    async def _review(self, turn: Turn, step: _Step) -> None:
        talk = await self._talk(turn, step.answers)
        draft = Draft(REVIEW, step.answers, first=step.first)
        try:
            offer = await self._services.buying.offer(request_of(step.answers, talk))
        except PaymentError as error:
            saved = self._save(turn, step.held, draft)
            self._show(turn, saved, self._drawer.unquoted(turn.person, saved, error), step)
            return
        beyond = check(offer.fiat_amount, self._services.offered.limits)
        if beyond is not None:
            await self._go(turn, "amount", replace(step, problem=limit_problem(beyond, talk), changing=False))
            return
        saved = self._save(turn, step.held, replace(draft, offer=offer))
        self._show(turn, saved, self._drawer.live(turn.person, saved, before=step.before), step)

    def _show(self, turn: Turn, saved: Conversation, screen: Screen, step: _Step) -> None:
        """In place where a card of this conversation was tapped, else as a new message."""
        in_place = turn.query_id is not None and step.held is not None and not step.fresh and screen.keys is None
        turn.say(screen, slot=saved.slot, fresh=not in_place)
        turn.answer_tap()

    def _saved(self, turn: Turn, held: Conversation | None, draft: Draft) -> Conversation:
        """As `_save`; but what stands there already keeps its revision, so that the buttons of its card stay good."""
        if held is not None and held.draft == draft and not self._services.conversations.has_expired(held):
            return held
        return self._save(turn, held, draft)

    def _save(self, turn: Turn, held: Conversation | None, draft: Draft) -> Conversation:
        if held is None:
            return self._services.conversations.stage_start(turn.effects, turn.person.id, BUY.name, draft)
        return self._services.conversations.stage_save(turn.effects, held, draft)

    def _put_aside(self, turn: Turn, old: Conversation) -> None:
        """The card of a conversation that another one replaces loses its buttons."""
        if is_contact_question(old):
            turn.say(note_with_keyboard(turn.texts, turn.texts("dialogue.starting_anew")))
        else:
            turn.say(note(turn.texts("dialogue.put_aside")), slot=old.slot)

    def _learn(self, turn: Turn, answers: Mapping[str, Any]) -> Turn:
        """What somebody new told about their own account is kept for the next time."""
        person = turn.person
        known = replace(
            person,
            country=answers.get("country", person.country),
            network=answers.get("network", person.network),
            name=answers.get("name", person.name),
            phone=person.phone if "phone" not in answers else phone_from_e164(answers["phone"]),
        )
        if known != person:
            self._services.customers.stage_profile(
                turn.effects,
                person,
                country=known.country,
                network=known.network,
                phone=known.phone,
                name=known.name,
            )
        return turn.for_person(known)

    async def _talk(self, turn: Turn, answers: Mapping[str, Any]) -> Talk:
        saved = await self._services.addresses.of(turn.person.id)
        return Talk(answers, turn.person, turn.texts, self._services.offered, saved)
