"""What a decision about a report comes to, by how the report came: a callback alone does not do all that a status read does."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from bot.engine.findings import Cause
from bot.engine.learning import ENDED_WITHOUT_CRYPTO
from bot.payments.decisions import Decision, LegFacts
from bot.payments.reports import Report
from bot.payments.states import LEG_TERMINAL, Concern, LegKind, LegState
from bot.payments.targets import amount_untold
from storage.payments import HeldLeg

_CAME_IN: Final = frozenset({LegState.COLLECTED, LegState.SUCCEEDED, LegState.RETURNING})  # of a sale's crypto


def as_heard(
    decision: Decision, facts: LegFacts, report: Report, cause: Cause, *, house: bool, seen: Decimal | None
) -> Decision:
    """The decision, or a weaker one where the provider's own record must say it too.

    Money that comes in after the end is told to its payer only once the status says so; the case is there at once. What
    comes in late for the house is its own, so nobody has to see to it. `seen` is the crypto that came in for a sale as the
    books have it: where the amount that was agreed on is told after another one, a person must see both.
    """
    if decision.concern is None and (told := _as_agreed(facts, report)) is not None and seen not in (None, told):
        note = f"{told} {facts.token} is told now as what came in; before it was {seen}, as in the books"
        decision = replace(decision, concern=Concern.AMOUNT_DIFFERS, note=note)
    if decision.state is None or decision.state == facts.state:
        return decision
    if decision.state is LegState.LATE and house:
        return replace(decision, concern=None)
    if cause is not Cause.CALLBACK:
        return decision
    if decision.state in (LegState.LATE, LegState.UNDELIVERED_LATE):
        return replace(decision, state=None, look_again=True)
    if decision.state in _CAME_IN and amount_untold(facts, report):
        return Decision(note="how much crypto came in, the provider is asked", look_again=True)
    return decision


def is_watched(leg: HeldLeg, decision: Decision | None = None) -> bool:
    """Whether something may still come of a leg that is over: crypto for a sale, which would be on its way back then.

    So it may of a purchase that is paid after its end, as long as what was heard of it is to be looked at again.
    """
    if leg.kind == LegKind.ONRAMP:
        return decision is not None and decision.look_again and leg.state in ENDED_WITHOUT_CRYPTO
    return leg.kind == LegKind.OFFRAMP and leg.state in ENDED_WITHOUT_CRYPTO and leg.escrow_address is not None


def is_unsettled(leg: HeldLeg, decision: Decision) -> bool:
    """Whether there is a reason to look at a leg once more: it is not over, a person must see it, or something may come."""
    return decision.concern is not None or LegState(leg.state) not in LEG_TERMINAL or is_watched(leg, decision)


def _as_agreed(facts: LegFacts, report: Report) -> Decimal | None:
    """The crypto that was agreed on, where a report tells it to have come in."""
    told = next((amount for amount in (report.crypto_seen, report.crypto_received) if amount), None)
    return told if facts.kind is LegKind.OFFRAMP and told == facts.crypto_amount else None
