"""What the handlers work with, built from the parts of one process: every use case that people can reach."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.engine.addresses import Addresses
from bot.engine.allowances import Allowances
from bot.engine.books import Books
from bot.engine.buying import Buying
from bot.engine.clock import Clock
from bot.engine.conversations import Conversations
from bot.engine.customers import Customers
from bot.engine.house import House
from bot.engine.inquiries import Inquiries
from bot.engine.looking import Payments
from bot.engine.operators.alert_rules import AlertRules
from bot.engine.operators.approvals import Approvals
from bot.engine.operators.attention import Attention
from bot.engine.operators.audience import Audience
from bot.engine.operators.broadcasting import Broadcasts
from bot.engine.operators.bulk import Bulk
from bot.engine.operators.bulk_looking import BulkLooking
from bot.engine.operators.checking import Checking, Chore, Inspector
from bot.engine.operators.customers import Clientele
from bot.engine.operators.exporting import Exporting
from bot.engine.operators.inspecting import Inspecting
from bot.engine.operators.mender import Mender
from bot.engine.operators.mending import ARRIVED, REFUND, RETRY, Mending
from bot.engine.operators.overview import Overseeing
from bot.engine.operators.pausing import Pauses
from bot.engine.operators.paying_out import PayingOut
from bot.engine.operators.reconciling import Reconciling
from bot.engine.operators.results import Health
from bot.engine.operators.roles import Operators
from bot.engine.operators.tariffs import Tariffs
from bot.engine.operators.transferring import KIND as TRANSFER
from bot.engine.operators.transferring import Transferring
from bot.engine.outbox import Outbox
from bot.engine.quotes import Quotes
from bot.engine.recipients import Recipients
from bot.engine.request_paying import Paying
from bot.engine.requests import Requests
from bot.engine.sale_quotes import SaleQuotes
from bot.engine.selling import Selling
from bot.engine.send_quotes import SendQuotes
from bot.engine.sending import Sending
from bot.engine.verbs import Verbs
from bot.engine.wakes import Wakes
from bot.kotani.client import Kotani
from bot.payments.coverage import Coverage
from bot.screens.requests import request_fault
from bot.screens.texts import catalogue
from bot.settings import Settings
from bot.telegram.application import App
from bot.telegram.documents import DocumentFetcher
from bot.telegram.erasing import MessageEraser
from bot.telegram.inline import InlineAnswers
from bot.telegram.photographs import PhotographReader
from bot.telegram.taps import TapAnswers
from handlers.dialogue.form import Offered
from handlers.flood import Flood
from handlers.operators.services import DeskServices
from handlers.services import Services
from storage.crypto import Keyring
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """What use cases are made of."""

    settings: Settings
    database: Database
    keyring: Keyring
    clock: Clock
    wakes: Wakes
    outbox: Outbox
    payments: Payments
    requests: Requests
    pauses: Pauses
    operators: Operators
    tariffs: Tariffs
    health: Callable[[], Health]
    inspector: Inspector
    begin: Chore


def build_services(
    parts: Parts, kotani: Kotani, application: App, *, coverage: Callable[[], Coverage], desk: DeskServices
) -> Services:
    """The use cases, and the ways to answer that only Telegram has. `coverage` is what is served now."""
    settings, database, keyring, clock = parts.settings, parts.database, parts.keyring, parts.clock
    environment = settings.kotani_environment
    yes = (parts.outbox, keyring, clock, parts.wakes)
    allowances = Allowances(database, keyring, clock, parts.tariffs)
    quotes = SendQuotes(kotani, clock, parts.tariffs.fees)
    sending = Sending(quotes, *yes, environment=environment, allowances=allowances)
    return Services(
        customers=Customers(database, keyring, clock),
        conversations=Conversations(database, keyring, clock),
        addresses=Addresses(database, keyring),
        recipients=Recipients(database, keyring, clock),
        verbs=Verbs(
            Buying(Quotes(kotani, clock), *yes, environment=environment, allowances=allowances),
            Selling(SaleQuotes(kotani, clock), *yes, environment=environment, allowances=allowances),
            sending,
        ),
        requests=parts.requests,
        paying=Paying(
            sending,
            database,
            *yes,
            environment=environment,
            refused=lambda person, fault: request_fault(catalogue(person.language), fault),
            allowances=allowances,
        ),
        payments=parts.payments,
        outbox=parts.outbox,
        taps=TapAnswers(lambda: application.bot),
        inline=InlineAnswers(lambda: application.bot),
        eraser=MessageEraser(lambda: application.bot),
        photographs=PhotographReader(lambda: application.bot),
        documents=DocumentFetcher(lambda: application.bot),
        flood=Flood(),
        clock=clock,
        bot_username=lambda: application.bot.username,
        offered=Offered(limits=parts.tariffs.limits, coverage=coverage),
        allowances=allowances,
        support=settings.support_contact,
        desk=desk,
        inquiries=desk.inquiries,
    )


def build_house(parts: Parts) -> House:
    """What opens payments of the house, rows of files at the pace that is set."""
    return House(
        parts.keyring,
        parts.clock,
        parts.wakes,
        environment=parts.settings.kotani_environment,
        batch_pace=parts.settings.bulk_pace,
    )


def build_desk(parts: Parts, kotani: Kotani, *, coverage: Callable[[], Coverage]) -> DeskServices:
    """The use cases of operators. `coverage` is what the provider serves now, whether we closed it to customers or not."""
    database, keyring, clock, operators = parts.database, parts.keyring, parts.clock, parts.operators
    environment = parts.settings.kotani_environment
    approvals = Approvals(
        *(database, keyring, clock, operators, parts.settings.approval),
        chat=parts.settings.operators_chat,
        environment=environment,
    )
    house = build_house(parts)
    transferring = Transferring(database, kotani, clock, parts.wakes, environment=environment)
    approvals.register(TRANSFER, transferring)
    mending = Mending(database, keyring, kotani, operators, approvals, clock, parts.wakes, coverage=coverage)
    mender = Mender(database, keyring, kotani, mending, clock, parts.wakes)
    approvals.register(RETRY, mender)
    approvals.register(REFUND, mender)
    approvals.register(ARRIVED, mender)
    books = Books(database, keyring, clock, environment=environment)
    alerts = AlertRules(database, clock, operators, floors=parts.settings.balance_floors)
    return DeskServices(
        operators=operators,
        overseeing=Overseeing(
            database,
            kotani,
            clock,
            environment=environment,
            health=parts.health,
            pauses=parts.pauses.now,
            floors=alerts.floors_in,
        ),
        inspecting=Inspecting(database, keyring, clock, parts.wakes, parts.payments, operators),
        clientele=Clientele(database, keyring, clock, operators, parts.payments, coverage=coverage),
        attention=Attention(database, clock, operators, parts.payments, parts.outbox),
        pauses=parts.pauses,
        exporting=Exporting(database, clock, operators, environment=environment),
        books=books,
        reconciling=Reconciling(database, clock, operators, books, parts.wakes, environment=environment),
        tariffs=parts.tariffs,
        approvals=approvals,
        transferring=transferring,
        mending=mending,
        paying_out=PayingOut(
            *(database, kotani, keyring, clock, parts.wakes, parts.payments, operators, approvals, house),
            coverage=coverage,
        ),
        bulk=Bulk(
            database,
            keyring,
            clock,
            parts.wakes,
            operators,
            approvals,
            BulkLooking(database, keyring, clock, kotani, environment=environment),
            coverage=coverage,
            limits=lambda: parts.tariffs.limits,
        ),
        inquiries=Inquiries(
            database,
            keyring,
            clock,
            operators,
            parts.outbox,
            Audience(chat=parts.settings.operators_chat, owners=parts.settings.owner_ids),
            heard=parts.settings.operators_chat is not None or bool(parts.settings.owner_ids),
        ),
        alerts=alerts,
        broadcasts=Broadcasts(database, keyring, clock, parts.wakes, operators),
        chat=parts.settings.operators_chat,
        checking=Checking(
            database,
            operators,
            parts.outbox,
            clock,
            parts.wakes,
            inspector=parts.inspector,
            begin=parts.begin,
        ),
    )
