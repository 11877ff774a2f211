"""What customers and the team tell each other, drawn when it is sent: cards of those who ask for a person, broadcasts.

So what others of the team did meanwhile is on a card, and a broadcast that was cancelled is not told to whoever is left.
"""

from types import MappingProxyType

from bot.drawing import Renderers
from bot.drawing.team import Reads
from bot.engine.clock import Clock
from bot.engine.inquiries import Inquiries
from bot.engine.operators.broadcasting import STALE, Broadcasts
from bot.engine.operators.word_results import Broadcast
from bot.screens.broadcast import broadcast_message
from bot.screens.operators.broadcasts import broadcast_card, broadcast_result
from bot.screens.operators.inquiries import inquiry_card
from bot.screens.texts import catalogue
from bot.telegram.drawing import NoticeFacts, Rendered


def word_renderers(inquiries: Inquiries, broadcasts: Broadcasts, clock: Clock, reads: Reads) -> Renderers:
    """The renderers of these kinds. `reads` says as what a chat of the team's reads them."""

    async def card(facts: NoticeFacts) -> Rendered | None:
        assert facts.payload is not None
        inquiry = await inquiries.by_id(facts.payload["inquiry"])
        if inquiry is None:
            return None
        return Rendered(inquiry_card(catalogue(facts.payload["language"]), inquiry, await reads(facts.chat_id)))

    async def told(facts: NoticeFacts) -> Broadcast | None:
        assert facts.payload is not None
        return await broadcasts.by_id(facts.payload["broadcast"])

    async def broadcast(facts: NoticeFacts) -> Rendered | None:
        """Nothing once it was cancelled, or is old news: to somebody who had blocked us and is back."""
        words = await broadcasts.words(facts.payload["broadcast"]) if facts.payload is not None else None
        if words is None or clock() - facts.created_at > STALE:
            return None
        return Rendered(broadcast_message(words))

    async def progress(facts: NoticeFacts) -> Rendered | None:
        one = await told(facts)
        return None if one is None else Rendered(broadcast_card(catalogue(one.language), one))

    async def result(facts: NoticeFacts) -> Rendered | None:
        one = await told(facts)
        return None if one is None else Rendered(broadcast_result(catalogue(one.language), one))

    return MappingProxyType(
        {"inquiry_card": card, "broadcast": broadcast, "broadcast_card": progress, "broadcast_result": result}
    )
