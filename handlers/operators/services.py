"""What the operators' handlers work with. Built once, in `bot.chat`."""

from dataclasses import dataclass

from bot.engine.books import Books
from bot.engine.inquiries import Inquiries
from bot.engine.operators.alert_rules import AlertRules
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.attention import Attention
from bot.engine.operators.broadcasting import Broadcasts
from bot.engine.operators.bulk import Bulk
from bot.engine.operators.checking import Checking
from bot.engine.operators.customers import Clientele
from bot.engine.operators.exporting import Exporting
from bot.engine.operators.inspecting import Inspecting
from bot.engine.operators.mending import Mending
from bot.engine.operators.overview import Overseeing
from bot.engine.operators.pausing import Pauses
from bot.engine.operators.paying_out import PayingOut
from bot.engine.operators.reconciling import Reconciling
from bot.engine.operators.roles import Operators
from bot.engine.operators.tariffs import Tariffs
from bot.engine.operators.transferring import Transferring


@dataclass(frozen=True, slots=True)
class DeskServices:
    """Every use case of operators. `chat` is the id of the one group in which they may work, if there is one."""

    operators: Operators
    overseeing: Overseeing
    inspecting: Inspecting
    clientele: Clientele
    attention: Attention
    pauses: Pauses
    exporting: Exporting
    books: Books
    reconciling: Reconciling
    tariffs: Tariffs
    approvals: Approvals
    transferring: Transferring
    mending: Mending
    paying_out: PayingOut
    bulk: Bulk
    inquiries: Inquiries
    broadcasts: Broadcasts
    alerts: AlertRules
    chat: int | None = None
    checking: Checking | None = None
