"""Where a report says that a leg stands, by the kind of leg: the provider's state machines, taken by themselves.

Whether the leg may go there, and whether the report is about the same money, is decided in `bot.payments.decide`.
"""

from decimal import Decimal
from typing import Final, assert_never

from bot.payments.decisions import Decision, LegFacts
from bot.payments.reports import Report
from bot.payments.states import Concern, LegKind, LegState
from bot.payments.words import Meaning, meaning_of

_BEFORE_THE_PROVIDER: Final = frozenset({LegState.READY, LegState.SUBMITTING, LegState.UNKNOWN})
_UNDONE: Final = frozenset({LegState.SUCCEEDED, LegState.LATE, LegState.REVERSED})
_NOTHING_TAKEN: Final = frozenset({LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED})
_AFTER_THE_END: Final = frozenset({LegState.LATE, LegState.UNDELIVERED_LATE})
_VOIDED: Final = frozenset({"CANCELLED", "CANCELED"})
_CRYPTO_AWAITED: Final = "CRYPTO_PENDING"
_GOING_BACK: Final = "it could not be paid out: the crypto goes back"


def target(leg: LegFacts, report: Report) -> Decision:
    """Where the report puts the leg, and what a person should see in it."""
    match leg.kind:
        case LegKind.ONRAMP:
            return _onramp(leg, report)
        case LegKind.OFFRAMP:
            return _offramp(leg, report)
        case LegKind.COLLECT:
            return _collection(leg, report)
        case LegKind.PAYOUT:
            return _payout(leg, report)
        case LegKind.REFUND:
            return _refund(leg, report)
        case _:
            assert_never(leg.kind)


def seen_instead(leg: LegFacts, report: Report) -> Decimal | None:
    """The crypto that was seen on the chain for a sale where it is not what was agreed on; None where it is, or none.

    Kotani docs, offramp: the exact amount must arrive, and what happens otherwise is not documented.
    """
    if leg.kind is not LegKind.OFFRAMP or leg.crypto_amount is None:
        return None
    for seen in (report.crypto_seen, report.crypto_received):
        if seen is not None and seen > 0 and seen != leg.crypto_amount:
            return seen
    return None


def amount_untold(leg: LegFacts, report: Report) -> bool:
    """Whether a report on a sale leaves open how much crypto came in: callbacks do not say (Kotani docs, webhooks)."""
    return leg.kind is LegKind.OFFRAMP and not _seen(report)


def return_failed(report: Report) -> bool:
    """Whether the provider says that the crypto of a sale could not be given back (Kotani docs, offramp refunds)."""
    status, refund = meaning_of(report.status), meaning_of(report.refund_status)
    return status is Meaning.RETURN_FAILED or (refund is Meaning.FAILURE and status is not Meaning.SUCCESS)


def _onramp(leg: LegFacts, report: Report) -> Decision:
    """The pair of statuses decides (Kotani docs, onramp flow): money in, then crypto out."""
    deposit, chain, overall = (
        meaning_of(report.deposit_status),
        meaning_of(report.onchain_status),
        meaning_of(report.status),
    )
    if Meaning.REVERSED in (deposit, chain):
        return Decision(LegState.REVERSED, Concern.REVERSED, "the provider reversed it")
    if deposit is Meaning.SUCCESS and leg.state in _NOTHING_TAKEN | _AFTER_THE_END:
        late = _onramp_late(leg, chain)
        if late is not None:
            return late
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
            again = overall is Meaning.SUCCESS or leg.state not in _NOTHING_TAKEN  # else it is over on both sides
            return Decision(note=f"only an overall status: {report.status}", look_again=again)
        deposit = overall
    return _still_working(leg, report, _concern(deposit) or _concern(chain))


def _onramp_late(leg: LegFacts, chain: Meaning) -> Decision | None:
    """A purchase that was over, and was paid all the same: what was bought may arrive, or is owed. None: neither any more."""
    if chain is Meaning.SUCCESS:
        return Decision(LegState.LATE, note="paid and delivered, after the end")
    if chain in (Meaning.FAILURE, Meaning.EXPIRED):
        concern = Concern.CAME_LATE if leg.state in _NOTHING_TAKEN else None
        return Decision(LegState.UNDELIVERED_LATE, concern, "paid after the end, and it could not be delivered")
    if leg.state in _NOTHING_TAKEN:
        note = "paid after the end: whether it is delivered is not known yet"
        return Decision(concern=Concern.CAME_LATE, note=note, look_again=True)
    return None


