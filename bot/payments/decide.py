"""What a provider report means for a leg: a pure decision, used alike for callbacks, polls and the answers to creates.

A report moves a leg forward along `LEG_MOVES`, changes nothing, or goes to a person. It never moves a leg when it
speaks of another amount, currency, token, chain or receiver than the one that the customer confirmed, and never flips
one final answer into another.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from bot.payments.reports import Report
from bot.payments.states import LEG_MOVES, Concern, LegKind, LegState
from bot.payments.words import Meaning, meaning_of


@dataclass(frozen=True, slots=True)
class LegFacts:
    """What we intended with a leg, to hold a report against. Amounts are exact; `amount` is fiat before the fee."""

    kind: LegKind
    state: LegState
    reference: str
    amount: Decimal
    currency: str
    to_pay: Decimal | None = None
    crypto_amount: Decimal | None = None
    token: str | None = None
    chain: str | None = None
    receiver_differs: bool = False  # the report names another receiver (compared by digest outside)


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a report: a new state or none, a concern for a person or none, and a note for the timeline.

    `look_again` asks for a status read now, because the report alone cannot settle the matter.
    """

    state: LegState | None = None
    concern: Concern | None = None
    note: str = ""
    look_again: bool = False


_RANK: dict[LegState, int] = {
    LegState.READY: 0,
    LegState.SUBMITTING: 1,
    LegState.UNKNOWN: 1,
    LegState.PENDING: 2,
    LegState.COLLECTED: 3,
    LegState.SUCCEEDED: 4,
    LegState.FAILED: 4,
    LegState.EXPIRED: 4,
    LegState.UNDELIVERED: 4,
    LegState.CANCELLED: 4,
    LegState.RETURNING: 4,
    LegState.RETURNED: 5,
    LegState.REVERSED: 5,
}
_NOTHING_TAKEN = frozenset({LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED})
_TO_BE_ADOPTED = frozenset({LegState.READY, LegState.UNKNOWN})
_SAME_CHAIN = {"BINANCE": "BSC"}


def decide(leg: LegFacts, report: Report) -> Decision:
    """Hold `report` against `leg` and say what follows. Never raises for what the provider may send."""
    if report.reference is not None and report.reference != leg.reference:
        return Decision(concern=Concern.CONTRADICTION, note=f"the report names reference {report.reference[:64]}")
    target = _target(leg, report)
    if target.state is None:
        return target
    return _along_the_graph(leg, report, target)


def _along_the_graph(leg: LegFacts, report: Report, target: Decision) -> Decision:
    state = target.state
    assert state is not None
    if state == leg.state:
        return Decision(concern=target.concern, note=target.note, look_again=target.look_again)
    if state not in LEG_MOVES[leg.state]:
        if leg.state in _NOTHING_TAKEN and state in _NOTHING_TAKEN:
            return Decision(note="already over, and nothing was taken")
        if leg.state in _NOTHING_TAKEN and state is not LegState.PENDING:
            return Decision(concern=Concern.CONTRADICTION, note=f"{state} reported after {leg.state}", look_again=True)
        if _RANK[state] < _RANK[leg.state] and state not in _NOTHING_TAKEN:
            return Decision(note="an older report")
        return Decision(concern=Concern.CONTRADICTION, note=f"{state} reported after {leg.state}", look_again=True)
    # a transaction found under our reference is ours only if it is about the same money; so is one that moved any
    if state not in _NOTHING_TAKEN and (state is not LegState.PENDING or leg.state in _TO_BE_ADOPTED):
        difference = _difference(leg, report, state)
        if difference is not None:
            return difference
    return target


def _target(leg: LegFacts, report: Report) -> Decision:
    match leg.kind:
        case LegKind.ONRAMP:
            return _onramp_target(leg, report)
        case LegKind.REFUND | LegKind.PAYOUT | LegKind.OFFRAMP | LegKind.COLLECT:
            return _payout_target(leg, report)
        case _:
            assert_never(leg.kind)


def _onramp_target(leg: LegFacts, report: Report) -> Decision:
    """The pair of statuses decides (Kotani docs, onramp flow): money in, then crypto out."""
    deposit, chain, overall = (
        meaning_of(report.deposit_status),
        meaning_of(report.onchain_status),
        meaning_of(report.status),
    )
    if Meaning.REVERSED in (deposit, chain):
        return Decision(LegState.REVERSED, Concern.REVERSED, "the provider reversed it")
    if chain is Meaning.SUCCESS:
        return Decision(LegState.SUCCEEDED, note="crypto delivered")
    if deposit is Meaning.SUCCESS:
        if chain in (Meaning.FAILURE, Meaning.EXPIRED):
            return Decision(LegState.UNDELIVERED, note="paid, but the crypto could not be delivered")
        concern = _concern(chain)
        return Decision(LegState.COLLECTED, concern, _note(report, concern) or "paid; the crypto is on its way")
    if deposit is Meaning.FAILURE:
        return Decision(LegState.FAILED, note="the payment did not go through")
    if deposit is Meaning.EXPIRED:
        return Decision(LegState.EXPIRED, note="the payment prompt ran out")
    if deposit is Meaning.ABSENT:
        if overall is Meaning.REVERSED:
            return Decision(LegState.REVERSED, Concern.REVERSED, "the provider reversed it")
        if overall in (Meaning.SUCCESS, Meaning.FAILURE, Meaning.EXPIRED):
            # one word for two movements does not say which of them it means
            return Decision(note=f"only an overall status: {report.status}", look_again=True)
        deposit = overall
    concern = _concern(deposit) or _concern(chain)
    return Decision(_at_least_pending(leg), concern, _note(report, concern))


