"""What handlers work with: use cases, and settings of the conversation. Built once, in `bot.app`."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.engine.addresses import Addresses
from bot.engine.allowances import Allowances
from bot.engine.clock import Clock
from bot.engine.conversations import Conversations
from bot.engine.customers import Customers
from bot.engine.documents import Documents
from bot.engine.inquiries import Inquiries
from bot.engine.looking import Payments
from bot.engine.outbox import Outbox
from bot.engine.photographs import Photographs
from bot.engine.recipients import Recipients
from bot.engine.request_paying import Paying
from bot.engine.requests import Requests
from bot.engine.verbs import Verbs
from handlers.dialogue.form import Offered
from handlers.flood import Flood
from handlers.operators.services import DeskServices
from handlers.turn import Eraser, InlineAnswers, TapAnswers


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler may call. `bot_username` is asked late: it is known once Telegram has told it."""

    customers: Customers
    conversations: Conversations
    addresses: Addresses
    recipients: Recipients
    verbs: Verbs
    requests: Requests
    paying: Paying
    payments: Payments
    outbox: Outbox
    taps: TapAnswers
    inline: InlineAnswers
    eraser: Eraser
    photographs: Photographs
    documents: Documents
    flood: Flood
    clock: Clock
    bot_username: Callable[[], str]
    offered: Offered = field(default_factory=Offered)
    support: str | None = None
    desk: DeskServices | None = None  # what operators work with; None: there are none
    allowances: Allowances | None = None  # None: no limits but those of one payment
    inquiries: Inquiries | None = None  # None: there is no person to talk to
