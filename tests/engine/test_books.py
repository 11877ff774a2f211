"""The books follow payments through random histories, whatever is found, and tell what is owed to whom."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.engine.book_results import Look
from bot.engine.books import Books
from bot.engine.effects import Effects
from bot.engine.findings import Cause, Finding
from bot.engine.following import plan_of
from bot.engine.history import added_event
from bot.engine.house import Asked, CollectionOrder, House, PayoutOrder
from bot.engine.opening import Confirmed, open_buy, open_sell, open_send
from bot.engine.planning import payout_leg, refund_leg
from bot.engine.results import BuyOffer, BuyRequest, SellOffer, SellRequest, SendOffer, SendRequest
from bot.engine.settling import Settler
from bot.engine.wakes import Wakes
from bot.payments.bookkeeping import Account, Movement
from bot.payments.decide import Decision
from bot.payments.ledger import position
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer, Way
from bot.payments.plans import may_add
from bot.payments.reports import Report
from bot.payments.schedule import Patience
from bot.payments.states import LEG_MOVES, LEG_OPEN, LEG_STATES, LegKind, LegState, PaymentKind, PaymentState
from storage.crypto import Keyring
from storage.database import Database
from storage.ledger import ENTRY
from storage.payments import HeldPayment, LegKey, hold_payments
from storage.tables import Customer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
PHONE = "+254712345678"
WALLET = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
JANE = Destination(Way.PHONE, "KE", "KES", "Jane Doe", phone=PHONE, network="MPESA")
KIN = Destination(Way.PHONE, "UG", "UGX", "Okello James", phone="+256772123456", network="MTN")
JOHN = Payer("KE", "KES", "mobile_money", "+254722000111", "John Otieno", "MPESA")
BY = Asked(9_001, "en", -100_777, NOW)
BANK = Payer("ZA", "ZAR", "bank", "+27821234568", "Sipho Nkosi")


def money(text: str) -> Money:
    amount, currency = text.split()
    return Money(Decimal(amount), currency)


class Desk:
    """Payments that go where a test says, and the books beside them."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.database = database
        self.keyring = keyring
        self.settler = Settler(keyring, Patience())
        self.books = Books(database, keyring, lambda: NOW, environment="sandbox")
        self.house = House(keyring, lambda: NOW, Wakes(), environment="sandbox")
        self.number = 0

    async def opened(self, kind: PaymentKind, *, abroad: bool = False, payer: Payer = JOHN) -> str:
        """A confirmed payment of a kind; its id."""
        self.number += 1
        yes = Confirmed("c1", 1, f"yes-{self.number}", "sandbox", NOW)

        def write(session: Session) -> str:
            if session.get(Customer, "c1") is None:
                session.add(Customer(id="c1", telegram_id=7, chat_id=1, created_at=NOW, updated_at=NOW))
                session.flush()
            match kind:
                case PaymentKind.BUY:
                    request = BuyRequest(
                        "KE", "KES", "USDC", "BASE", WALLET, "mobile_money", PHONE, "Jane Doe", "MPESA", Decimal(1000)
                    )
                    offer = BuyOffer(
                        "q", money("1025 KES"), money("25 KES"), money("7.65 USDC"), money("1000 KES"), SOON
                    )
                    return open_buy(session, self.keyring, yes, request=request, offer=offer).payment_id
                case PaymentKind.SELL:
                    sale = SellRequest("USDC", "BASE", WALLET, WALLET, JANE, Decimal(10))
                    price = SellOffer(
                        "q", money("10 USDC"), money("26 KES"), money("1279 KES"), money("1305 KES"), SOON
                    )
                    return open_sell(session, self.keyring, yes, request=sale, offer=price).payment_id
                case PaymentKind.PAYOUT:
                    paid_out = PayoutOrder(JANE, money("500 KES"), "rent", yes.confirm_key)
                    return self.house.open_payouts(session, BY, [paid_out])[yes.confirm_key].payment_id
                case PaymentKind.COLLECTION:
                    wanted = CollectionOrder(JOHN, money("500 KES"), "stall 7", yes.confirm_key)
                    return self.house.open_collection(session, BY, wanted).payment_id
                case _:
                    to, receive = (KIN, money("14000 UGX")) if abroad else (JANE, Money(Decimal(500), payer.currency))
                    transfer = SendRequest(payer, to, Money(Decimal(500), payer.currency))
                    pay, fee = Money(Decimal(515), payer.currency), Money(Decimal(15), payer.currency)
                    cost = SendOffer(pay, fee, receive, SOON)
                    return open_send(session, self.keyring, yes, request=transfer, offer=cost).payment_id

        return await self.database.write(write)

    async def find(self, payment_id: str, place: int, **found: Any) -> HeldPayment:
        """One finding about the leg at a place, settled; the payment after it."""

        def settle(session: Session) -> HeldPayment:
            leg = hold_payments(session, [payment_id])[payment_id].legs[place]
            finding = Finding(key=LegKey(leg.id, payment_id), cause=Cause.POLL, **found)
            self.settler.apply(session, [finding], NOW)
            return hold_payments(session, [payment_id])[payment_id]

        return await self.database.write(settle)

    async def goes(self, payment_id: str, *steps: tuple[int, LegState]) -> HeldPayment:
        """The legs at these places move there, one after the other."""
        for place, state in steps:
            payment = await self.find(payment_id, place, decision=Decision(state))
        return payment

    async def agree(self, payment: HeldPayment) -> Look:
        """Hold the whole books against themselves, and what is posted for a payment against where it stands."""
        look = await self.books.look()
        assert look.faults == ()

        def posted(session: Session) -> list[Any]:
            return list(session.connection().execute(select(ENTRY).where(ENTRY.c.payment_id == payment.id)).mappings())

        sums: dict[Any, Decimal] = {}
        for row in await self.database.read(posted):
            key = (row["leg_id"], row["movement"], row["account"], row["currency"])
            sums[key] = sums.get(key, Decimal(0)) + row["amount"]
        stands = {(*key, *line): amount for key, lines in position(payment).items() for line, amount in lines.items()}
        assert {key: amount for key, amount in sums.items() if amount} == stands
        return look


