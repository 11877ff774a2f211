"""Asking for money in the private chat: a line, a form, a link that is opened, and the buttons under the cards.

Whose a request is and where it stands is looked up at every tap. The cards themselves are drawn when they are sent, so
they never overtake what became of a request meanwhile.
"""

from typing import Final

from bot.engine.customers import Person
from bot.engine.request_paying import short_name
from bot.engine.requests import Posted, Reminder, own_destination
from bot.payments.request_lines import RequestLineFault, RequestLineProblem, read_request_line
from bot.payments.requests import CardRole, RequestFault, RequestState, RequestView, Terms, new_request_code, why_not
from bot.screens.questions import note_with_keyboard
from bot.screens.requests import request_fault, requests_list
from bot.screens.taps import RequestTap
from handlers.dialogue.form import Problem, Talk
from handlers.dialogue.journey import Filled
from handlers.dialogue.paying_questions import asked_answers
from handlers.dialogue.request_questions import line_problem, terms_answers
from handlers.services import Services
from handlers.talking import NOTHING, FormTalk
from handlers.turn import Turn

LINK: Final = "r_"  # what a link to a request begins with
_REMINDED: Final = {
    Reminder.GOES: "request.reminded",
    Reminder.LATELY: "request.reminded_lately",
    Reminder.NOBODY: "request.nobody_to_remind",
    Reminder.OVER: "request.not_now",
}


class RequestTalk:
    """What makers and payers do with requests."""

    def __init__(self, services: Services, talk: FormTalk) -> None:
        self._services = services
        self._talk = talk

    async def command(self, turn: Turn, said: str) -> None:
        """The maker's requests, or a new one out of the rest of the line."""
        if said:
            await self.line(turn, said)
            return
        views = await self._services.requests.recent(turn.person.id)
        if views:
            turn.say(requests_list(turn.texts, views))
        else:
            await self.form(turn)

    async def split(self, turn: Turn, said: str) -> None:
        """A sum that several people share."""
        await self.line(turn, f"split {said}")

    async def set_up(self, turn: Turn) -> None:
        """Somebody who wanted to ask for money elsewhere: their phone must be known first."""
        if own_destination(turn.person) is None:
            await self._talk.start(turn, "request", Filled({}, {"": Problem("request.setup_first")}))
        else:
            await self.command(turn, "")

    async def form(self, turn: Turn) -> None:
        """Ask for everything, one after the other."""
        await self._talk.start(turn, "request")

    async def line(self, turn: Turn, text: str) -> None:
        """Make a request out of one line; the form asks where it is not complete, or the maker not known yet."""
        destination = own_destination(turn.person)
        if destination is None:
            await self.set_up(turn)
            return
        terms = read_request_line(text, currency=destination.currency)
        if isinstance(terms, RequestLineProblem):
            await self._talk.start(turn, "request", self._refused(turn, terms, destination.country))
            return
        await self.make(turn, terms)

    async def make(self, turn: Turn, terms: Terms) -> None:
        """Make a request whose money goes to the maker's own phone, and show its card."""
        if self._talk.tell_closed(turn, "request"):
            return
        destination = own_destination(turn.person)
        if destination is None or not await self._services.requests.may_make(turn.person):
            key = "request.no_phone_there" if destination is None else "request.too_many_today"
            turn.say(note_with_keyboard(turn.texts, turn.texts(key)))
            return
        self._services.requests.stage_make(
            turn.effects,
            turn.person,
            terms,
            destination,
            code=new_request_code(),
            maker=maker_name(turn.person, turn.called),
        )
        turn.answered()

    async def open(self, turn: Turn, code: str) -> None:
        """A link to a request was opened: it is shown with the ways to pay, or to its maker as their own."""
        view = await self._services.requests.by_code(code)
        if view is None:
            turn.say(request_fault(turn.texts, RequestFault.UNKNOWN))
        else:
            self._show(turn, view)

    async def tap(self, turn: Turn, tap: RequestTap) -> None:
        """A button under a card of a request."""
        view = await self._services.requests.by_code(tap.code)
        if view is None:
            turn.answer_tap()
            turn.say(request_fault(turn.texts, RequestFault.UNKNOWN))
            return
        mine = view.customer_id == turn.person.id
        match tap.action:
            case "show":
                self._show(turn, view)
            case "pay" if mine:
                turn.answer_tap("request.own", alert=True)
            case "pay" if why_not(view, self._services.clock()) is not None:
                self._show(turn, view)
            case "pay":
                await self._talk.start(turn, "pay", Filled(asked_answers(view, called=turn.called)))
            case _ if mine:
                await self._own(turn, view, tap.action)
            case _:
                turn.answer_tap("request.not_now")
        turn.answer_tap()

    async def _own(self, turn: Turn, view: RequestView, action: str) -> None:
        requests, state = self._services.requests, view.state
        match action:
            case "close" if state is not RequestState.CLOSED:
                requests.stage_close(turn.effects, view)
                turn.answer_tap("request.closed_now")
            case "extend" if state in (RequestState.OPEN, RequestState.EXPIRED):
                requests.stage_extend(turn.effects, view)
                turn.answer_tap("request.extended")
            case "more" if state is RequestState.USED_UP:
                requests.stage_extend(turn.effects, view, uses=1)
                turn.answer_tap("request.extended")
            case "clone":
                await self._another(turn, view.terms)
            case "remind":
                found = await requests.reminder(view)
                if found is Reminder.GOES:
                    requests.stage_remind(turn.effects, view)
                turn.answer_tap(_REMINDED[found])
            case "qr":
                requests.stage_share(turn.effects, view)
            case "push" if state is RequestState.OPEN:
                await self._talk.start(turn, "push", Filled(asked_answers(view, called=turn.called)))
            case _:
                turn.answer_tap("request.not_now")

    async def _another(self, turn: Turn, terms: Terms) -> None:
        """The form filled in with the terms of an earlier request: it is made only after a look and a yes."""
        destination = own_destination(turn.person)
        moved = destination is None or terms.currency != destination.currency
        await self._talk.start(turn, "request", NOTHING if moved else Filled(terms_answers(terms)))

    def _show(self, turn: Turn, view: RequestView) -> None:
        mine = view.customer_id == turn.person.id
        role = CardRole.MAKER if mine else CardRole.PAYER
        posted = Posted(turn.person.chat_id, role, turn.person.language)
        self._services.requests.stage_post(turn.effects, view, posted)
        turn.answered()

    def _refused(self, turn: Turn, problem: RequestLineProblem, country: str) -> Filled:
        """The form, with what was wrong with the line said at the question for the amount."""
        talk = Talk({"country": country}, turn.person, turn.texts, self._services.offered)
        if problem.fault is RequestLineFault.NO_AMOUNT:
            return Filled()
        return Filled({}, {"request_amount": line_problem(problem, talk)})


def maker_name(person: Person, called: str) -> str:
    """What payers are told the maker is called: short, and what the maker typed or goes by."""
    return short_name(person.name) if person.name else called