def _offramp(leg: LegFacts, report: Report) -> Decision:
    """The overall status decides, and the chain's whether crypto came in (Kotani docs, offramp and offramp refunds)."""
    if report.own_wallet:
        return Decision(concern=Concern.OWN_WALLET, note="the provider takes the crypto from our own wallet")
    status, refund = meaning_of(report.status), meaning_of(report.refund_status)
    if status is Meaning.RETURN_FAILED or return_failed(report):
        return Decision(LegState.RETURNING, Concern.REFUND_FAILED, "the crypto could not be given back")
    if status is Meaning.RETURNED or status is Meaning.REVERSED or refund in (Meaning.RETURNED, Meaning.SUCCESS):
        # a refund is told of as REVERSED as well
        if leg.state in _UNDONE:
            return Decision(LegState.REVERSED, Concern.REVERSED, "paid out, and given back afterwards")
        return Decision(LegState.RETURNED, note="the crypto was given back")
    came_in = meaning_of(report.onchain_status) is Meaning.SUCCESS or _seen(report)
    match status:
        case Meaning.RETURNING:
            return Decision(LegState.RETURNING, note="the crypto is on its way back")
        case Meaning.SUCCESS:
            return Decision(LegState.SUCCEEDED, note="paid out")
        case Meaning.FAILURE | Meaning.EXPIRED if came_in:
            return Decision(LegState.RETURNING, note=_GOING_BACK)
        case Meaning.FAILURE:
            if leg.cancel_asked and _word(report) in _VOIDED:
                return Decision(LegState.CANCELLED, note="cancelled before any crypto came")
            return Decision(LegState.FAILED, note="the sale did not go through")
        case Meaning.EXPIRED:
            return Decision(LegState.EXPIRED, note="no crypto came in time")
        case Meaning.ABSENT | Meaning.WAITING | Meaning.WORKING | Meaning.REVIEW | Meaning.UNFAMILIAR:
            concern = _concern(status) or _concern(meaning_of(report.onchain_status))
            told = report.onchain_status is None and status is Meaning.WORKING and _word(report) != _CRYPTO_AWAITED
            if came_in or told or _word(report) == "CRYPTO_RECEIVED":
                return Decision(LegState.COLLECTED, concern, _note(report, concern) or "the crypto came in")
            return _still_working(leg, report, concern)
        case _:
            assert_never(status)


def _collection(leg: LegFacts, report: Report) -> Decision:
    """A deposit (Kotani docs, deposits). Bank checkouts may give no status at all: then it is still awaited."""
    status = report.status if report.status is not None else report.deposit_status
    meaning = meaning_of(status)
    match meaning:
        case Meaning.SUCCESS if leg.state in _NOTHING_TAKEN:
            return Decision(LegState.LATE, Concern.CAME_LATE, "the provider says that the money came in, after the end")
        case Meaning.SUCCESS if leg.state is LegState.LATE:
            return Decision(LegState.LATE, note="collected, after the end")
        case Meaning.SUCCESS:
            return Decision(LegState.SUCCEEDED, note="collected")
        case Meaning.FAILURE:
            return Decision(LegState.FAILED, note="the payment did not go through")
        case Meaning.EXPIRED:
            return Decision(LegState.EXPIRED, note="the payment prompt ran out")
        case Meaning.REVERSED:
            return Decision(LegState.REVERSED, Concern.REVERSED, "the provider gave the payer their money back")
        case _:
            return _still_working(leg, report, _concern(meaning))


def _payout(leg: LegFacts, report: Report) -> Decision:
    """A withdrawal to whom the payer named. REVERSED before success means that our wallet was credited again."""
    meaning = meaning_of(report.status)
    match meaning:
        case Meaning.SUCCESS if leg.state is LegState.LATE:
            return Decision(LegState.LATE, note="paid out, after the end")
        case Meaning.SUCCESS:
            return Decision(LegState.SUCCEEDED, note="paid out")
        case Meaning.FAILURE:
            return Decision(LegState.FAILED, note="it could not be paid out")
        case Meaning.EXPIRED:
            return Decision(LegState.EXPIRED, note="the payout ran out of time")
        case Meaning.REVERSED:
            if leg.state in _UNDONE:
                return Decision(LegState.REVERSED, Concern.REVERSED, "paid out, and undone afterwards")
            return Decision(LegState.FAILED, note="the payout was sent back to our wallet")
        case _:
            return _still_working(leg, report, _concern(meaning))


def _refund(leg: LegFacts, report: Report) -> Decision:
    """A withdrawal back to the payer (Kotani docs, withdrawals): whatever goes wrong with it, a person sees to it."""
    meaning = meaning_of(report.status)
    match meaning:
        case Meaning.SUCCESS:
            return Decision(LegState.SUCCEEDED, note="paid back")
        case Meaning.FAILURE:
            return Decision(LegState.FAILED, Concern.REFUND_FAILED, "the refund did not go through")
        case Meaning.EXPIRED:
            return Decision(LegState.EXPIRED, Concern.REFUND_FAILED, "the refund ran out of time")
        case Meaning.REVERSED:
            if leg.state in _UNDONE:
                return Decision(LegState.REVERSED, Concern.REFUND_FAILED, "the refund was reversed")
            return Decision(LegState.FAILED, Concern.REFUND_FAILED, "the refund was sent back to our wallet")
        case _:
            return _still_working(leg, report, _concern(meaning))


def _still_working(leg: LegFacts, report: Report, concern: Concern | None) -> Decision:
    """The provider has it and says no end: at least pending."""
    waiting = leg.state in _BEFORE_THE_PROVIDER or leg.state is LegState.PENDING
    return Decision(LegState.PENDING if waiting else None, concern, _note(report, concern))


def _concern(meaning: Meaning) -> Concern | None:
    match meaning:
        case Meaning.REVIEW:
            return Concern.UNDER_REVIEW
        case Meaning.UNFAMILIAR | Meaning.RETURNING | Meaning.RETURNED | Meaning.RETURN_FAILED:
            return Concern.UNKNOWN_STATUS
        case _:
            return None


def _note(report: Report, concern: Concern | None) -> str:
    if concern is None:
        return ""
    words = [word.strip() for word in (report.status, report.deposit_status, report.onchain_status) if word]
    return "the provider says " + " / ".join(word[:64] for word in words if word)


def _word(report: Report) -> str:
    return (report.status or "").strip().upper()


def _seen(report: Report) -> bool:
    return any(amount is not None and amount > 0 for amount in (report.crypto_seen, report.crypto_received))
