"""The notices of orders: their cards and their ends, drawn as they stand when they are sent, in the language of the chat.

Transfers between our balances tell their outcome here as well.
"""

from types import MappingProxyType

from bot.drawing import Renderers
from bot.drawing.team import team_reads
from bot.engine.customers import Customers
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.order_results import Order, OrderState
from bot.engine.operators.roles import Operators
from bot.engine.operators.transferring import Transferring
from bot.screens.operators.orders import order_card, order_news
from bot.screens.operators.transfers import transfer_news
from bot.screens.texts import Texts, catalogue
from bot.telegram.drawing import NoticeFacts, Rendered


def order_renderers(
    approvals: Approvals, transferring: Transferring, operators: Operators, customers: Customers
) -> Renderers:
    """The renderers of orders and transfers."""
    reads = team_reads(operators)

    async def card(facts: NoticeFacts) -> Rendered | None:
        order = await _order(facts)
        if order is None:
            return None
        texts, names = await _texts(facts.chat_id, order), await operators.names()
        role = await reads(facts.chat_id)
        return Rendered(order_card(texts, order, names, chat_id=facts.chat_id, role=role))

    async def end(facts: NoticeFacts) -> Rendered | None:
        order = await _order(facts)
        if order is None or order.state is OrderState.PROPOSED:
            return None
        texts, role = await _texts(facts.chat_id, order), await reads(facts.chat_id)
        return Rendered(order_news(texts, order, await operators.names(), role))

    async def transfer(facts: NoticeFacts) -> Rendered | None:
        found = None if facts.payload is None else await transferring.transfer(str(facts.payload["transfer"]))
        if found is None:
            return None
        order = await approvals.order(found.order_id)
        screen = None if order is None else transfer_news(await _texts(facts.chat_id, order), found)
        return None if screen is None else Rendered(screen)

    async def _order(facts: NoticeFacts) -> Order | None:
        return None if facts.payload is None else await approvals.order(str(facts.payload["order"]))

    async def _texts(chat_id: int, order: Order) -> Texts:
        """A group has no language of its own: it reads that of whoever asked."""
        person = await customers.known(chat_id if chat_id > 0 else order.asked_by)
        return catalogue(None if person is None else person.language)

    return MappingProxyType({"operator_order": card, "operator_order_end": end, "operator_transfer": transfer})
