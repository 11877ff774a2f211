"""The card of a customer who asks for a person, drawn when it is sent: what others of the team did meanwhile is on it."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.engine.inquiries import Inquiries
from bot.screens.operators.inquiries import inquiry_card
from bot.screens.texts import catalogue
from bot.telegram.drawing import NoticeFacts, Rendered, Renderer


def with_inquiries(others: Mapping[str, Renderer], inquiries: Inquiries) -> Mapping[str, Renderer]:
    """The renderers of `others`, and that of these cards."""

    async def card(facts: NoticeFacts) -> Rendered | None:
        assert facts.payload is not None
        inquiry = await inquiries.by_id(facts.payload["inquiry"])
        return None if inquiry is None else Rendered(inquiry_card(catalogue(facts.payload["language"]), inquiry))

    return MappingProxyType({**others, "inquiry_card": card})
