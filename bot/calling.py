"""What calls operators, put together: what watches, what tells, how it is drawn, and the topics that it goes to."""

from collections.abc import Callable, Sequence

from telegram.error import TelegramError

from bot.drawing import Renderers
from bot.drawing.alerts import alert_renderers
from bot.engine.clock import Clock
from bot.engine.operators.alert_results import GroupStanding
from bot.engine.operators.alert_rules import AlertRules
from bot.engine.operators.alerting import AlertKind
from bot.engine.operators.audience import Audience
from bot.engine.operators.greeting import DailySummary, Greeter
from bot.engine.operators.overview import Overseeing
from bot.engine.operators.results import Health
from bot.engine.operators.telling import Teller
from bot.engine.operators.vigilance import Vigilance
from bot.engine.operators.watching import CaseWatch, RecordWatch, Watch, Watchman
from bot.engine.operators.watching_provider import BalanceWatch, ForgeryWatch, ProviderWatch
from bot.engine.wakes import Wakes
from bot.engine.workers import Worker
from bot.screens.operators.alerts import title
from bot.screens.texts import catalogue
from bot.settings import Settings
from bot.telegram.application import App
from bot.telegram.topics import Topics
from storage.crypto import Keyring
from storage.database import Database


class Calling:
    """Everything that makes operators come. `provider` and `forgeries` hear what this process does from its start."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        vigilance: Vigilance | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._vigilance = vigilance or Vigilance()
        self._audience = Audience(chat=settings.operators_chat, owners=settings.owner_ids)
        self.provider = ProviderWatch(database, clock, self._vigilance)
        self.forgeries = ForgeryWatch(database, clock, self._vigilance)

    def topics(self, application: App) -> Topics:
        """The topics of the operators' group."""

        async def words(name: str) -> str:
            chat = self._settings.operators_chat or 0
            language = await self._database.read(lambda session: self._audience.language(session, chat))
            return title(catalogue(language), AlertKind(name))

        return Topics(self._database, application.bot, self._clock, words)

    def workers(self, topics: Topics, overseeing: Overseeing, rules: AlertRules) -> Sequence[tuple[str, Worker]]:
        """What watches and tells. Where nobody operates there is nobody to call, and nothing is looked at."""
        settings, made = self._settings, (self._database, self._keyring)
        if settings.operators_chat is None and not settings.owner_ids:
            return []
        watches: list[Watch] = [
            CaseWatch(self._database, self._vigilance),
            RecordWatch(self._database, self._audience, self._vigilance),
            self.provider,
            self.forgeries,
            BalanceWatch(self._database, overseeing, self._vigilance, rules.floors_in),
        ]
        if settings.summary_hour is not None:
            every = self._vigilance.records
            watches.append(DailySummary(*made, self._wakes, self._audience, hour=settings.summary_hour, every=every))

        async def standing(chat_id: int) -> GroupStanding:
            try:
                return await topics.standing(chat_id)
            except TelegramError:  # the line itself is tried again until it is said
                return GroupStanding.PLAIN

        told = (self._clock, self._wakes)
        return [
            ("watchman", Watchman(watches, self._clock)),
            ("alerts", Teller(*made, *told, self._audience, self._vigilance)),
            ("greeting", Greeter(*made, *told, self._audience, standing, self._vigilance.tick)),
        ]

    def renderers(self, overseeing: Overseeing, health: Callable[[], Health], *, reachable: bool) -> Renderers:
        """How it is drawn. `reachable`: the provider has an address to send callbacks to."""
        return alert_renderers(
            self._database,
            overseeing,
            self._clock,
            health=health,
            reachable=reachable,
            signed=bool(self._settings.callback_secrets),
        )