def _payout_target(leg: LegFacts, report: Report) -> Decision:
    """A withdrawal (Kotani docs, withdrawals): REVERSED before success means that our wallet was credited again."""
    meaning = meaning_of(report.status)
    match meaning:
        case Meaning.SUCCESS:
            return Decision(LegState.SUCCEEDED, note="paid back")
        case Meaning.FAILURE:
            return Decision(LegState.FAILED, Concern.REFUND_FAILED, "the refund did not go through")
        case Meaning.EXPIRED:
            return Decision(LegState.EXPIRED, Concern.REFUND_FAILED, "the refund ran out of time")
        case Meaning.REVERSED:
            if leg.state in (LegState.SUCCEEDED, LegState.REVERSED):
                return Decision(LegState.REVERSED, Concern.REFUND_FAILED, "the refund was reversed")
            return Decision(LegState.FAILED, Concern.REFUND_FAILED, "the refund was sent back to our wallet")
        case Meaning.ABSENT | Meaning.WAITING | Meaning.WORKING | Meaning.REVIEW | Meaning.UNFAMILIAR:
            concern = _concern(meaning)
            return Decision(_at_least_pending(leg), concern, _note(report, concern))
        case _:
            assert_never(meaning)


def _at_least_pending(leg: LegFacts) -> LegState | None:
    return LegState.PENDING if _RANK[leg.state] <= _RANK[LegState.PENDING] else None


def _concern(meaning: Meaning) -> Concern | None:
    if meaning is Meaning.REVIEW:
        return Concern.UNDER_REVIEW
    if meaning is Meaning.UNFAMILIAR:
        return Concern.UNKNOWN_STATUS
    return None


def _note(report: Report, concern: Concern | None) -> str:
    if concern is None:
        return ""
    words = [word.strip() for word in (report.status, report.deposit_status, report.onchain_status) if word]
    return "the provider says " + " / ".join(word[:64] for word in words if word)


def _difference(leg: LegFacts, report: Report, state: LegState) -> Decision | None:
    """A concern when the report speaks of other money than was confirmed; None when all that it says agrees."""
    if report.currency is not None and report.currency.upper() != leg.currency:
        return Decision(concern=Concern.CURRENCY_DIFFERS, note=f"{report.currency[:16]} instead of {leg.currency}")
    if report.gross is not None and report.gross != leg.amount:
        return Decision(concern=Concern.AMOUNT_DIFFERS, note=f"fiat amount {report.gross} instead of {leg.amount}")
    if leg.kind is not LegKind.ONRAMP:
        return None
    if leg.to_pay is not None and report.to_pay is not None and report.to_pay != leg.to_pay:
        return Decision(concern=Concern.AMOUNT_DIFFERS, note=f"charged {report.to_pay} instead of {leg.to_pay}")
    if leg.crypto_amount is not None:
        if report.crypto_amount is not None and report.crypto_amount != leg.crypto_amount:
            return Decision(
                concern=Concern.AMOUNT_DIFFERS,
                note=f"crypto amount {report.crypto_amount} instead of {leg.crypto_amount}",
            )
        received = report.crypto_received
        if state is LegState.SUCCEEDED and received is not None and received != leg.crypto_amount:
            return Decision(concern=Concern.AMOUNT_DIFFERS, note=f"delivered {received} instead of {leg.crypto_amount}")
    if report.token is not None and leg.token is not None and report.token.upper() != leg.token:
        return Decision(concern=Concern.CURRENCY_DIFFERS, note=f"{report.token[:16]} instead of {leg.token}")
    if report.chain is not None and leg.chain is not None and _chain(report.chain) != _chain(leg.chain):
        return Decision(concern=Concern.RECEIVER_DIFFERS, note=f"chain {report.chain[:16]} instead of {leg.chain}")
    if leg.receiver_differs:
        return Decision(concern=Concern.RECEIVER_DIFFERS, note="another receiving address")
    return None


def _chain(name: str) -> str:
    upper = name.upper()
    return _SAME_CHAIN.get(upper, upper)
