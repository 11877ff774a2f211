"""What the provider's books must show after every journey, whatever happened in it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

Transaction = Mapping[str, Any]
_IN = ("deposit", "onramp")


def faults_of(books: Mapping[str, Any], own: Collection[str] = ()) -> list[str]:
    """What is wrong: an order that was taken twice, or money that went out before any had come in.

    `own`: the references of payouts of the house's own money, for which nobody pays in.
    """
    twice = [f"{one['family']} {one['reference']}" for one in books["creates"] if one["accepted"] > 1]
    return [f"taken twice: {one}" for one in twice] + _paid_ahead(
        [one for one in books["transactions"] if one["reference"] not in own]
    )


def _paid_ahead(transactions: Sequence[Transaction]) -> list[str]:
    """Payouts for which nobody had paid when they were made. A payout that failed leaves its money for another one."""
    collected = sorted(when for one in transactions if (when := _came_in(one)) is not None)
    payouts = sorted(
        (one for one in transactions if one["family"] == "withdrawal"), key=lambda one: str(one["created"])
    )
    found: list[str] = []
    for number, payout in enumerate(payouts):
        at = str(payout["created"])
        spent = sum(_failed(earlier) is None or str(_failed(earlier)) > at for earlier in payouts[:number])
        if spent >= sum(when <= at for when in collected):
            found.append(f"paid out before money came in: {payout['reference']}")
    return found


def _came_in(one: Transaction) -> str | None:
    """When the payer's money arrived."""
    name = "depositStatus" if one["family"] == "onramp" else "status"
    return _moment(one, name, ("SUCCESSFUL", "SUCCESS")) if one["family"] in _IN else None


def _failed(payout: Transaction) -> str | None:
    return _moment(payout, "status", ("FAILED", "REVERSED"))


def _moment(one: Transaction, name: str, words: Sequence[str]) -> str | None:
    return next((str(entry["at"]) for entry in one["history"] if entry.get(name) in words), None)
