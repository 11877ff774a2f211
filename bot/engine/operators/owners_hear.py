"""What owners hear of each other: who operates, what is charged and allowed, and what is said to everybody is no secret.

One owner alone can decide these things, so the others are told at once, each in their private chat, by notices that are
written with the record of the act. An owner whose account somebody else holds is found out that way.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.engine.outbox import NOTICE_PAYLOAD, notice_row
from bot.payments.pauses import MAINTENANCE
from storage.crypto import Keyring

NOTICE: Final = "operator_decided"  # the kind of its notices
_HEARD: Final = frozenset({"join", "role", "remove", "limit", "fee", "broadcast"})
_CLOSING: Final = frozenset({"pause", "resume"})


def is_heard(action: str, target: str | None) -> bool:
    """Whether the other owners hear of this."""
    return action in _HEARD or (action in _CLOSING and target == f"pause:{MAINTENANCE}")


def hearing_rows(keyring: Keyring, act: Mapping[str, Any], owners: Iterable[int]) -> list[dict[str, Any]]:
    """The notices of an act, by its row of the record: for every owner but whoever did it, and whom it was done to."""
    return [
        notice_row(
            chat_id=owner,  # a private chat has the id of its person
            kind=NOTICE,
            dedupe_key=f"decided:{act['id']}:{owner}",
            payload_sealed=keyring.seal_json({"action": act["id"]}, context=NOTICE_PAYLOAD),
            now=act["at"],
        )
        for owner in sorted(owners)
        if owner != act["operator"] and act["target"] != f"operator:{owner}"
    ]
