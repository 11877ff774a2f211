"""All transactions by kind and reference; every change of a status passes here, is remembered and is announced."""

from dataclasses import dataclass
from typing import TypeVar

from bot.simulator.kotani import payloads
from bot.simulator.kotani.callbacks import Callbacks
from bot.simulator.kotani.core import Core
from bot.simulator.kotani.records import Change, Transaction
from bot.simulator.kotani.refusals import Refused, missing, refused

Kind = TypeVar("Kind", bound=Transaction)


@dataclass(slots=True)
class Creates:
    """How often a reference was asked for, and how often that made a transaction."""

    attempted: int = 0
    accepted: int = 0


class Register:
    """The provider's books. Families: deposit, withdrawal, onramp, offramp, crypto."""

    def __init__(self, core: Core, callbacks: Callbacks) -> None:
        self._core = core
        self.callbacks = callbacks
        self.all: list[Transaction] = []
        self.creates: dict[tuple[str, str], Creates] = {}
        self._latest: dict[tuple[str, str], Transaction] = {}

    def reference(self, family: str, wanted: str | None) -> str:
        """The reference for a new transaction, made up when none is given; refused when it was used before."""
        reference = wanted or self._core.ids.uuid()
        known = self._latest.get((family, reference))
        counted = self.creates.setdefault((family, reference), Creates())
        if wanted is not None:
            counted.attempted += 1
        if known is not None:
            match self._core.settings.duplicate_reference:
                case "refuse":
                    raise refused(f"Duplicate reference: a transaction with reference {reference} already exists")
                case "record":
                    data: dict[str, object] = {
                        "id": known.id, "referenceId": reference, "reference_id": reference, "status": "DUPLICATE",
                        "referenceNumber": known.number, "message": "Duplicate transaction",
                    }  # fmt: skip
                    raise Refused(200, "Duplicate transaction", data)
        return reference

    def add(self, tx: Transaction, cause: str = "created") -> None:
        """Keep a new transaction."""
        self.all.append(tx)
        self._latest[tx.family, tx.reference] = tx
        self.creates.setdefault((tx.family, tx.reference), Creates()).accepted += 1
        self._remember(tx, cause)

    def find(self, kind: type[Kind], reference: str, message: str = "Reference Id not found") -> Kind:
        """The newest transaction of a kind under a reference, or the 404 refusal."""
        tx = self._latest.get((kind.family, reference))
        if not isinstance(tx, kind):
            raise missing(message)
        return tx

    def any(self, reference: str) -> Transaction | None:
        """The newest transaction of any kind under a reference."""
        return next((tx for tx in reversed(self.all) if tx.reference == reference), None)

    def changed(self, tx: Transaction, cause: str) -> None:
        """Note that the statuses of a transaction changed, and tell the integrator."""
        self._remember(tx, cause)
        told = payloads.callback(tx, tx.updated)
        if told is not None:
            self.callbacks.announce(tx.reference, tx.callback_url, *told, final=tx.final())

    def _remember(self, tx: Transaction, cause: str) -> None:
        tx.updated = self._core.clock.now()
        tx.history.append(Change(tx.updated, cause, tx.statuses()))
        self._core.pulse.beat()
