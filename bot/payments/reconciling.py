"""Holding our legs against the provider's own answers: what is not the same, each in its own list. Changes nothing.

There is no list of transactions at the provider, only answers by reference (Kotani docs, status calls). So what it has
under names that we do not know is found by what it sends to us by itself (`stray`), and by its balances
(`bot.payments.reconciling_balances`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.payments.decisions import LegFacts
from bot.payments.ledger import BookedLeg, cost_told
from bot.payments.money import to_plain
from bot.payments.reports import Report
from bot.payments.states import LEG_OPEN, Concern, LegKind, LegState
from bot.payments.targets import seen_instead, target


class DifferenceKind(StrEnum):
    """The lists of a reconciliation."""

    OURS_ONLY = "ours_only"  # the provider knows nothing of a leg that it should have
    THEIRS_ONLY = "theirs_only"  # the provider told us of a transaction that is none of ours
    AMOUNT = "amount"  # it has another amount, currency, token or chain
    STATE = "state"  # it says that it stands elsewhere
    DUPLICATE = "duplicate"  # one of ours is there twice, or one of theirs stands for two of ours
    FEE = "fee"  # its fee is another than the one in the books
    BALANCE = "balance"  # a wallet holds something else than the books say
    UNANSWERED = "unanswered"  # it could not be asked about this leg


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same on both sides. `key` names it within its kind, and stays the same from day to day.

    `ours` and `theirs` are for people: a state, an amount, an id. Where both are amounts of `currency`, they stand in
    `ours_amount` and `theirs_amount` as well.
    """

    kind: DifferenceKind
    key: str
    reference: str
    ours: str
    theirs: str
    currency: str | None = None
    ours_amount: Decimal | None = None
    theirs_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ComparedLeg:
    """A leg as it is compared. `settled`: it stands as it does for long enough that the provider's word is no news.

    `booked` is what the books know of it; `provider_id` and `seen` (the crypto of a sale that came in instead of what
    was agreed) are what the provider told before.
    """

    facts: LegFacts
    booked: BookedLeg
    provider_id: str | None
    settled: bool

    @property
    def seen(self) -> Decimal | None:
        """What came in for a sale instead of what was agreed, as we know it."""
        return self.booked.crypto_seen


_ZERO: Final = Decimal(0)
_NOTHING_TAKEN: Final = frozenset({LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED})
_BACK: Final = frozenset({LegState.RETURNING, LegState.RETURNED})
_NOT_KNOWN_THERE: Final = frozenset({LegState.READY, LegState.SUBMITTING, LegState.UNKNOWN})
_FEE_BOOKED: Final = frozenset({LegKind.COLLECT, LegKind.PAYOUT, LegKind.REFUND})
_DELIVERED: Final = frozenset({LegState.SUCCEEDED, LegState.LATE})
_DUPLICATE: Final = "DUPLICATE"
_NO_MONEY: Final = ("kyc.", "system.")  # events that are about no transaction (Kotani docs, webhooks)
_MOST_TEXT: Final = 120


def compare_leg(leg: ComparedLeg, answer: Report | None, namesakes: Sequence[str] = ()) -> list[Difference]:
    """What is not the same about one leg. `answer` is the provider's own record; None: it says that it has none.

    `namesakes` are the references of other legs of ours with the id or the receipt that the answer names.
    """
    if answer is None:
        return _ours_only(leg)
    if answer.reference is not None and answer.reference != leg.facts.reference:
        return [_of(leg, DifferenceKind.STATE, leg.facts.reference, f"reference {answer.reference}")]
    found = [*_amounts(leg, answer), *_states(leg, answer), *_duplicates(leg, answer, namesakes)]
    return found if any(one.kind is DifferenceKind.AMOUNT for one in found) else [*found, *_fees(leg, answer)]


def unanswered(reference: str, why: str) -> Difference:
    """The provider could not be asked about a leg."""
    return Difference(DifferenceKind.UNANSWERED, reference, reference, "", why[:_MOST_TEXT])


def stray(report: Report, event: str | None = None) -> Difference | None:
    """Something that the provider told us of and that is none of ours; None when it has no name, or moves no money.

    `event` is what it was told as. A settlement, by which the business takes money out, is told in the same way.
    """
    name = report.reference or report.provider_id
    if name is None or (event or "").startswith(_NO_MONEY):
        return None
    money = None if report.gross is None else f"{to_plain(report.gross)} {report.currency or ''}".strip()
    theirs = ", ".join(part for part in (event, _words(report), money) if part)
    return Difference(
        DifferenceKind.THEIRS_ONLY,
        name,
        name,
        "",
        (theirs or "no status")[:_MOST_TEXT],
        currency=report.currency,
        theirs_amount=report.gross,
    )


def _ours_only(leg: ComparedLeg) -> list[Difference]:
    """A leg that the provider never took, or was not asked about in time, it need not know."""
    state = leg.facts.state
    if state in _NOT_KNOWN_THERE or (state in _NOTHING_TAKEN and leg.provider_id is None):
        return []
    if state in LEG_OPEN and not leg.settled:
        return []
    return [_of(leg, DifferenceKind.OURS_ONLY, str(state), "", amount=leg.facts.amount)]


