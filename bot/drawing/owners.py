"""What owners hear of each other, drawn when it is sent: in the language of each, with the names that are known by then."""

from types import MappingProxyType

from bot.drawing import Renderers
from bot.engine.customers import Customers
from bot.engine.operators.owners_hear import NOTICE
from bot.engine.operators.results import Role
from bot.engine.operators.roles import Operators
from bot.screens.operators.owners import decided_screen
from bot.screens.texts import catalogue
from bot.telegram.drawing import NoticeFacts, Rendered


def owner_renderers(operators: Operators, customers: Customers) -> Renderers:
    """The renderer of these notices: nothing for somebody who is no owner any more."""

    async def decided(facts: NoticeFacts) -> Rendered | None:
        hears = await operators.of(facts.chat_id)
        if facts.payload is None or hears is None or hears.role is not Role.OWNER:
            return None
        act = await operators.action(str(facts.payload["action"]))
        person = await customers.known(facts.chat_id)
        texts = catalogue(None if person is None else person.language)
        return None if act is None else Rendered(decided_screen(texts, act, await operators.names()))

    return MappingProxyType({NOTICE: decided})
