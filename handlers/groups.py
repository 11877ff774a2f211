"""Requests in groups: `/request 500 lunch x10` and `/split 3000 4` post a card that lives. Nothing else is done there.

Who is not known yet is shown the way to the private chat; what cannot be read is answered with an example.
"""

from typing import Final

from telegram import Chat, Update, User
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from bot.engine.effects import Effects, effects
from bot.engine.requests import Posted, own_destination
from bot.payments.coverage import Service
from bot.payments.request_lines import RequestLineProblem, read_request_line
from bot.payments.requests import CardRole, new_request_code
from bot.screens.closed import LONGEST_WORDS
from bot.screens.foreign import escaped
from bot.screens.group_requests import group_problem, group_setup
from bot.screens.questions import note
from bot.screens.screen import Screen
from bot.screens.texts import catalogue
from handlers.requests import maker_name
from handlers.services import Services
from handlers.turn import TurnContext

COMMANDS: Final = frozenset({"request", "split"})
_GROUPS: Final = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})


class Groups:
    """Posts requests in groups."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, update: Update, context: TurnContext) -> None:
        """One command that asks for money in a group."""
        user, chat, message = update.effective_user, update.effective_chat, update.message
        assert user is not None
        assert chat is not None
        assert message is not None
        await self._post(update.update_id, user, chat, message.text or "", effects())
        raise ApplicationHandlerStop

    async def _post(self, update_id: int, user: User, chat: Chat, text: str, staged: Effects) -> None:
        person = await self._services.customers.known(user.id)
        texts = catalogue(user.language_code if person is None else person.language)
        name = self._services.bot_username()
        destination = None if person is None else own_destination(person)
        if person is None or destination is None:
            self._say(staged, update_id, chat, group_setup(texts, called=user.first_name, bot_username=name))
            return
        terms = read_request_line(text, currency=destination.currency, uses=None)
        if isinstance(terms, RequestLineProblem):
            screen = group_problem(texts, called=user.first_name, problem=terms, currency=destination.currency)
            self._say(staged, update_id, chat, screen)
            return
        words = self._services.offered.words_for(Service.REQUEST, person.country, destination.country)
        if words is not None or not self._services.offered.offers(Service.REQUEST):
            said = texts("places.closed_request") if words is None else escaped(words, longest=LONGEST_WORDS)
            self._say(staged, update_id, chat, note(said))
            return
        if not await self._services.requests.may_make(person):
            self._say(staged, update_id, chat, note(texts("request.too_many_today")))
            return
        self._services.requests.stage_make(
            staged,
            person,
            terms,
            destination,
            code=new_request_code(),
            maker=maker_name(person, user.first_name),
            posted=(Posted(chat.id, CardRole.GROUP, person.language),),
        )

    def _say(self, staged: Effects, update_id: int, chat: Chat, screen: Screen) -> None:
        self._services.outbox.say(staged, chat_id=chat.id, screen=screen, dedupe_key=f"u{update_id}:group")


def asks_in_a_group(update: Update, bot_username: str) -> bool:
    """Whether an update is one of the commands that are let through in groups, meant for this bot."""
    chat, message = update.effective_chat, update.message
    if chat is None or chat.type not in _GROUPS or message is None or not (message.text or "").startswith("/"):
        return False
    command, _, named = (message.text or "").split(maxsplit=1)[0].removeprefix("/").partition("@")
    return command.lower() in COMMANDS and named.lower() in ("", bot_username.lower())
