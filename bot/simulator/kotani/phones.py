"""The customer's side: prompts on virtual phones, hosted checkouts, and magic numbers that answer by themselves.

Kotani docs, sandbox scenarios: only the last nine digits of a number count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.simulator.kotani.core import Core


class Choice(StrEnum):
    """What became of a prompt."""

    APPROVED = "approved"
    CANCELLED = "cancelled"
    INSUFFICIENT = "insufficient_funds"
    WRONG_PIN = "wrong_pin"
    EXPIRED = "expired"


Answered = Callable[[Choice], None]

MAGIC = (
    ("700000001", Choice.APPROVED, 5.0),
    ("700000010", Choice.INSUFFICIENT, 1.0),
    ("700000013", Choice.CANCELLED, 1.0),
    ("700000020", None, 0.0),
    ("700000021", Choice.APPROVED, 60.0),
)


def magic(phone: str) -> tuple[Choice | None, float] | None:
    """What a magic number does and after how many seconds; a choice of `None` means never. `None` for other numbers."""
    return next(((choice, delay) for ending, choice, delay in MAGIC if phone.endswith(ending)), None)


@dataclass(slots=True)
class Prompt:
    """A payment request that waits on a phone (or, with `checkout`, on a hosted page) for its owner."""

    id: str
    reference: str
    kind: str
    phone: str
    amount: Decimal
    currency: str
    text: str
    opened: datetime
    expires: datetime | None
    answered: Answered
    checkout: bool = False
    return_url: str | None = None
    automatic: bool = False
    ignored: bool = False
    state: str = "waiting"


class Phones:
    """All prompts and checkouts, by id."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.prompts: dict[str, Prompt] = {}

    def ask(self, phone: str, amount: Decimal, currency: str, reference: str, kind: str, answered: Answered) -> Prompt:
        """Put a prompt on a phone; `answered` is called once, when it is decided or has expired."""
        text = f"Pay {currency} {amount:f} to KOTANI PAY? Enter your PIN to confirm."
        prompt = self._open(Prompt(
            self._core.ids.short(), reference, kind, phone, amount, currency, text, self._core.clock.now(), None,
            answered
        ))  # fmt: skip
        settings = self._core.settings
        by_itself = magic(phone) if settings.environment == "sandbox" else None
        if by_itself is None and settings.auto_approve:
            by_itself = (Choice.APPROVED, settings.auto_approve_delay)
        if by_itself is None:
            self._expire(prompt, settings.prompt_ttl)
            return prompt
        prompt.automatic = True
        choice, delay = by_itself
        if choice is not None:
            self._core.clock.after(delay, lambda: self._decide(prompt, choice))
        return prompt

    def checkout(
        self,
        phone: str,
        amount: Decimal,
        currency: str,
        reference: str,
        kind: str,
        answered: Answered,
        return_url: str | None,
    ) -> Prompt:
        """Open a hosted page on which the payer presses Pay or Decline."""
        prompt = self._open(Prompt(
            self._core.ids.short(), reference, kind, phone, amount, currency, f"Pay {currency} {amount:f}",
            self._core.clock.now(), None, answered, checkout=True, return_url=return_url,
        ))  # fmt: skip
        self._expire(prompt, self._core.settings.checkout_ttl)
        return prompt

    def find(self, name: str) -> Prompt | None:
        """A prompt by its id, or the newest one of a reference."""
        if name in self.prompts:
            return self.prompts[name]
        return next((prompt for prompt in reversed(self.prompts.values()) if prompt.reference == name), None)

    def waiting(self, phone: str | None = None) -> list[Prompt]:
        """Prompts on which somebody can still decide, oldest first."""
        return [
            prompt
            for prompt in self.prompts.values()
            if prompt.state == "waiting" and not prompt.checkout and phone in (None, prompt.phone)
        ]

    def decide(self, name: str, choice: Choice) -> bool:
        """Answer a prompt by id or reference; false when there is none or it was decided before."""
        prompt = self.find(name)
        return prompt is not None and self._decide(prompt, choice)

    def ignore(self, name: str) -> bool:
        """Leave a prompt lying until it expires; false when there is none that waits."""
        return self._lay(name, ignored=True)

    def reopen(self, name: str) -> bool:
        """Look at a prompt again that was left lying; false when there is none that waits."""
        return self._lay(name, ignored=False)

    def _lay(self, name: str, *, ignored: bool) -> bool:
        prompt = self.find(name)
        if prompt is None or prompt.state != "waiting":
            return False
        prompt.ignored = ignored
        self._core.pulse.beat()
        return True

    def _open(self, prompt: Prompt) -> Prompt:
        self.prompts[prompt.id] = prompt
        self._core.pulse.beat()
        return prompt

    def _expire(self, prompt: Prompt, ttl: float) -> None:
        prompt.expires = self._core.clock.now() + timedelta(seconds=ttl)
        self._core.clock.after(ttl, lambda: self._decide(prompt, Choice.EXPIRED))

    def _decide(self, prompt: Prompt, choice: Choice) -> bool:
        if prompt.state != "waiting":
            return False
        prompt.state = choice
        prompt.answered(choice)
        self._core.pulse.beat()
        return True
