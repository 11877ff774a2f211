"""The books of a payment: which postings follow when its legs move, by double entry.

A payment stands in the books as a set of movements (`position`): what has happened to the money so far, each movement as
lines that balance in every currency. When legs move, what is posted is the difference between two positions, movement by
movement; what no longer holds is posted once more with the opposite sign. So the sum of all that was ever posted for a
payment is its position, whichever way it came there.

What is not known is not guessed. A fee of the provider's stands in the books only where the provider said what it cost us
(`cost_told`); where it did not, our books show more than the wallet holds, and the reconciliation finds that.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Protocol, assert_never

from bot.payments.bookkeeping import Account, Movement, Posting, exact
from bot.payments.reports import Report
from bot.payments.states import LEG_OPEN, OF_THE_HOUSE, LegKind, LegState, PaymentKind, PaymentState


class BookedLeg(Protocol):
    """What the books know of a leg: `provider_fee` is what it cost our balance, None where that was not said."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...
    @property
    def crypto_amount(self) -> Decimal | None: ...
    @property
    def crypto_seen(self) -> Decimal | None: ...
    @property
    def provider_fee(self) -> Decimal | None: ...


class BookedPayment(Protocol):
    """What the books know of a payment: what the customer agreed to, and its legs in plan order."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def pay_amount(self) -> Decimal: ...
    @property
    def pay_currency(self) -> str: ...
    @property
    def fee_amount(self) -> Decimal: ...
    @property
    def receive_amount(self) -> Decimal: ...
    @property
    def receive_currency(self) -> str: ...
    @property
    def legs(self) -> Sequence[BookedLeg]: ...


Line = tuple[Account, str, Decimal]
Lines = Mapping[tuple[Account, str], Decimal]
Position = Mapping[tuple[str, Movement], Lines]
_Parts = dict[tuple[str, Movement], Lines]

_ZERO: Final = Decimal(0)
# after its end as well: the money is there, or it arrived
_DONE: Final = frozenset({LegState.SUCCEEDED, LegState.LATE})
_UNDELIVERED: Final = frozenset({LegState.UNDELIVERED, LegState.UNDELIVERED_LATE})
_PURCHASE_PAID: Final = _DONE | _UNDELIVERED | {LegState.COLLECTED}
_CRYPTO_IN: Final = frozenset({LegState.COLLECTED, LegState.SUCCEEDED, LegState.RETURNING, LegState.RETURNED})
_OUT: Final = _DONE | {LegState.PENDING}  # a payout is debited as soon as the provider has it
_PROMISED: Final = LEG_OPEN | _DONE
_MOST_PLACES: Final = 18


def position(payment: BookedPayment) -> Position:
    """How a payment stands in the books, by the states of its legs: movements, each balanced in every currency."""
    parts: _Parts = {}
    match PaymentKind(payment.kind):
        case PaymentKind.BUY:
            _purchase(payment, parts)
        case PaymentKind.SELL:
            _sale(payment, parts)
        case PaymentKind.SEND | PaymentKind.REQUEST:
            _transfer(payment, parts)
        case PaymentKind.PAYOUT:
            _house_payout(payment.legs[0], parts)
        case PaymentKind.COLLECTION:
            _house_collection(payment.legs[0], parts)
        case kind:
            assert_never(kind)
    return parts


def postings(before: Position, after: Position) -> list[Posting]:
    """What must be posted for a payment to stand in the books as in `after`, where it stands as in `before`."""
    if before == after:
        return []
    context = exact()
    found: list[Posting] = []
    # what no longer holds is taken back first
    for key in [*(key for key in before if key not in after), *after]:
        old, new = before.get(key, {}), after.get(key, {})
        for line in {**old, **new}:
            amount = context.subtract(new.get(line, _ZERO), old.get(line, _ZERO))
            if amount:
                found.append(Posting(key[0], key[1], line[0], line[1], amount))
    return found


def owed(payment: BookedPayment) -> Decimal:
    """What is owed to the customer as the payment's own state has it, in what they paid with: to hold the books against.

    Nothing is owed once it is over, but for a payout that was undone after it had arrived: a person sees to that.
    """
    state, first = PaymentState(payment.state), payment.legs[0]
    if payment.kind in OF_THE_HOUSE:
        return _ZERO
    if PaymentKind(payment.kind) is PaymentKind.SELL:
        came = first.crypto_seen
        if state in (PaymentState.DELIVERING, PaymentState.REFUNDING):
            return payment.pay_amount if came is None else came
        return came if came is not None and first.state in LEG_OPEN else _ZERO
    if state in (PaymentState.DELIVERING, PaymentState.REFUNDING):
        return payment.pay_amount
    undone = state is PaymentState.REVERSED and first.kind == LegKind.COLLECT and first.state == LegState.SUCCEEDED
    return payment.pay_amount if undone else _ZERO


def cost_told(leg: BookedLeg, report: Report) -> Decimal | None:
    """What a report says that a leg cost our balance beyond its own amount; None where it does not say.

    Of a collection, what is credited is the amount less the cost (Kotani docs, deposits), unless the report says that it
    is another. Of a payout it is not documented whether the cost comes on top, so only the report's own total counts.
    """
    cost: Decimal | None = None
    match LegKind(leg.kind):
        case LegKind.COLLECT:
            cost = exact().subtract(leg.amount, report.net) if report.net is not None else report.fee
        case LegKind.PAYOUT | LegKind.REFUND:
            if report.net is not None:
                cost = max(exact().subtract(report.net, leg.amount), _ZERO)
        case LegKind.ONRAMP | LegKind.OFFRAMP:
            return None  # its fee stands in the quote
        case kind:
            assert_never(kind)
    if cost is None or not _ZERO <= cost <= leg.amount or -int(cost.as_tuple().exponent) > _MOST_PLACES:
        return None
    return cost


def _purchase(payment: BookedPayment, parts: _Parts) -> None:
    """The provider collects fiat and delivers crypto itself: none of it touches our balances unless it goes wrong."""
    onramp = payment.legs[0]
    currency, paid, fee = payment.pay_currency, payment.pay_amount, payment.fee_amount
    state = LegState(onramp.state)
    if state in _PURCHASE_PAID:
        _owe(parts, onramp, (Account.CLEARING, currency, paid))
    if state in _DONE:
        _book(
            parts,
            onramp,
            Movement.DELIVERED,
            (Account.OWED_TO_CUSTOMERS, currency, paid),
            (Account.FEES_PASSED_ON, currency, fee.copy_negate()),
            (Account.PROVIDER_FEES, currency, fee),
            (Account.CLEARING, currency, paid.copy_negate()),
        )
    if state in _UNDELIVERED:  # all of it, fee included, and in the balance that refunds are paid from
        _book(
            parts,
            onramp,
            Movement.CREDITED,
            (Account.PAYOUT_BALANCE, currency, paid),
            (Account.CLEARING, currency, paid.copy_negate()),
        )
    for leg in payment.legs[1:]:
        _refund(payment, leg, parts)


def _sale(payment: BookedPayment, parts: _Parts) -> None:
    """Crypto comes into escrow and fiat leaves our payout balance; what is sold stays in escrow, as ours."""
    offramp = payment.legs[0]
    token, fiat, fee = payment.pay_currency, payment.receive_currency, payment.fee_amount
    crypto = payment.pay_amount if offramp.crypto_seen is None else offramp.crypto_seen
    state = LegState(offramp.state)
    if state in _CRYPTO_IN or (state in LEG_OPEN and offramp.crypto_seen is not None):
        _owe(parts, offramp, (Account.ESCROW, token, crypto))
    if state is LegState.SUCCEEDED:
        _book(
            parts,
            offramp,
            Movement.DELIVERED,
            (Account.OWED_TO_CUSTOMERS, token, crypto),
            (Account.EXCHANGE, token, crypto.copy_negate()),
            (Account.EXCHANGE, fiat, offramp.amount),
            (Account.FEES_PASSED_ON, fiat, fee.copy_negate()),
            (Account.PROVIDER_FEES, fiat, fee),
            (Account.PAYOUT_BALANCE, fiat, offramp.amount.copy_negate()),
        )
    if state is LegState.RETURNED:
        _book(
            parts,
            offramp,
            Movement.PAID_BACK,
            (Account.OWED_TO_CUSTOMERS, token, crypto),
            (Account.ESCROW, token, crypto.copy_negate()),
        )


def _transfer(payment: BookedPayment, parts: _Parts) -> None:
    """Collected into the deposit balance, paid out of the payout balance."""
    collect, *others = payment.legs
    currency, paid = payment.pay_currency, payment.pay_amount
    cost = collect.provider_fee or _ZERO
    held: tuple[Line, Line] = (
        (Account.DEPOSIT_BALANCE, currency, exact().subtract(paid, cost)),
        (Account.PROVIDER_FEES, currency, cost),
    )
    # a collection that was taken back is as if it had never been, unless money went out for it or still may
    taken_back = collect.state == LegState.REVERSED and any(leg.state in _PROMISED for leg in others)
    if collect.state in _DONE or taken_back:
        _owe(parts, collect, *held)
    if taken_back:
        undone = [(account, currency, amount.copy_negate()) for account, currency, amount in held]
        _book(parts, collect, Movement.TAKEN_BACK, (Account.CLAIMS, currency, paid), *undone)
    for leg in others:
        if leg.kind == LegKind.REFUND:
            _refund(payment, leg, parts)
        else:
            _payout(payment, leg, parts)


def _house_payout(leg: BookedLeg, parts: _Parts) -> None:
    """What arrives is taken out of the business; until then it is on its way, and one that fails comes back."""
    _send(leg, parts)
    if leg.state == LegState.SUCCEEDED:
        _book(
            parts,
            leg,
            Movement.DELIVERED,
            (Account.OWN_FUNDS, leg.currency, leg.amount),
            (Account.CLEARING, leg.currency, leg.amount.copy_negate()),
        )


def _house_collection(leg: BookedLeg, parts: _Parts) -> None:
    """What comes in is put into the business: nobody is owed it. Taken back, it is as if it had never been."""
    if leg.state not in _DONE:
        return
    cost = leg.provider_fee or _ZERO
    _book(
        parts,
        leg,
        Movement.RECEIVED,
        (Account.DEPOSIT_BALANCE, leg.currency, exact().subtract(leg.amount, cost)),
        (Account.PROVIDER_FEES, leg.currency, cost),
        (Account.OWN_FUNDS, leg.currency, leg.amount.copy_negate()),
    )


def _payout(payment: BookedPayment, leg: BookedLeg, parts: _Parts) -> None:
    """What arrives, and our fee, are what the payer is no longer owed."""
    _send(leg, parts)
    if leg.state not in _DONE:
        return
    currency, paid, fee = payment.pay_currency, payment.pay_amount, payment.fee_amount
    _book(
        parts,
        leg,
        Movement.DELIVERED,
        (Account.OWED_TO_CUSTOMERS, currency, paid),
        (Account.FEES_EARNED, currency, fee.copy_negate()),
        (Account.EXCHANGE, currency, exact().subtract(fee, paid)),
        (Account.EXCHANGE, leg.currency, leg.amount),
        (Account.CLEARING, leg.currency, leg.amount.copy_negate()),
    )


def _refund(payment: BookedPayment, leg: BookedLeg, parts: _Parts) -> None:
    """What is paid back may be a little more than was taken: never less."""
    _send(leg, parts)
    if leg.state != LegState.SUCCEEDED:
        return
    currency, paid = payment.pay_currency, payment.pay_amount
    _book(
        parts,
        leg,
        Movement.PAID_BACK,
        (Account.OWED_TO_CUSTOMERS, currency, paid),
        (Account.ROUNDING, currency, exact().subtract(leg.amount, paid)),
        (Account.CLEARING, currency, leg.amount.copy_negate()),
    )


def _send(leg: BookedLeg, parts: _Parts) -> None:
    """The wallet is debited when a payout is created, and credited again when it fails (Kotani docs, withdrawals)."""
    if leg.state not in _OUT:
        return
    cost = leg.provider_fee or _ZERO
    _book(
        parts,
        leg,
        Movement.SENT,
        (Account.CLEARING, leg.currency, leg.amount),
        (Account.PROVIDER_FEES, leg.currency, cost),
        (Account.PAYOUT_BALANCE, leg.currency, exact().add(leg.amount, cost).copy_negate()),
    )


def _owe(parts: _Parts, leg: BookedLeg, *held: Line) -> None:
    """It came in: what is held now, less what the provider took of it, is owed in full to who paid."""
    context, total = exact(), _ZERO
    for _, _, amount in held:
        total = context.add(total, amount)
    _book(parts, leg, Movement.RECEIVED, *held, (Account.OWED_TO_CUSTOMERS, held[0][1], total.copy_negate()))


def _book(parts: _Parts, leg: BookedLeg, movement: Movement, *lines: Line) -> None:
    summed: dict[tuple[Account, str], Decimal] = {}
    for account, currency, amount in lines:
        key = (account, currency)
        summed[key] = exact().add(summed[key], amount) if key in summed else amount
    parts[leg.id, movement] = {key: amount for key, amount in summed.items() if amount}
