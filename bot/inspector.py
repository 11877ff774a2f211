"""The checks of the installation as a running assistant makes them. They are loaded when somebody asks for the first."""

from typing import TYPE_CHECKING

from bot.engine.clock import Clock
from bot.engine.operators.check_results import Finding
from bot.settings import Settings
from storage.database import Database

if TYPE_CHECKING:
    from bot.checks.ground import Look


class Inspector:
    """`callbacks_to` tells where the provider sends callbacks, `address` where our web server listens here."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        address: str,
        callbacks_to: str | None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._address = address
        self._callbacks_to = callbacks_to

    @property
    def webhook_url(self) -> str | None:
        """Where callbacks would be sent; None where nothing can be set."""
        if self._callbacks_to is None or self._settings.kotani_webhook_secret is None:
            return None
        return f"{self._callbacks_to}/webhook"

    async def check(self) -> tuple[Finding, ...]:
        """What every check found."""
        from bot.checks.ground import prepared
        from bot.checks.walk import walk

        async with prepared(self._settings, self._database.read, clock=self._clock, address=self._address) as ground:
            return await walk(ground)

    async def set_webhook(self) -> Finding:
        """Tell the provider where callbacks go, and the secret that signs them."""
        from bot.checks.callbacks import set_webhook
        from bot.checks.ground import prepared

        async with prepared(self._settings, self._database.read, clock=self._clock, address=self._address) as ground:
            return await set_webhook(ground)


async def home_of_key(settings: Settings, look: "Look") -> str | None:
    """The environment that takes the key which the configured one refuses, if that is the other one."""
    from bot.checks.account import belongs_to
    from bot.checks.ground import prepared

    async with prepared(settings, look) as ground:
        return await belongs_to(ground)
