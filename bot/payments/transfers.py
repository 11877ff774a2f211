"""What became of a transfer between our two balances: judged from what they held before and after, since it cannot be asked.

The provider gives a transfer no reference (Kotani docs, transfer deposit balance), so the balances are the only witnesses;
and other money moves beside it: collections fill the deposit balance, payouts empty the payout balance. Nothing is guessed:
what the balances do not prove is unknown, and a person looks.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.payments.bookkeeping import exact

WATCHED_FOR: Final = timedelta(minutes=3)  # how long balances may take to show it


class Answer(StrEnum):
    """What came of the one call."""

    ACCEPTED = "accepted"  # the provider says that it is done
    REFUSED = "refused"  # by an answer of its own: nothing was done
    NOT_SENT = "not_sent"  # the request provably never left
    LOST = "lost"  # it may have been carried out


class Verdict(StrEnum):
    """What the balances say."""

    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"
    LOOK_AGAIN = "look_again"


@dataclass(frozen=True, slots=True)
class Held:
    """What the two balances held at one moment."""

    deposit: Decimal
    payout: Decimal


def judge(
    amount: Decimal, before: Held, after: Held, answer: Answer, *, age: timedelta, absent_after: timedelta
) -> Verdict:
    """What became of a transfer of `amount` that was begun `age` ago.

    `absent_after` is how long a request that was sent may still take to have its effect.
    """
    context = exact()
    left, came = context.subtract(before.deposit, after.deposit), context.subtract(after.payout, before.payout)
    if left == amount and came == amount:
        return Verdict.DONE
    unmoved, one_side = left == came == 0, amount in (left, came)
    match answer:
        case Answer.NOT_SENT:
            return Verdict.NOT_DONE  # whatever moved was something else
        case Answer.REFUSED:
            return Verdict.UNKNOWN if one_side else Verdict.NOT_DONE
        case Answer.ACCEPTED if one_side:
            return Verdict.DONE  # on the other side something else moved as well
        case Answer.LOST if unmoved and age >= absent_after:
            return Verdict.NOT_DONE
        case Answer.ACCEPTED | Answer.LOST:
            return Verdict.UNKNOWN if age >= max(WATCHED_FOR, absent_after) else Verdict.LOOK_AGAIN
