"""The workers of one process, built from its parts: those that look after money, and those that talk with people."""

from collections.abc import Callable, Sequence

from bot.chat import Parts, build_house
from bot.drawing import Renderers, together
from bot.drawing.bulk import bulk_renderers
from bot.drawing.operators import operator_renderers
from bot.drawing.orders import order_renderers
from bot.drawing.owners import owner_renderers
from bot.drawing.payments import payment_renderers
from bot.drawing.reconciliations import reconciliation_renderers
from bot.drawing.requests import with_requests
from bot.drawing.team import for_the_team, team_hears, team_reads
from bot.drawing.words import word_renderers
from bot.engine.advancing import Advancer
from bot.engine.applying import CallbackApplier
from bot.engine.operators.bulk_running import BulkRunner
from bot.engine.operators.expiring import OrderClock
from bot.engine.operators.moving import Mover
from bot.engine.reconciler import Reconciler
from bot.engine.renewing import Renewer
from bot.engine.request_keeping import RequestKeeper
from bot.engine.settling import Settler
from bot.engine.submitting import Submitter
from bot.engine.workers import Worker
from bot.kotani.client import Kotani
from bot.payments.schedule import Patience
from bot.screens.gate import sorry
from bot.screens.links import LinkCheck
from bot.screens.screen import Screen
from bot.screens.texts import catalogue
from bot.telegram.application import App
from bot.telegram.handling import InboxWorker
from bot.telegram.pacing import Pace
from bot.telegram.sending import Sender
from bot.telegram.topics import Topics
from handlers.dialogue.cards import ReviewDrawer
from handlers.operators.services import DeskServices
from handlers.services import Services

Crew = Sequence[tuple[str, Worker]]


def money_workers(
    parts: Parts,
    kotani: Kotani,
    desk: DeskServices,
    *,
    patience: Patience,
    links: LinkCheck,
    owner: str,
    callback_url: str | None,
) -> Crew:
    """What moves payments on, and what looks after the books. `callback_url`: where the provider reaches us, if it does.

    `links` says which pages a customer may be sent to for paying; `owner` is this process's name on its leases.
    """
    database, keyring, clock, wakes = parts.database, parts.keyring, parts.clock, parts.wakes
    environment, hour = parts.settings.kotani_environment, parts.settings.reconcile_at
    settler = Settler(keyring, patience, link_allowed=links)
    submitter = Submitter(kotani, keyring, patience, callback_url=callback_url)
    alone_since = clock() if database.dialect == "sqlite" else None
    legs = Advancer(
        database,
        kotani,
        settler,
        submitter,
        patience,
        clock,
        wakes,
        environment=environment,
        owner=owner,
        alone_since=alone_since,
    )
    transfers = Mover(
        database,
        kotani,
        keyring,
        desk.books,
        patience,
        clock,
        wakes,
        environment=environment,
        owner=owner,
        alone_since=alone_since,
    )
    requests = RequestKeeper(
        database, kotani, keyring, clock, wakes, environment=environment, owner=owner, callback_url=callback_url
    )
    reconciler = Reconciler(
        database,
        kotani,
        keyring,
        clock,
        wakes,
        environment=environment,
        owner=owner,
        hour=hour,
        calls=not parts.settings.is_demo,  # its wallets are filled by nobody, and its books begin with each run
    )
    return [
        ("legs", legs),
        ("callbacks", CallbackApplier(database, keyring, settler, clock, wakes)),
        ("requests", requests),
        ("orders", OrderClock(database, keyring, clock, wakes, environment=environment)),
        ("transfers", transfers),
        ("bulk", BulkRunner(database, keyring, clock, wakes, build_house(parts))),
        ("reconciliations", reconciler),
    ]


def talking_workers(
    parts: Parts,
    application: App,
    services: Services,
    desk: DeskServices,
    calling: Renderers,
    *,
    topics: Topics,
    pace: Pace | None,
    links: LinkCheck,
    owner: str,
) -> Crew:
    """What hears people and says things to them. `calling` draws what operators are called with."""
    made, heard = (parts.database, parts.keyring), (parts.clock, parts.wakes)
    drawn = _renderers(parts, services, desk, calling, links, lambda: application.bot.username)
    review = ReviewDrawer(services.offered)
    return [
        ("updates", InboxWorker(*made, application, parts.outbox, _sorry, *heard, owner=owner)),
        ("notices", Sender(*made, application, drawn, *heard, owner=owner, pace=pace, topics=topics)),
        ("quotes", Renewer(*made, services.conversations, services.verbs, parts.outbox, review, *heard)),
        ("broadcasts", desk.broadcasts),
    ]


def _renderers(
    parts: Parts,
    services: Services,
    desk: DeskServices,
    calling: Renderers,
    links: LinkCheck,
    bot_username: Callable[[], str],
) -> Renderers:
    """How every kind of notice is drawn."""
    hears, reads = team_hears(desk.operators), team_reads(desk.operators)
    team = together(
        word_renderers(desk.inquiries, desk.broadcasts, parts.clock, reads),
        order_renderers(desk.approvals, desk.transferring, desk.operators, services.customers),
        operator_renderers(desk.inspecting, desk.exporting),
        owner_renderers(desk.operators, services.customers),
        bulk_renderers(desk.bulk.looking, reads),
        reconciliation_renderers(desk.reconciling, reads),
        calling,
    )
    drawn = together(
        payment_renderers(parts.payments, links, parts.clock, hears=hears, reads=reads, names=parts.operators.names),
        for_the_team(hears, team),
    )
    return with_requests(drawn, parts.requests, parts.payments, parts.clock, links=links, bot_username=bot_username)


def _sorry(_chat_id: int, language: str | None) -> Screen:
    return sorry(catalogue(language))