@pytest.fixture
def desk(database: Database, keyring: Keyring) -> Desk:
    return Desk(database, keyring)


async def test_the_books_agree_at_every_step_of_random_histories(desk: Desk) -> None:
    chance = random.Random(7)
    for _ in range(35):
        kind = chance.choice([one for one in PaymentKind if one is not PaymentKind.REQUEST])
        payment_id = await desk.opened(kind, abroad=chance.random() < 0.5)
        payment = await desk.database.write(lambda session, one=payment_id: hold_payments(session, [one])[one])
        for _ in range(chance.randint(1, 8)):
            ways = [
                (place, state)
                for place, leg in enumerate(payment.legs)
                for state in sorted(LEG_MOVES[LegState(leg.state)] & LEG_STATES[LegKind(leg.kind)])
            ]
            if not ways:
                break
            payment = await desk.goes(payment_id, chance.choice(ways))
        await desk.agree(payment)


async def test_the_books_agree_when_operators_add_legs_and_nobody_is_paid_twice(desk: Desk) -> None:
    """Random histories in which whatever failed is tried again, or paid back, as often as it may be."""
    chance = random.Random(11)
    added = 0

    def order(session: Session, payment_id: str) -> bool:
        payment = hold_payments(session, [payment_id])[payment_id]
        may = sorted(may_add(PaymentKind(payment.kind), plan_of(payment)))
        if not may:
            return False
        row = (refund_leg if may[-1] is LegKind.REFUND else payout_leg)(session, desk.keyring, payment, NOW)
        if row is None:
            return False
        desk.settler.extend(session, payment, row, added_event(row, Cause.OPERATOR, "701", "again", NOW))
        return True

    for _ in range(14):
        kind = chance.choice([PaymentKind.BUY, PaymentKind.SEND])
        payment_id = await desk.opened(kind, abroad=chance.random() < 0.5)
        begins = LegState.UNDELIVERED if kind is PaymentKind.BUY else LegState.SUCCEEDED
        payment = await desk.goes(payment_id, (0, begins))
        for _ in range(8):
            added += await desk.database.write(lambda session, one=payment_id: order(session, one))
            payment = await desk.database.write(lambda session, one=payment_id: hold_payments(session, [one])[one])
            ways = [
                (place, state)
                for place, leg in enumerate(payment.legs)
                if place > 0
                for state in sorted(LEG_MOVES[LegState(leg.state)] & LEG_STATES[LegKind(leg.kind)])
            ]
            if ways:
                payment = await desk.goes(payment_id, chance.choice(ways))
            await desk.agree(payment)
            out = [leg.state for leg in payment.legs[1:]]
            assert sum(state == LegState.SUCCEEDED or state in LEG_OPEN for state in out) <= 1
    assert added > 10


