"""People and places that a customer sends money to: remembered from payments, or saved by hand, and found again.

Names are the customer's own words, since the provider confirms none. What is said of a recipient ("paid 3 times, last on
12 October") is counted when payments arrive, never when they are begun. A customer sees and changes their own alone: every
query names the customer beside the record.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.payments.identifiers import new_id
from bot.payments.parties import Destination, Way
from storage import recipients as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import LostRace
from storage.recipient_tables import Recipient

DETAILS: Final = "recipient.details"
NAME: Final = "recipient.name"
_MOST: Final = 50
_SEARCHED: Final = 500
_FOUND: Final = 10
_ALIKE: Final = 80  # of 100: "wanjiku" finds "Wanjiru", "mary" does not find "Martin"


@dataclass(frozen=True, slots=True, repr=False)
class KnownRecipient:
    """A recipient as the customer knows them.

    `name` is what the customer calls them: what they renamed them to, else the name they typed for the account. `uses`
    counts the payments that arrived there, `last_used_at` is the time of the last one; None when there was none.
    """

    id: str
    name: str
    destination: Destination
    uses: int
    last_used_at: datetime | None
    saved: bool

    def __repr__(self) -> str:
        return f"KnownRecipient({self.id})"


class Recipients:
    """Reads a customer's recipients and stages what becomes of them."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def of(self, customer_id: str, *, limit: int = _MOST) -> tuple[KnownRecipient, ...]:
        """Saved and remembered recipients, the last paid first."""
        rows = await self._database.read(lambda session: queries.recipients_of(session, customer_id, limit=limit))
        return tuple(self._known(row) for row in rows)

    async def by_id(self, customer_id: str, recipient_id: str) -> KnownRecipient | None:
        """One of this customer's recipients; None for a forgotten one, and for somebody else's."""
        row = await self._database.read(lambda session: queries.recipient_by_id(session, customer_id, recipient_id))
        return None if row is None else self._known(row)

    async def known(self, customer_id: str, destination: Destination) -> KnownRecipient | None:
        """What this customer's record says about a place; None for a new one."""
        digest = digest_of(self._keyring, destination)
        row = await self._database.read(lambda session: queries.recipient_by_digest(session, customer_id, digest))
        return None if row is None else self._known(row)

    async def search(self, customer_id: str, words: str) -> tuple[KnownRecipient, ...]:
        """This customer's recipients whose name is like `words`, the likest first; of equal ones the last paid first."""
        from rapidfuzz import utils

        wanted = utils.default_process(words)
        if not wanted:
            return ()
        known = await self.of(customer_id, limit=_SEARCHED)
        scored = [(max(_likeness(wanted, name) for name in _names(one)), one) for one in known]
        # sorting is stable, so the order of use decides among equals
        found = sorted((pair for pair in scored if pair[0] >= _ALIKE), key=lambda pair: -pair[0])
        return tuple(one for _, one in found[:_FOUND])

    async def stage_save(self, effects: Effects, customer_id: str, destination: Destination) -> str:
        """Keep a place for good; its id. One that is known already becomes a saved one."""
        known = await self.known(customer_id, destination)
        now = self._clock()
        if known is not None:
            values = {"saved": True}
            effects.add(lambda session: _must(queries.change_recipient(session, customer_id, known.id, values, now)))
            return known.id
        row = _row(self._keyring, customer_id, destination, now) | {"saved": True}
        effects.add(lambda session: _must(queries.add_recipient(session, row)))
        return str(row["id"])

    def stage_rename(self, effects: Effects, customer_id: str, recipient_id: str, name: str) -> None:
        """Call a recipient otherwise; the name on their account stays as it was typed. A named one is a saved one."""
        now = self._clock()
        values = {"name_sealed": self._keyring.seal(name, context=NAME), "saved": True}
        effects.add(lambda session: _ignore(queries.change_recipient(session, customer_id, recipient_id, values, now)))

    def stage_change(self, effects: Effects, customer_id: str, recipient_id: str, destination: Destination) -> None:
        """Give a recipient another number. Nothing was ever paid to that one, so counting begins anew.

        The new place must not be another recipient's of this customer: ask `known` first. `LostRace` if it is by now.
        """
        now = self._clock()
        values = _place(self._keyring, destination) | {"saved": True, "uses": 0, "last_used_at": None}
        digest = str(values["digest"])

        def change(session: Session) -> None:
            taken = queries.recipient_by_digest(session, customer_id, digest)
            if taken is not None and taken.id != recipient_id:
                raise LostRace
            queries.change_recipient(session, customer_id, recipient_id, values, now)

        effects.add(change)

    def stage_delete(self, effects: Effects, customer_id: str, recipient_id: str) -> None:
        """Forget a recipient, and how often they were paid."""
        effects.add(lambda session: _ignore(queries.delete_recipient(session, customer_id, recipient_id)))

    def _known(self, row: Recipient) -> KnownRecipient:
        destination = Destination.from_json(self._keyring.open_json(row.details_sealed, context=DETAILS))
        named = None if row.name_sealed is None else self._keyring.open(row.name_sealed, context=NAME)
        return KnownRecipient(row.id, named or destination.name, destination, row.uses, row.last_used_at, row.saved)


def remember_recipient(
    session: Session, keyring: Keyring, customer_id: str, destination: Destination, now: datetime
) -> None:
    """Keep the place that a payment was just confirmed for, in the caller's transaction. It is not counted as paid yet.

    What was typed this time (network, name on the account) takes the place of what was known. The customer's own phone
    is part of their profile and no recipient.
    """
    if _is_own_phone(destination):
        return
    row = _row(keyring, customer_id, destination, now)
    if not queries.add_recipient(session, row):
        place = _place(keyring, destination)
        queries.change_by_digest(session, customer_id, str(place["digest"]), place, now)


def count_use(session: Session, keyring: Keyring, customer_id: str, destination: Destination, now: datetime) -> None:
    """Count a payment that arrived, in the transaction that completes it. A recipient deleted meanwhile stays deleted."""
    if not _is_own_phone(destination):
        queries.count_use(session, customer_id, digest_of(keyring, destination), now)


def digest_of(keyring: Keyring, destination: Destination) -> str:
    """By what a place is found again."""
    return keyring.digest(destination.identity, context=DETAILS)


def _row(keyring: Keyring, customer_id: str, destination: Destination, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "customer_id": customer_id,
        **_place(keyring, destination),
        "saved": False,
        "uses": 0,
        "created_at": now,
        "updated_at": now,
    }


def _place(keyring: Keyring, destination: Destination) -> dict[str, Any]:
    return {
        "way": str(destination.way),
        "country": destination.country,
        "currency": destination.currency,
        "network": destination.network,
        "details_sealed": keyring.seal_json(destination.to_json(), context=DETAILS),
        "digest": digest_of(keyring, destination),
    }


def _is_own_phone(destination: Destination) -> bool:
    return destination.own and destination.way is Way.PHONE


def _names(known: KnownRecipient) -> tuple[str, ...]:
    return (known.name,) if known.name == known.destination.name else (known.name, known.destination.name)


def _likeness(wanted: str, name: str) -> float:
    """How well the words that were typed fit a name, by the worst of them: a beginning of a word, or all but a slip."""
    from rapidfuzz import fuzz, utils  # three megabytes, for the first search

    parts = utils.default_process(name).split()
    return min(
        max((100.0 if part.startswith(word) else fuzz.ratio(word, part) for part in parts), default=0.0)
        for word in wanted.split()
    )


def _must(done: bool) -> None:
    if not done:
        raise LostRace


def _ignore(_done: bool) -> None:
    """What is gone by now needs no more change."""
