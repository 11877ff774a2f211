"""The one list of journeys, by the name of their form."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from bot.engine.conversations import Conversation
from bot.engine.results import BuyRequest, PaymentView, Request, SellRequest, SendRequest
from bot.payments.lines import Line, LineProblem
from handlers.dialogue.buy_journey import BuyJourney
from handlers.dialogue.found_errand import FoundErrand
from handlers.dialogue.journey import Journey
from handlers.dialogue.paying_journeys import PayJourney, PushJourney
from handlers.dialogue.record_errands import ChangeNumberErrand, RenameErrand
from handlers.dialogue.request_journey import RequestJourney
from handlers.dialogue.sell_journey import SellJourney
from handlers.dialogue.send_journey import SendJourney

JOURNEYS: Final[Mapping[str, Journey[Any, Any]]] = MappingProxyType(
    {
        journey.form.name: journey
        for journey in (
            *(BuyJourney(), SellJourney(), SendJourney()),
            *(RequestJourney(), PayJourney(), PushJourney()),
            *(FoundErrand(), RenameErrand(), ChangeNumberErrand()),
        )
    }
)


_FORMS: Final[Mapping[type[Request], str]] = MappingProxyType(
    {BuyRequest: "buy", SellRequest: "sell", SendRequest: "send"}
)


def journey_of(conversation: Conversation) -> Journey[Any, Any]:
    """The journey that a conversation is on."""
    return JOURNEYS[conversation.form]


def journey_for(said: Line | LineProblem | PaymentView) -> str:
    """The name of the journey that a line or an earlier payment leads into."""
    match said:
        case PaymentView():
            return _FORMS[type(said.order)]
        case LineProblem():
            return str(said.line.verb)
        case _:
            return str(said.verb)