async def test_what_a_report_tells_of_cost_and_crypto_is_booked_and_what_it_does_not_tell_is_not(desk: Desk) -> None:
    payment_id = await desk.opened(PaymentKind.SEND)
    collected = Report(status="SUCCESSFUL", gross=Decimal(515), fee=Decimal(13), net=Decimal(502))
    await desk.find(payment_id, 0, report=collected)
    await desk.find(payment_id, 1, report=Report(status="PENDING"))
    paid_out = Report(status="SUCCESSFUL", gross=Decimal(500), fee=Decimal(5), net=Decimal(505))
    look = await desk.agree(await desk.find(payment_id, 1, report=paid_out))
    assert {one.account: str(one.money) for one in look.balances.accounts} == {
        Account.DEPOSIT_BALANCE: "502 KES",
        Account.PAYOUT_BALANCE: "-505 KES",
        Account.FEES_EARNED: "15 KES",
        Account.PROVIDER_FEES: "18 KES",
    }
    sale_id = await desk.opened(PaymentKind.SELL)
    await desk.find(sale_id, 0, report=Report(status="PENDING"))
    sale = await desk.find(sale_id, 0, report=Report(status="PENDING", crypto_seen=Decimal(9)))
    look = await desk.agree(sale)
    assert (sale.state, look.owed[0].money) == (PaymentState.AWAITING_PAYMENT, money("9 USDC"))
    again = await desk.find(sale_id, 0, report=Report(status="PENDING", crypto_seen=Decimal(9)))
    assert (await desk.agree(again)).owed == look.owed


async def test_it_is_told_what_is_owed_to_whom_and_nothing_of_them_is_shown_whole(desk: Desk) -> None:
    bought, sold, sent, by_bank = [
        await desk.opened(PaymentKind.BUY),
        await desk.opened(PaymentKind.SELL),
        await desk.opened(PaymentKind.SEND),
        await desk.opened(PaymentKind.SEND, payer=BANK),
    ]
    await desk.goes(bought, (0, LegState.UNDELIVERED))
    await desk.goes(sold, (0, LegState.RETURNING))
    await desk.goes(sent, (0, LegState.SUCCEEDED), (1, LegState.SUCCEEDED), (1, LegState.REVERSED))
    last = await desk.goes(by_bank, (0, LegState.SUCCEEDED), (1, LegState.FAILED))
    look = await desk.agree(last)
    assert {(one.to, str(one.money), one.state) for one in look.owed} == {
        ("+254•••••678", "1025 KES", PaymentState.REFUNDING),
        ("0x5aAe…eAed", "10 USDC", PaymentState.REFUNDING),
        ("+254•••••111", "515 KES", PaymentState.REVERSED),
        ("+27•••••568", "515 ZAR", PaymentState.REFUNDING),
    }
    assert {(one.movement, str(one.money)) for one in look.balances.customers} == {
        (Movement.RECEIVED, "1540 KES"),
        (Movement.RECEIVED, "515 ZAR"),
        (Movement.RECEIVED, "10 USDC"),
    }


async def test_what_operators_do_with_balances_is_booked_once(desk: Desk) -> None:
    effects = Effects()
    desk.books.stage_funded(effects, "action-1", Account.DEPOSIT_BALANCE, money("1000 KES"))
    desk.books.stage_transferred(effects, "action-2", money("400 KES"))
    await desk.database.write(effects.write)
    standing = (await desk.books.balances()).accounts
    assert {one.account: str(one.money) for one in standing} == {
        Account.DEPOSIT_BALANCE: "600 KES",
        Account.PAYOUT_BALANCE: "400 KES",
        Account.OWN_FUNDS: "1000 KES",
    }
    assert await desk.books.owed() == []
