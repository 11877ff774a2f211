"""What a decision about a report comes to, by how the report came: a callback alone does not do all that a status read does."""

from dataclasses import replace
from typing import Final

from bot.engine.findings import Cause
from bot.payments.decisions import Decision, LegFacts
from bot.payments.reports import Report
from bot.payments.states import LegState
from bot.payments.targets import amount_untold

_CAME_IN: Final = frozenset({LegState.COLLECTED, LegState.SUCCEEDED, LegState.RETURNING})  # of a sale's crypto


def as_heard(decision: Decision, facts: LegFacts, report: Report, cause: Cause, *, house: bool) -> Decision:
    """The decision, or a weaker one where the provider's own record must say it too.

    Money that comes in after the end is told to its payer only once the status says so; the case is there at once. What
    comes in late for the house is its own, so nobody has to see to it.
    """
    if decision.state is None or decision.state == facts.state:
        return decision
    if decision.state is LegState.LATE and house:
        return replace(decision, concern=None)
    if cause is not Cause.CALLBACK:
        return decision
    if decision.state is LegState.LATE:
        return replace(decision, state=None, look_again=True)
    if decision.state in _CAME_IN and amount_untold(facts, report):
        return Decision(note="how much crypto came in, the provider is asked", look_again=True)
    return decision
