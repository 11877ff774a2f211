"""What a provider report means for a leg: a pure decision, used alike for callbacks, polls and the answers to creates.

A report moves a leg forward along `LEG_MOVES`, changes nothing, or goes to a person. It never moves a leg when it
speaks of another amount, currency, token, chain or receiver than the one that the customer confirmed, and never flips
one final answer into another.
"""

from bot.payments.decisions import Decision, LegFacts
from bot.payments.reports import Report
from bot.payments.states import LEG_MOVES, LEG_STATES, Concern, LegKind, LegState
from bot.payments.targets import seen_instead, target

__all__ = ["Decision", "LegFacts", "decide"]

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
    LegState.LATE: 5,
    LegState.UNDELIVERED_LATE: 5,
    LegState.REVERSED: 5,
}
_NOTHING_TAKEN = frozenset({LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED})
_DELIVERED = frozenset({LegState.SUCCEEDED, LegState.LATE})
_BACK = frozenset({LegState.RETURNING, LegState.RETURNED})
_TO_BE_ADOPTED = frozenset({LegState.READY, LegState.UNKNOWN})
_SAME_CHAIN = {"BINANCE": "BSC"}


def decide(leg: LegFacts, report: Report) -> Decision:
    """Hold `report` against `leg` and say what follows. Never raises for what the provider may send."""
    if report.reference is not None and report.reference != leg.reference:
        return Decision(concern=Concern.CONTRADICTION, note=f"the report names reference {report.reference[:64]}")
    to = target(leg, report)
    seen = seen_instead(leg, report)
    if seen is not None:
        # what goes back may go back; what would be paid out for it is for a person to decide
        state = to.state if to.state in _BACK | _NOTHING_TAKEN | {LegState.REVERSED} else None
        note = f"{seen} {leg.token} came in instead of {leg.crypto_amount}"
        worse = to.concern in (Concern.REFUND_FAILED, Concern.REVERSED, Concern.OWN_WALLET)
        to = Decision(state, to.concern if worse else Concern.AMOUNT_DIFFERS, f"{to.note}: {note}" if worse else note)
    if to.state is None:
        return to
    return _along_the_graph(leg, report, to.state, to)


def _along_the_graph(leg: LegFacts, report: Report, state: LegState, to: Decision) -> Decision:
    if state == leg.state:
        return to
    if state not in LEG_MOVES[leg.state] & LEG_STATES[leg.kind]:
        if leg.state in _NOTHING_TAKEN and state in _NOTHING_TAKEN:
            return Decision(note="already over, and nothing was taken")
        if leg.state in _BACK and state in _BACK | _NOTHING_TAKEN:
            return Decision(note="an older report")
        if leg.state in _NOTHING_TAKEN and state is not LegState.PENDING:
            return Decision(concern=Concern.CONTRADICTION, note=f"{state} reported after {leg.state}", look_again=True)
        if _RANK[state] < _RANK[leg.state] and state not in _NOTHING_TAKEN:
            return Decision(note="an older report")
        return Decision(concern=Concern.CONTRADICTION, note=f"{state} reported after {leg.state}", look_again=True)
    # a transaction found under our reference is ours only if it is about the same money; so is one that moved any,
    # and one whose address a customer is to send crypto to
    adopted = leg.state in _TO_BE_ADOPTED or leg.kind is LegKind.OFFRAMP
    if state not in _NOTHING_TAKEN | _BACK and (state is not LegState.PENDING or adopted):
        difference = _difference(leg, report, state)
        if difference is not None:
            return difference
    return to


def _difference(leg: LegFacts, report: Report, state: LegState) -> Decision | None:
    """A concern when the report speaks of other money than was confirmed; None when all that it says agrees."""
    if report.currency is not None and report.currency.upper() != leg.currency:
        return Decision(concern=Concern.CURRENCY_DIFFERS, note=f"{report.currency[:16]} instead of {leg.currency}")
    if report.gross is not None and report.gross != leg.amount:
        return Decision(concern=Concern.AMOUNT_DIFFERS, note=f"fiat amount {report.gross} instead of {leg.amount}")
    if leg.kind not in (LegKind.ONRAMP, LegKind.OFFRAMP):
        return None
    # what a buyer is charged, what the receiver of a sale gets
    with_fee = report.to_pay if leg.kind is LegKind.ONRAMP else report.net
    if leg.to_pay is not None and with_fee is not None and with_fee != leg.to_pay:
        return Decision(concern=Concern.AMOUNT_DIFFERS, note=f"{with_fee} with the fee instead of {leg.to_pay}")
    if leg.crypto_amount is not None:
        if report.crypto_amount is not None and report.crypto_amount != leg.crypto_amount:
            return Decision(
                concern=Concern.AMOUNT_DIFFERS,
                note=f"crypto amount {report.crypto_amount} instead of {leg.crypto_amount}",
            )
        received = report.crypto_received if leg.kind is LegKind.ONRAMP else None
        if state in _DELIVERED and received is not None and received != leg.crypto_amount:
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
