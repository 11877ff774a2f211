"""The books balance whatever happens to a payment, and what they say is owed is what the payment's own state says."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.bookkeeping import Account, Movement, Posting, funded, out_of_balance, transferred
from bot.payments.ledger import cost_told, owed, position, postings
from bot.payments.money import Money
from bot.payments.plans import first_leg, leg_wanted, payment_state, without_ground
from bot.payments.reports import Report
from bot.payments.states import (
    LEG_MOVES,
    LEG_OPEN,
    LEG_STATES,
    OF_THE_HOUSE,
    LegKind,
    LegState,
    PaymentKind,
    PaymentState,
)

AMOUNTS = st.decimals(min_value=Decimal("0.000001"), max_value=10**9, places=6)


@dataclass
class Leg:
    id: str
    kind: LegKind
    amount: Decimal
    currency: str
    crypto_amount: Decimal | None = None
    state: LegState = LegState.READY
    crypto_seen: Decimal | None = None
    provider_fee: Decimal | None = None


@dataclass
class Payment:
    kind: PaymentKind
    pay: Money
    fee: Money
    receive: Money
    legs: list[Leg] = field(default_factory=list)
    posted: list[Posting] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._add(first_leg(self.kind))

    @property
    def state(self) -> PaymentState:
        return payment_state(self.kind, self._plan())

    @property
    def pay_amount(self) -> Decimal:
        return self.pay.amount

    @property
    def pay_currency(self) -> str:
        return self.pay.currency

    @property
    def fee_amount(self) -> Decimal:
        return self.fee.amount

    @property
    def receive_amount(self) -> Decimal:
        return self.receive.amount

    @property
    def receive_currency(self) -> str:
        return self.receive.currency

    def moves(
        self,
        *moves: tuple[int, LegState],
        fee: Decimal | None = None,
        seen: Decimal | None = None,
    ) -> "Payment":
        """One transaction in which legs move, and what it posts."""
        before = position(self)
        for place, state in moves:
            leg = self.legs[place]
            leg.state = state
            leg.provider_fee = leg.provider_fee if leg.provider_fee is not None else fee
            if leg.kind is LegKind.OFFRAMP and leg.crypto_seen is None:
                leg.crypto_seen = seen
            for kind in without_ground(self._plan()):
                next(one for one in self.legs if one.kind is kind).state = LegState.CANCELLED
            wanted = leg_wanted(self.kind, self._plan())
            if wanted is not None:
                self._add(wanted)
        new = postings(before, position(self))
        assert out_of_balance(new) == {}
        assert all(line.amount for line in new)
        self.posted += new
        return self

    def book(self) -> dict[str, Decimal]:
        """What stands on every account."""
        sums: Counter[str] = Counter()
        for line in self.posted:
            sums[f"{line.account} {line.currency}"] += line.amount  # type: ignore[assignment]
        return {name: Decimal(amount) for name, amount in sums.items() if amount}

    def owed(self) -> Decimal:
        owed = [line for line in self.posted if line.account is Account.OWED_TO_CUSTOMERS]
        assert {line.currency for line in owed} <= {self.pay.currency}
        return -sum((line.amount for line in owed), Decimal(0))

    def _plan(self) -> list[tuple[LegKind, LegState]]:
        return [(leg.kind, leg.state) for leg in self.legs]

    def _add(self, kind: LegKind) -> None:
        crypto = None
        match kind:
            case LegKind.ONRAMP:
                money, crypto = self.pay - self.fee, self.receive.amount
            case LegKind.OFFRAMP:
                money, crypto = self.receive + self.fee, self.pay.amount
            case LegKind.PAYOUT:
                money = self.receive
            case LegKind.COLLECT:
                money = self.pay
            case LegKind.REFUND:
                money = self.pay.quantize_up()
        self.legs.append(Leg(f"leg-{len(self.legs)}", kind, money.amount, money.currency, crypto))


def money(text: str) -> Money:
    amount, currency = text.split()
    return Money(Decimal(amount), currency)


def purchase() -> Payment:
    return Payment(PaymentKind.BUY, money("1025 KES"), money("25 KES"), money("7.65 USDC"))


def sale() -> Payment:
    return Payment(PaymentKind.SELL, money("10 USDC"), money("26 KES"), money("1279 KES"))


def transfer() -> Payment:
    return Payment(PaymentKind.SEND, money("515 KES"), money("15 KES"), money("500 KES"))


def house(kind: PaymentKind, amount: Money) -> Payment:
    return Payment(kind, amount, Money(Decimal(0), amount.currency), amount)


def shown(**accounts: str) -> dict[str, Decimal]:
    """Accounts as a test writes them: `payout_balance_KES="-500"`."""
    return {" ".join(name.rsplit("_", 1)): Decimal(amount) for name, amount in accounts.items()}


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    kind = draw(st.sampled_from(sorted(PaymentKind)))
    paid, fee, other = draw(AMOUNTS), draw(AMOUNTS), draw(AMOUNTS)
    match kind:
        case PaymentKind.BUY:
            return Payment(kind, Money(paid + fee, "KES"), Money(fee, "KES"), Money(other, "USDC"))
        case PaymentKind.SELL:
            return Payment(kind, Money(paid, "USDC"), Money(fee, "KES"), Money(other, "KES"))
        case PaymentKind.PAYOUT | PaymentKind.COLLECTION:
            return house(kind, Money(paid, "KES"))
        case _:
            receive = Money(other, "UGX") if draw(st.booleans()) else Money(paid, "KES")
            return Payment(kind, Money(paid + fee, "KES"), Money(fee, "KES"), receive)


@given(st.data())
def test_on_every_way_that_a_payment_can_go_the_books_balance_and_owe_what_it_owes(data: st.DataObject) -> None:
    payment = data.draw(payments())
    for _ in range(data.draw(st.integers(1, 10))):
        moves = []
        legs = [(leg.kind, leg.state) for leg in payment.legs]
        for _ in range(data.draw(st.integers(1, 2))):
            ways = [
                (place, state)
                for place, (kind, stands) in enumerate(legs)
                for state in sorted(LEG_MOVES[stands] & LEG_STATES[kind])
            ]
            if not ways:
                break
            moves.append(data.draw(st.sampled_from(ways)))
            legs[moves[-1][0]] = (legs[moves[-1][0]][0], moves[-1][1])
            if (LegKind.COLLECT, LegState.REVERSED) in legs:  # others may have been dropped with it
                break
        if not moves:
            break
        seen = data.draw(st.none() | AMOUNTS)
        payment.moves(*moves, fee=data.draw(st.none() | st.just(Decimal("0.000001"))), seen=seen)
        assert payment.owed() == owed(payment)
        if payment.kind in OF_THE_HOUSE:
            assert payment.owed() == 0
        elif payment.state in (PaymentState.DELIVERING, PaymentState.REFUNDING):
            assert payment.owed() > 0
        elif payment.state is not PaymentState.REVERSED and payment.legs[0].crypto_seen is None:
            assert payment.owed() == 0
        stands: Counter[tuple[str, Movement, Account, str]] = Counter()
        for line in payment.posted:
            assert line.leg_id is not None
            stands[line.leg_id, line.movement, line.account, line.currency] += line.amount  # type: ignore[assignment]
        whole = {(*key, *line): amount for key, lines in position(payment).items() for line, amount in lines.items()}
        assert {key: amount for key, amount in stands.items() if amount} == whole


def test_a_purchase_passes_through_the_provider_and_leaves_its_fee() -> None:
    bought = purchase().moves((0, LegState.PENDING)).moves((0, LegState.COLLECTED))
    assert bought.book() == shown(clearing_KES="1025", owed_to_customers_KES="-1025")
    bought.moves((0, LegState.SUCCEEDED))
    assert bought.book() == shown(fees_passed_on_KES="-25", provider_fees_KES="25")
    assert purchase().moves((0, LegState.SUCCEEDED)).book() == bought.book()
    assert bought.moves((0, LegState.REVERSED)).book() == {}
    late = purchase().moves((0, LegState.EXPIRED))
    assert late.book() == {}
    assert late.moves((0, LegState.LATE)).book() == shown(fees_passed_on_KES="-25", provider_fees_KES="25")
    owing = purchase().moves((0, LegState.FAILED)).moves((0, LegState.UNDELIVERED_LATE))
    assert owing.book() == shown(payout_balance_KES="1025", owed_to_customers_KES="-1025")
    assert owed(owing) == 1025


def test_a_purchase_that_cannot_be_delivered_leaves_the_money_in_our_wallet_until_it_is_paid_back() -> None:
    failed = purchase().moves((0, LegState.UNDELIVERED))
    assert failed.book() == shown(payout_balance_KES="1025", owed_to_customers_KES="-1025")
    failed.moves((1, LegState.PENDING)).moves((1, LegState.SUCCEEDED), fee=Decimal(8))
    assert failed.book() == shown(payout_balance_KES="-8", provider_fees_KES="8")
    failed.moves((1, LegState.REVERSED))
    assert failed.book() == shown(payout_balance_KES="1025", owed_to_customers_KES="-1025")


def test_what_is_sold_stays_in_escrow_and_fiat_leaves_the_payout_balance() -> None:
    sold = sale().moves((0, LegState.COLLECTED))
    assert sold.book() == shown(escrow_USDC="10", owed_to_customers_USDC="-10")
    sold.moves((0, LegState.SUCCEEDED))
    assert sold.book() == shown(
        escrow_USDC="10",
        exchange_USDC="-10",
        exchange_KES="1305",
        payout_balance_KES="-1305",
        fees_passed_on_KES="-26",
        provider_fees_KES="26",
    )


def test_another_amount_of_crypto_is_owed_as_it_came_and_given_back_as_it_came() -> None:
    odd = sale().moves((0, LegState.PENDING)).moves((0, LegState.PENDING), seen=Decimal(9))
    assert odd.book() == shown(escrow_USDC="9", owed_to_customers_USDC="-9")
    assert odd.moves((0, LegState.RETURNING)).owed() == 9
    assert odd.moves((0, LegState.RETURNED)).book() == {}
    late = sale().moves((0, LegState.EXPIRED)).moves((0, LegState.RETURNING))
    assert late.owed() == owed(late) == 10


def test_a_payout_that_arrived_after_all_stands_in_the_books_like_one_that_arrived_at_once() -> None:
    def sent(*states: LegState) -> Payment:
        payment = transfer().moves((0, LegState.SUCCEEDED), fee=Decimal(13)).moves((1, LegState.PENDING))
        for state in states:
            payment.moves((1, state))
        return payment

    late = sent(LegState.FAILED, LegState.LATE)
    assert late.book() == sent(LegState.SUCCEEDED).book()
    assert late.owed() == 0
    assert late.moves((1, LegState.REVERSED)).owed() == 515


def test_a_transfer_is_collected_in_one_balance_and_paid_out_of_the_other() -> None:
    sent = transfer().moves((0, LegState.SUCCEEDED), fee=Decimal(13))
    assert sent.book() == shown(deposit_balance_KES="502", provider_fees_KES="13", owed_to_customers_KES="-515")
    sent.moves((1, LegState.PENDING))
    assert (sent.owed(), sent.book()["clearing KES"]) == (515, 500)
    sent.moves((1, LegState.SUCCEEDED), fee=Decimal(5))
    assert sent.book() == shown(
        deposit_balance_KES="502", payout_balance_KES="-505", provider_fees_KES="18", fees_earned_KES="-15"
    )


def test_across_currencies_the_exchange_holds_both_sides() -> None:
    sent = Payment(PaymentKind.SEND, money("2060 KES"), money("60 KES"), money("57000 UGX"))
    sent.moves((0, LegState.SUCCEEDED)).moves((1, LegState.SUCCEEDED))
    assert sent.book() == shown(
        deposit_balance_KES="2060",
        fees_earned_KES="-60",
        exchange_KES="-2000",
        exchange_UGX="57000",
        payout_balance_UGX="-57000",
    )


def test_a_payout_that_fails_leaves_nothing_behind_and_the_refund_pays_all_of_it_back() -> None:
    sent = Payment(PaymentKind.SEND, money("515.4 KES"), money("15.4 KES"), money("500 KES"))
    sent.moves((0, LegState.SUCCEEDED)).moves((1, LegState.PENDING)).moves((1, LegState.FAILED))
    assert sent.book() == shown(deposit_balance_KES="515.4", owed_to_customers_KES="-515.4")
    sent.moves((2, LegState.SUCCEEDED))
    assert sent.book() == shown(deposit_balance_KES="515.4", payout_balance_KES="-516", rounding_KES="0.6")


def test_a_payout_that_is_undone_after_it_arrived_is_owed_again() -> None:
    sent = transfer().moves((0, LegState.SUCCEEDED)).moves((1, LegState.SUCCEEDED)).moves((1, LegState.REVERSED))
    assert sent.state is PaymentState.REVERSED
    assert sent.owed() == owed(sent) == 515


def test_a_collection_that_is_taken_back_is_claimed_where_money_went_out_for_it() -> None:
    sent = transfer().moves((0, LegState.SUCCEEDED), fee=Decimal(13)).moves((1, LegState.PENDING))
    sent.moves((0, LegState.REVERSED))
    assert sent.state is PaymentState.DELIVERING
    assert (sent.owed(), sent.book()["claims KES"]) == (515, 515)
    assert "deposit_balance KES" not in sent.book()
    failed = transfer().moves((0, LegState.SUCCEEDED)).moves((1, LegState.PENDING)).moves((0, LegState.REVERSED))
    assert failed.moves((1, LegState.FAILED)).book() == {}
    sent.moves((1, LegState.SUCCEEDED))
    assert sent.book() == shown(claims_KES="515", payout_balance_KES="-500", fees_earned_KES="-15")
    assert transfer().moves((0, LegState.REVERSED)).book() == {}


def test_operators_move_money_between_balances_and_put_some_in() -> None:
    moved = transferred(money("300 KES")) + funded(Account.PAYOUT_BALANCE, money("1000 KES"))
    assert out_of_balance(moved) == {}
    assert sum(line.amount for line in moved if line.account is Account.PAYOUT_BALANCE) == 1300
    assert transferred(money("0 KES")) == []


@pytest.mark.parametrize(
    ("kind", "report", "cost"),
    [
        (LegKind.COLLECT, Report(fee=Decimal(25), net=Decimal(975)), 25),
        (LegKind.COLLECT, Report(fee=Decimal(25)), 25),
        (LegKind.COLLECT, Report(fee=Decimal(25), net=Decimal(1000)), 0),  # the payer bore it
        (LegKind.COLLECT, Report(), None),
        (LegKind.COLLECT, Report(net=Decimal(1025)), None),
        (LegKind.COLLECT, Report(fee=Decimal(-1)), None),
        (LegKind.PAYOUT, Report(fee=Decimal(8), net=Decimal(1008)), 8),
        (LegKind.PAYOUT, Report(fee=Decimal(8), net=Decimal(992)), 0),  # taken out of what arrives
        (LegKind.PAYOUT, Report(fee=Decimal(8)), None),
        (LegKind.REFUND, Report(net=Decimal(5000)), None),
        (LegKind.REFUND, Report(net=Decimal("1000.0000000000000000001")), None),
        (LegKind.ONRAMP, Report(fee=Decimal(25)), None),
    ],
)
def test_only_a_cost_that_was_told_is_booked(kind: LegKind, report: Report, cost: int | None) -> None:
    assert cost_told(Leg("leg", kind, Decimal(1000), "KES"), report) == cost


@pytest.mark.parametrize("kind", sorted(PaymentKind))
def test_nothing_is_booked_before_money_moved(kind: PaymentKind) -> None:
    for state in (LEG_OPEN - {LegState.COLLECTED, LegState.RETURNING}) & LEG_STATES[first_leg(kind)]:
        if kind is PaymentKind.PAYOUT and state is LegState.PENDING:
            continue  # the balance is debited as soon as the provider has it
        made = {PaymentKind.BUY: purchase, PaymentKind.SELL: sale}.get(kind, transfer)
        payment = house(kind, money("500 KES")) if kind in OF_THE_HOUSE else made()
        assert payment.moves((0, state)).posted == []


def test_a_payout_of_the_house_takes_from_its_own_funds_and_one_that_fails_leaves_nothing_behind() -> None:
    paid = house(PaymentKind.PAYOUT, money("500 KES")).moves((0, LegState.PENDING))
    assert paid.book() == shown(clearing_KES="500", payout_balance_KES="-500")
    paid.moves((0, LegState.SUCCEEDED), fee=Decimal(5))
    assert paid.book() == shown(payout_balance_KES="-505", provider_fees_KES="5", own_funds_KES="500")
    assert paid.moves((0, LegState.REVERSED)).book() == {}
    failed = house(PaymentKind.PAYOUT, money("500 KES")).moves((0, LegState.PENDING)).moves((0, LegState.FAILED))
    assert (failed.book(), failed.state, failed.owed()) == ({}, PaymentState.FAILED, 0)


def test_what_the_house_collects_is_its_own_and_what_is_taken_back_never_was() -> None:
    collected = house(PaymentKind.COLLECTION, money("500 KES")).moves((0, LegState.SUCCEEDED), fee=Decimal(13))
    assert collected.book() == shown(deposit_balance_KES="487", provider_fees_KES="13", own_funds_KES="-500")
    assert (collected.state, collected.owed()) == (PaymentState.COMPLETED, 0)
    assert collected.moves((0, LegState.REVERSED)).book() == {}