def _amounts(leg: ComparedLeg, answer: Report) -> list[Difference]:
    """The first fact about the money that is another one. A leg over which nothing was taken has no money to compare."""
    facts = leg.facts
    theirs_state = target(facts, answer).state
    if facts.state in _NOTHING_TAKEN and (theirs_state is None or theirs_state in _NOTHING_TAKEN):
        return []
    for name, ours, theirs in (
        ("currency", facts.currency, answer.currency),
        ("token", facts.token, answer.token),
    ):
        if ours is not None and theirs is not None and ours.upper() != theirs.strip().upper():
            return [_of(leg, DifferenceKind.AMOUNT, f"{name} {ours}", f"{name} {theirs[:32]}")]
    ramp = facts.kind in (LegKind.ONRAMP, LegKind.OFFRAMP)
    with_fee = answer.to_pay if facts.kind is LegKind.ONRAMP else answer.net
    received = answer.crypto_received if facts.kind is LegKind.ONRAMP and theirs_state in _DELIVERED else None
    pairs = (
        (facts.amount, answer.gross, facts.currency),
        (facts.to_pay if ramp else None, with_fee, facts.currency),
        (facts.crypto_amount, answer.crypto_amount if ramp else None, facts.token),
        (facts.crypto_amount, received, facts.token),
    )
    for amount, theirs_amount, unit in pairs:
        if amount is not None and theirs_amount is not None and amount != theirs_amount:
            return [_unlike(leg, DifferenceKind.AMOUNT, amount, theirs_amount, unit)]
    came = seen_instead(facts, answer)
    if came is not None and leg.seen != came:
        expected = facts.crypto_amount if leg.seen is None else leg.seen
        return [_unlike(leg, DifferenceKind.AMOUNT, expected or _ZERO, came, facts.token)]
    if facts.receiver_differs:
        return [_of(leg, DifferenceKind.AMOUNT, "the receiver that was confirmed", "another receiver")]
    return []


def _states(leg: ComparedLeg, answer: Report) -> list[Difference]:
    ours, to = leg.facts.state, target(leg.facts, answer)
    theirs = to.state
    if to.concern is Concern.OWN_WALLET:
        return [_of(leg, DifferenceKind.STATE, str(ours), to.note)]
    if theirs is None:
        # it still works on it, or says what nobody understands: that a leg which is over should not be
        theirs_word = _words(answer)
        if ours in LEG_OPEN or not theirs_word or not leg.settled:
            return []
        return [_of(leg, DifferenceKind.STATE, str(ours), theirs_word)]
    if _agree(ours, theirs) or (ours in LEG_OPEN and not leg.settled):
        return []
    return [_of(leg, DifferenceKind.STATE, str(ours), str(theirs))]


def _agree(ours: LegState, theirs: LegState) -> bool:
    """Whether two states mean the same for everybody's money."""
    if ours == theirs:
        return True
    if ours in _NOTHING_TAKEN and theirs in _NOTHING_TAKEN:
        return True
    # what came back late is told of by the first word, or by the last one
    return ours in _BACK and theirs in _NOTHING_TAKEN


def _duplicates(leg: ComparedLeg, answer: Report, namesakes: Sequence[str]) -> list[Difference]:
    if any(word is not None and word.strip().upper() == _DUPLICATE for word in (answer.status, answer.deposit_status)):
        return [_of(leg, DifferenceKind.DUPLICATE, leg.provider_id or "", _DUPLICATE)]
    if leg.provider_id is not None and answer.provider_id is not None and leg.provider_id != answer.provider_id:
        return [_of(leg, DifferenceKind.DUPLICATE, leg.provider_id, answer.provider_id)]
    if namesakes:
        return [_of(leg, DifferenceKind.DUPLICATE, ", ".join(sorted(namesakes)), answer.provider_id or "")]
    return []


def _fees(leg: ComparedLeg, answer: Report) -> list[Difference]:
    """The provider's fee on a leg that was booked, where it now says another than the books have."""
    if leg.facts.kind not in _FEE_BOOKED or leg.facts.state not in _DELIVERED:
        return []
    if target(leg.facts, answer).state is not leg.facts.state:
        return []
    told = cost_told(leg.booked, answer)
    booked = leg.booked.provider_fee or _ZERO
    if told is None or told == booked:
        return []
    return [_unlike(leg, DifferenceKind.FEE, booked, told, leg.facts.currency)]


def _unlike(leg: ComparedLeg, kind: DifferenceKind, ours: Decimal, theirs: Decimal, currency: str | None) -> Difference:
    reference, unit = leg.facts.reference, currency or ""
    texts = (f"{to_plain(ours)} {unit}".strip(), f"{to_plain(theirs)} {unit}".strip())
    return Difference(kind, reference, reference, *texts, currency, ours, theirs)


def _of(leg: ComparedLeg, kind: DifferenceKind, ours: str, theirs: str, *, amount: Decimal | None = None) -> Difference:
    reference = leg.facts.reference
    currency = leg.facts.currency if amount is not None else None
    return Difference(kind, reference, reference, ours[:_MOST_TEXT], theirs[:_MOST_TEXT], currency, amount)


def _words(report: Report) -> str:
    words = (report.status, report.deposit_status, report.onchain_status)
    return " / ".join(word.strip()[:64] for word in words if word)[:_MOST_TEXT]
