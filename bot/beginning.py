"""What is settled with both sides before work begins: the provider takes our key, and Telegram knows what we offer."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

import structlog

from bot.engine.clock import Clock
from bot.engine.customers import Customers
from bot.engine.operators.results import Role
from bot.engine.operators.roles import Operators
from bot.inspector import home_of_key
from bot.kotani.client import Kotani
from bot.kotani.errors import Forbidden, KotaniError, ServiceNotEnabled, Unauthorised
from bot.payments.coverage import Service
from bot.screens.menu import command_menu
from bot.screens.operators.commands import Listed, operators_menu
from bot.screens.texts import LANGUAGES, catalogue
from bot.settings import Settings, SettingsRefused
from bot.telegram import application as telegram
from bot.telegram.menus import set_menus
from storage.database import Database

_log = structlog.get_logger(__name__)


async def check_ready(settings: Settings, database: Database, kotani: Kotani, clock: Clock) -> None:
    """Raises `SettingsRefused` for a key that is not taken, and in production for what money depends on."""
    if settings.kotani_environment == "production":
        from bot.checks.gate import refuse_unready  # nobody else needs it at a start

        await refuse_unready(settings, database.read, clock=clock)
    await check_key(kotani, home=lambda: home_of_key(settings, database.read))


async def check_key(kotani: Kotani, *, home: Callable[[], Awaitable[str | None]]) -> None:
    """A key that the provider refuses stops the start; a provider that does not answer does not.

    `home` finds out whether the key that is refused belongs to the other environment.
    """
    try:
        await kotani.wallets()
    except ServiceNotEnabled:
        _log.warning("the provider has not enabled wallets for this account: ask it to")
    except (Unauthorised, Forbidden) as error:
        where = await home()
        belongs = (
            f"it belongs to {where}: set KOTANI_ENVIRONMENT={where}, or take a key of the other"
            if where is not None
            else "a key belongs to one environment:"
            " check KOTANI_ENVIRONMENT, KOTANI_BASE_URL and, for a secure key, KOTANI_API_SECRET"
        )
        raise SettingsRefused((f"KOTANI_API_KEY: {kotani} refuses it ({type(error).__name__}); {belongs}",)) from None
    except KotaniError as error:
        _log.warning("the provider does not answer yet; starting all the same", error=type(error).__name__)


async def introduce(application: telegram.App, services: Collection[Service]) -> None:
    """Tell Telegram the commands of what is offered, and what we are, in every language."""
    texts = {None: catalogue("en")} | {language: catalogue(language) for language in LANGUAGES}
    await telegram.introduce(
        application,
        commands={language: command_menu(one, services) for language, one in texts.items()},
        descriptions={
            language: (one.plain("bot.description"), one.plain("bot.short_description"))
            for language, one in texts.items()
        },
    )


async def introduce_operators(
    application: telegram.App,
    people: Iterable[int] | None = None,
    *,
    operators: Operators,
    customers: Customers,
    commands: Callable[[Role], Sequence[Listed]],
    group: int | None,
) -> None:
    """Tell Telegram what these people may do, by their ids; whoever operates no more sees what everybody does.

    Without `people`: all who operate.
    """
    for person in people or [one.telegram_id for one in await operators.team()]:
        operator, known = await operators.of(person), await customers.known(person)
        texts = catalogue(None if known is None else known.language)
        listed = () if operator is None else commands(operator.role)
        private, in_group = (operators_menu(texts, listed, private=here) if listed else () for here in (True, False))
        await set_menus(application, person, group=group, private=private, in_group=in_group)
