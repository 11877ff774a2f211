"""How a payer's answer becomes statuses: the part that deposits and onramps have in common."""

from collections.abc import Callable
from decimal import Decimal

from bot.simulator.kotani.core import Core
from bot.simulator.kotani.phones import Choice, Phones, Prompt
from bot.simulator.kotani.records import Failure, Transaction

Move = Callable[[str, Failure | None], None]

WHY = {
    Choice.CANCELLED: Failure("Request cancelled by user", "CUSTOMER_CANCELLED"),
    Choice.INSUFFICIENT: Failure("Insufficient funds in the customer's account", "INSUFFICIENT_FUNDS"),
    Choice.WRONG_PIN: Failure("The initiator information is invalid", "WRONG_PIN"),
    Choice.EXPIRED: Failure("The payment request expired", "EXPIRED"),
}


class Collector:
    """Asks the payer and reports what comes of it through `move(status, failure)`."""

    def __init__(self, core: Core, phones: Phones) -> None:
        self._core = core
        self._phones = phones

    def by_phone(self, tx: Transaction, phone: str, amount: Decimal, currency: str, move: Move) -> Prompt:
        """Put a prompt on the payer's phone."""
        self._core.clock.after(self._core.settings.initiate_delay, lambda: move("INITIATED", None))
        return self._phones.ask(phone, amount, currency, tx.reference, tx.family, lambda choice: self._on(choice, move))

    def by_checkout(
        self, tx: Transaction, phone: str, amount: Decimal, currency: str, move: Move, return_url: str | None = None
    ) -> Prompt:
        """Open a hosted page; its path is `/checkout/{id}`."""
        answered: Callable[[Choice], None] = lambda choice: self._on(choice, move)  # noqa: E731
        return self._phones.checkout(phone, amount, currency, tx.reference, tx.family, answered, return_url)

    def _on(self, choice: Choice, move: Move) -> None:
        if choice is Choice.APPROVED:
            move("IN_PROGRESS", None)
            self._core.clock.after(self._core.settings.settle_delay, lambda: move("SUCCESSFUL", None))
        else:
            move("EXPIRED" if choice is Choice.EXPIRED else "FAILED", WHY[choice])
