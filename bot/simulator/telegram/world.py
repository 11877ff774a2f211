"""The emulated Telegram as one object: a bot, people who write to it, and what tests and the demo may do to them.

Everything lives in memory. What people do stands in `people.py`; the control interface and tests in the same process
call the same methods.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime

from bot.simulator.clock import WorldClock
from bot.simulator.faults import Faults, Rule
from bot.simulator.living import Living
from bot.simulator.pulse import Pulse
from bot.simulator.telegram.chats import Chats
from bot.simulator.telegram.files import Files
from bot.simulator.telegram.inline import Inline
from bot.simulator.telegram.limits import Limiter
from bot.simulator.telegram.params import Json
from bot.simulator.telegram.people import People
from bot.simulator.telegram.profile import Profile
from bot.simulator.telegram.records import Message
from bot.simulator.telegram.settings import Settings, apply
from bot.simulator.telegram.shapes import to_people
from bot.simulator.telegram.taps import Taps
from bot.simulator.telegram.updates import Updates
from bot.simulator.telegram.webhook import Webhook


@dataclass(slots=True)
class Call:
    """One call of the Bot API, exactly as it came. `code` is `None` while it is open and when it got no answer."""

    at: datetime
    method: str
    chat: int | None
    params: Json
    files: dict[str, bytes] = field(default_factory=dict)
    code: int | None = None
    description: str = ""
    result: object = None
    fault: str | None = None

    @property
    def ok(self) -> bool:
        return self.code == 200


class TelegramWorld(Living):
    """A Telegram of its own with one bot; time passes and webhooks are called between `start()` and `stop()`."""

    def __init__(self, *, settings: Settings | None = None, clock: WorldClock | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.clock = clock or WorldClock()
        self.pulse = Pulse()
        self.chats = Chats(self.clock, self.pulse)
        self.updates = Updates(self.clock, self.settings, self.pulse)
        self.webhook = Webhook(self.clock, self.settings, self.updates, self.pulse)
        self.taps = Taps(self.clock, self.settings, self.chats)
        self.files = Files()
        self.profile = Profile()
        self.limiter = Limiter(self.settings)
        self.faults = Faults()
        self.people = People(self.chats, self.updates, self.taps, self.files, self.settings, self.me)
        self.inline = Inline(self.clock, self.settings, self.updates, self.people, self.chats)
        self.calls: list[Call] = []
        self.polls = 0

    # time

    def _work(self) -> tuple[Coroutine[object, object, None], ...]:
        return self.clock.run(), self.webhook.run(), self._wake_webhook()

    async def _wake_webhook(self) -> None:
        while True:
            self.webhook.wake()
            await self.pulse.next()

    def configure(self, **changes: object) -> None:
        """Change settings by name; see `Settings`. Raises `ValueError` for unknown names and wrong values."""
        apply(self.settings, changes)

    def inject(self, rule: Rule) -> Rule:
        """Put a fault in force. A rule's `operation` is a method, its `reference` a chat id."""
        return self.faults.add(rule)

    # what can be asked

    def me(self) -> Json:
        """The bot as the Bot API's User."""
        number = self.settings.token.partition(":")[0]
        return {
            "id": int(number), "is_bot": True, "first_name": self.profile.texts.get(("name", "")) or self.settings.name,
            "username": self.settings.username,
        }  # fmt: skip

    def called(self, method: str, chat: int | None = None) -> list[Call]:
        """The calls of a method, oldest first; those to one chat when it is given."""
        wanted = method.lower()
        return [call for call in self.calls if call.method.lower() == wanted and chat in (None, call.chat)]

    def messages(self, chat: int, *, by_bot: bool | None = None) -> list[Message]:
        """The messages of a chat that are not deleted, oldest first; only the bot's, or only people's, when wanted."""
        return [
            message
            for message in self.chats.all[chat].messages.values()
            if not message.deleted and by_bot in (None, message.sender is None)
        ]

    def seen(self, message: Message) -> Json:
        """A message as people see it: `html`, `plain`, `buttons`, `photo`, `edits`, `rings`."""
        return to_people(message, str(self.me()["first_name"]))

    async def until(self, fact: Callable[[], bool], within: float = 20.0) -> None:
        """Wait until something is so; raises `TimeoutError` after `within` real seconds."""
        if not await self.pulse.until(fact, within):
            raise TimeoutError("the emulated Telegram did not come to that")

    async def next_message(
        self, chat: int, *, after: int = 0, containing: str = "", edited: bool | None = None, within: float = 20.0
    ) -> Message:
        """The bot's first message in a chat that is newer than revision `after`, waited for.

        `edited` true waits for an edit, false for a new message. Raises `TimeoutError` after `within` real seconds.
        """
        found: list[Message] = []

        def there() -> bool:
            news = [one for one in self.messages(chat, by_bot=True) if one.revision > after]
            found[:] = [one for one in news if containing in one.content.text and edited in (None, one.edits > 0)]
            return bool(found)

        await self.until(there, within)
        return min(found, key=lambda one: one.revision)
