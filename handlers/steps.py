"""Taking a step in a conversation: the next state is staged together with the message that shows it.

The message for a typed answer is new, since the old one has scrolled away; for a tap the card itself changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.engine.conversations import REVIEW, Conversation, Draft
from bot.engine.results import BuyOffer, Offer, Request, SellOffer, SendOffer
from bot.payments.allowances import Allowance, FeeChanged
from bot.payments.coverage import Service
from bot.payments.errors import PaymentError
from bot.payments.limits import LimitProblem
from bot.payments.phones import phone_from_e164
from bot.payments.states import PaymentKind
from bot.screens.closed import not_offered
from bot.screens.foreign import Html
from bot.screens.questions import note, note_with_keyboard, note_with_menu
from bot.screens.screen import Screen
from handlers.dialogue.allowed import (
    AMOUNT,
    COUNTED,
    amount_problem,
    counted_amount,
    is_used_up,
    left_line,
    place_of_day,
    too_much,
    withheld,
    within,
    without_amount,
)
from handlers.dialogue.cards import (
    CHANGE,
    ReviewDrawer,
    change_screen,
    is_contact_question,
    problem_text,
    question_screen,
)
from handlers.dialogue.errand import Errand
from handlers.dialogue.form import Answer, Problem, Talk
from handlers.dialogue.journeys import JOURNEYS
from handlers.services import Services
from handlers.turn import Turn

_OF_REQUESTS: Final = frozenset({"pay", "push"})  # forms that do something with a request


@dataclass(frozen=True, slots=True)
class Step:
    """Where a conversation on a journey of this name goes next. `held` is None for one that begins."""

    form: str
    held: Conversation | None
    answers: Mapping[str, Any]
    first: bool
    lead: Html | None = None
    problem: Problem | None = None
    changing: bool = False
    before: Offer | None = None
    fresh: bool = False  # a new message, although a button was tapped: it was one of another message
    keys_gone: bool = False  # the keys of the phone question were put away in this turn
    fee_anew: bool = False  # offered once more in this turn, since our fee has changed
    counted: bool = False  # the amount was held against the day in this turn


class Steps:
    """The way from one state of a conversation to the next."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.drawer = ReviewDrawer(services.offered)

    def tell_closed(self, turn: Turn, form: str, *countries: str) -> bool:
        """Say so where what a form is for is not offered now; whether it was said. What was answered is kept.

        `countries` are those that money would come from or go to, beside the customer's own.
        """
        offered = self._services.offered
        service = Service.REQUEST if form in _OF_REQUESTS else Service(form) if form in tuple(Service) else None
        if service is None:
            return False
        words = offered.words_for(service, turn.person.country, *countries)
        if words is None and offered.offers(service):
            return False
        turn.answer_tap()
        turn.say(not_offered(turn.texts, "pay" if form in _OF_REQUESTS else service, offered.services, words=words))
        return True

    async def tell_used_up(self, turn: Turn, form: str) -> bool:
        """Say so where nothing is left of the day for what a form is for; whether it was said."""
        talk = Talk({"country": turn.person.country}, turn.person, turn.texts, self._services.offered)
        # what a sale counts for is known by where it goes
        day = None if form == "sell" else await self._day(form, talk)
        if day is None or not is_used_up(day, talk):
            return False
        turn.answer_tap()
        turn.say(note_with_menu(turn.texts, left_line(day, talk), commands=("status", "help")))
        return True

    async def within_day(self, form: str, found: Answer, talk: Talk) -> Answer | Problem:
        """An amount as it was answered, or why it is beyond what is left of the day."""
        return await self._beyond_day(form, replace(talk, answers={**talk.answers, AMOUNT: found.value})) or found

    async def ask_anew(self, turn: Turn, question: str, step: Step, problem: Problem) -> None:
        """Back to a question whose answer cannot stay as it is; an amount that is too much is not offered to be kept."""
        answers = without_amount(step.answers) if question == AMOUNT else step.answers
        await self.go(turn, question, replace(step, answers=answers, problem=problem, before=None, changing=False))

    async def tell_withheld(self, turn: Turn, step: Step, request: Request, offer: object) -> bool:
        """Say so where an offer may not be confirmed now, with the question that may help; whether it was said."""
        allowances = self._services.allowances
        if allowances is None or not isinstance(offer, BuyOffer | SellOffer | SendOffer):
            return False
        refusal = await allowances.refusal(turn.person, request, offer)
        if refusal is None:
            return False
        talk = await self.talk(turn, step.answers)
        if isinstance(refusal, FeeChanged) and not step.fee_anew:
            await allowances.refresh()
            turn.answer_tap("limit.fee_changed", alert=True)
            await self.go(turn, REVIEW, replace(step, before=offer, fee_anew=True))
        elif isinstance(refusal, LimitProblem | Allowance) and AMOUNT in step.answers:
            await self.ask_anew(turn, AMOUNT, step, amount_problem(refusal, talk))
        else:
            self._show_unquoted(turn, step, withheld(refusal, talk))
        return True

    async def _day(self, form: str, talk: Talk) -> Allowance | None:
        """What is left of the day for this form; None where no limit bears on it."""
        allowances, place = self._services.allowances, place_of_day(form, talk)
        if allowances is None or form not in COUNTED or place is None:
            return None
        return await allowances.left(talk.person, *place)

    async def _beyond_day(self, form: str, talk: Talk, before: Talk | None = None) -> Problem | None:
        """Why the amount is beyond what is left of the day, told as soon as it, and what it counts for, are known.

        None where it is not, or cannot be known yet, or is as it was `before`. The card and the yes look once more.
        """
        known = counted_amount(form, talk)
        if known is None or (before is not None and counted_amount(form, before) == known):
            return None
        day = await self._day(form, talk)
        if day is None:
            return None
        amount, _, currency = known
        try:
            worth = await self._services.verbs.worth(PaymentKind(form), amount, currency)
        except PaymentError:
            return None  # the card asks for a price anew, and says why there is none
        return too_much(worth, day, talk)

    async def go_on(
        self,
        turn: Turn,
        held: Conversation,
        answers: Mapping[str, Any],
        *,
        noted: Html | None = None,
        counted: bool = False,
    ) -> None:
        """On to the next open question, or to the card. `counted`: the amount was just held against the day."""
        talk = await self.talk(turn, answers)
        question, answers = JOURNEYS[held.form].form.go_on(talk)
        if held.draft.first:
            turn = self._learn(turn, answers)
        await self.go(turn, question, Step(held.form, held, answers, held.draft.first, lead=noted, counted=counted))

    async def go(self, turn: Turn, question: str, step: Step) -> None:
        """Stage the next state and the message that shows it."""
        if self.tell_closed(turn, step.form):
            return
        if question not in (AMOUNT, CHANGE, REVIEW) and not step.counted and AMOUNT in step.answers:
            talk = await self.talk(turn, step.answers)
            before = None if step.held is None else replace(talk, answers=step.held.draft.answers)
            beyond = await self._beyond_day(step.form, talk, before)
            if beyond is not None:
                await self.ask_anew(turn, AMOUNT, replace(step, lead=None), beyond)
                return
        if step.held is not None and is_contact_question(step.held) and question != "phone" and not step.keys_gone:
            # the key that shares the number must go, and only a message with other keys can take it away
            turn.say(note_with_keyboard(turn.texts, step.lead or turn.texts("dialogue.going_on")))
            step = replace(step, lead=None, keys_gone=True)
        if question == REVIEW:
            journey = JOURNEYS[step.form]
            await (self._finish(turn, step, journey) if isinstance(journey, Errand) else self._review(turn, step))
            return
        talk, form = await self.talk(turn, step.answers), JOURNEYS[step.form].form
        if question == CHANGE:
            names = tuple(asked.name for asked in form.changeable(talk))
            saved = self._saved(turn, step, Draft(CHANGE, step.answers, names, first=step.first))
            self._show(turn, saved, change_screen(saved, talk, lead=step.lead), step)
            return
        found = form.question(question)
        assert found is not None
        asked = found.ask(talk)
        lead = step.lead if step.problem is None else problem_text(turn.texts, step.problem)
        day = await self._day(step.form, talk) if question == AMOUNT else None
        if day is not None:
            asked = replace(asked, options=within(asked.options, day))
            if step.problem is None:
                lead = Html("\n\n".join(part for part in (lead, left_line(day, talk)) if part))
        options = step.problem.options if step.problem is not None and step.problem.options else asked.options
        draft = Draft(
            question,
            step.answers,
            tuple(option.value for option in options),
            changing=step.changing,
            first=step.first,
        )
        saved = self._saved(turn, step, draft)
        self._show(turn, saved, question_screen(saved, talk, asked, options, lead=lead), step)

    async def _review(self, turn: Turn, step: Step) -> None:
        talk, journey = await self.talk(turn, step.answers), JOURNEYS[step.form]
        draft = Draft(REVIEW, step.answers, first=step.first)
        request = journey.request_of(step.answers, talk)
        try:
            offer = await journey.offer(self._services, request)
        except PaymentError as error:
            self._show_unquoted(turn, step, error)
            return
        beyond = journey.beyond_limits(offer, talk)
        if beyond is not None:
            question, problem = beyond
            await self.ask_anew(turn, question, step, problem)
            return
        if await self.tell_withheld(turn, step, request, offer):
            return
        saved = self._save(turn, step, replace(draft, offer=offer))
        self._show(turn, saved, self.drawer.live(turn.person, saved, before=step.before), step)

    async def _finish(self, turn: Turn, step: Step, errand: Errand) -> None:
        """An errand is done: its conversation ends, its question becomes a note, and what came of it is shown below."""
        done = await errand.finish(self._services, turn, step.answers, await self.talk(turn, step.answers))
        if step.held is not None:
            self._services.conversations.stage_end(turn.effects, step.held)
        turn.say(note(done.said), slot=None if step.held is None else step.held.slot)
        turn.answer_tap()
        if done.card is not None:
            turn.say(done.card, slot=done.slot, fresh=True)
        if done.form is not None:
            talk = await self.talk(turn, done.filled.answers)
            question, answers = JOURNEYS[done.form].form.go_on(talk)
            problem = done.filled.problems.get(question)
            await self.go(turn, question, Step(done.form, None, answers, step.first, problem=problem, fresh=True))

    def _show_unquoted(self, turn: Turn, step: Step, error: PaymentError) -> None:
        """The card without a price, and why; who had asked to look again reads it also over the chat."""
        held = step.held
        saved = self._save(turn, step, Draft(REVIEW, step.answers, first=step.first))
        if held is not None and held.draft.question == REVIEW and held.draft.offer is None:
            key, values = self.drawer.why_unquoted(turn.texts, error)
            turn.answer_tap(key, alert=True, **values)
        self._show(turn, saved, self.drawer.unquoted(turn.person, saved, error), step)

    def _show(self, turn: Turn, saved: Conversation, screen: Screen, step: Step) -> None:
        """In place where a card of this conversation was tapped, else as a new message.

        A tap that leads back to the question it stood at says why over the chat as well: the card may look as it did.
        """
        problem, held = step.problem, step.held
        if problem is not None and held is not None and held.draft.question == saved.draft.question:
            turn.answer_tap(problem.key, alert=True, **problem.values)
        in_place = turn.query_id is not None and step.held is not None and not step.fresh and screen.keys is None
        turn.say(screen, slot=saved.slot, fresh=not in_place)
        turn.answer_tap()

    def _saved(self, turn: Turn, step: Step, draft: Draft) -> Conversation:
        """As `_save`; but what stands there already keeps its revision, so that the buttons of its card stay good."""
        held = step.held
        if held is not None and held.draft == draft and not self._services.conversations.has_expired(held):
            return held
        return self._save(turn, step, draft)

    def _save(self, turn: Turn, step: Step, draft: Draft) -> Conversation:
        if step.held is None:
            return self._services.conversations.stage_start(turn.effects, turn.person.id, step.form, draft)
        return self._services.conversations.stage_save(turn.effects, step.held, draft)

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

    async def talk(self, turn: Turn, answers: Mapping[str, Any]) -> Talk:
        """What questions may look at, with the addresses and the people that the customer used before."""
        saved = await self._services.addresses.of(turn.person.id)
        recipients = await self._services.recipients.of(turn.person.id)
        offered = self._services.offered
        return Talk(answers, turn.person, turn.texts, offered, saved, recipients, offered.banks)
