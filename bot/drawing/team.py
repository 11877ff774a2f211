"""What is for the team is drawn for the team: nothing of it for the private chat of somebody who was removed since.

Files of payments, cards and outcomes are told where they were asked for, minutes or days later. Whoever asked may be no
operator any more by then, and must not be told of people and their money. The role is read when a notice is drawn.
"""

from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Final

from bot.drawing import Renderers
from bot.engine.operators.results import Role
from bot.engine.operators.roles import Operators
from bot.telegram.drawing import NoticeFacts, Rendered, Renderer

Hears = Callable[[int], Awaitable[bool]]  # whether a chat is one of the team's
Reads = Callable[[int], Awaitable[Role]]  # as what a chat of the team's reads what is drawn for it
_TO_CUSTOMERS: Final = frozenset({"broadcast"})


def team_hears(operators: Operators) -> Hears:
    """Groups, which are only written to when they are the team's, and operators' private chats: these have their ids."""

    async def hears(chat_id: int) -> bool:
        return chat_id < 0 or await operators.of(chat_id) is not None

    return hears


def team_reads(operators: Operators) -> Reads:
    """Groups read as operators do, since all sorts of the team are there; private chats by the role that they have now."""

    async def reads(chat_id: int) -> Role:
        operator = None if chat_id < 0 else await operators.of(chat_id)
        if operator is None:
            return Role.OPERATOR if chat_id < 0 else Role.VIEWER
        return operator.role

    return reads


def for_the_team(hears: Hears, renderers: Renderers) -> Renderers:
    """The same, that draw nothing for anybody else; but for what customers are told."""

    def guarded(render: Renderer) -> Renderer:
        async def render_for_the_team(facts: NoticeFacts) -> Rendered | None:
            return await render(facts) if await hears(facts.chat_id) else None

        return render_for_the_team

    return MappingProxyType(
        {kind: render if kind in _TO_CUSTOMERS else guarded(render) for kind, render in renderers.items()}
    )
