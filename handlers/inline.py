"""Inline mode: our name and a few words in any chat offer a request to post there. Typing makes nothing; choosing does.

The name of each result carries the code that the request will have, so that the button of a posted card leads somewhere
from its first second. What was typed comes back with the choice and is read again by the same rules.
"""

from typing import Final

from telegram import Update, User
from telegram.ext import ApplicationHandlerStop

from bot.engine.customers import Person
from bot.engine.effects import effects
from bot.engine.requests import own_destination
from bot.payments.coverage import Service
from bot.payments.parties import Destination
from bot.payments.request_lines import RequestLineFault, RequestLineProblem, read_request_line
from bot.payments.requests import Terms, new_request_code
from bot.screens.inline import InlineAnswer, inline_help, inline_setup, request_results
from bot.screens.requests import request_link
from bot.screens.texts import Texts, catalogue
from handlers.flood import Verdict
from handlers.requests import maker_name
from handlers.services import Services
from handlers.turn import TurnContext

_ONCE: Final = "o"
_MANY: Final = "m"
_USES: Final[dict[str, int | None]] = {_ONCE: 1, _MANY: None}


class Inline:
    """Offers requests while somebody types, and makes the one that is chosen."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def query(self, update: Update, context: TurnContext) -> None:
        """Somebody types; they always get something to look at. Strangers leave no trace."""
        query = update.inline_query
        assert query is not None
        if self._services.flood.judge(query.from_user.id, self._services.clock()) is Verdict.PASS:
            person = await self._services.customers.known(query.from_user.id)
            answer = self._answer(query.from_user, person, query.query)
            self._services.inline.answer(effects(), query.id, answer)
        raise ApplicationHandlerStop

    async def chosen(self, update: Update, context: TurnContext) -> None:
        """A result was posted: now the request is made, and its card there lives."""
        chosen = update.chosen_inline_result
        assert chosen is not None
        variant, _, code = chosen.result_id.partition(".")
        person = await self._services.customers.known(chosen.from_user.id)
        destination = None if person is None else own_destination(person)
        if person is None or destination is None or variant not in _USES or not code:
            raise ApplicationHandlerStop
        terms = read_request_line(chosen.query, currency=destination.currency, uses=_USES[variant])
        if isinstance(terms, Terms) and await self._services.requests.may_make(person):
            requests = self._services.requests
            place = chosen.inline_message_id
            requests.stage_make(
                effects(),
                person,
                terms,
                destination,
                code=code,
                maker=maker_name(person, chosen.from_user.first_name),
                posted=() if place is None else (requests.inline(place, person.language),),
            )
        raise ApplicationHandlerStop

    def _answer(self, user: User, person: Person | None, text: str) -> InlineAnswer:
        texts, name = (
            catalogue(user.language_code if person is None else person.language),
            self._services.bot_username(),
        )
        destination = None if person is None else own_destination(person)
        if person is None or destination is None or not self._services.offered.offers(Service.REQUEST):
            return inline_setup(texts, bot_username=name)
        once = read_request_line(text, currency=destination.currency, uses=1)
        many = read_request_line(text, currency=destination.currency, uses=None)
        if isinstance(once, RequestLineProblem) or isinstance(many, RequestLineProblem):
            return self._help(texts, once, destination)
        maker = maker_name(person, user.first_name)
        variants = ((_ONCE, once),) if once == many else ((_ONCE, once), (_MANY, many))
        drafts = []
        for variant, terms in variants:
            code = new_request_code()
            draft = self._services.requests.draft(person, terms, destination, code=code, maker=maker)
            drafts.append((f"{variant}.{code}", draft))
        return request_results(texts, drafts, link_of=request_link(name, ""))

    def _help(self, texts: Texts, found: Terms | RequestLineProblem, destination: Destination) -> InlineAnswer:
        nothing = isinstance(found, Terms) or found.fault is RequestLineFault.NO_AMOUNT
        problem = None if nothing else found
        assert problem is None or isinstance(problem, RequestLineProblem)
        name = self._services.bot_username()
        return inline_help(texts, bot_username=name, problem=problem, currency=destination.currency)
