"""Days compared with the provider: clean ones give nothing, and whatever is wrong in its books is found, once."""

import asyncio
import csv
import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from bot.engine.books import Books
from bot.engine.clock import utc_now
from bot.engine.effects import Effects
from bot.engine.operators.alerting import AlertKind, told_alerts
from bot.engine.operators.reconcile_results import ItemView, RunView
from bot.engine.operators.reconciling import Reconciling
from bot.engine.operators.results import Operator, Role
from bot.engine.operators.roles import Operators
from bot.engine.reconciler import LEASE, Reconciler
from bot.payments.bookkeeping import Account
from bot.payments.money import Money
from bot.payments.reconciling import DifferenceKind
from bot.screens.operators.alerts import alert_screen
from bot.screens.screen import Screen
from bot.screens.texts import catalogue
from bot.simulator.kotani import Match, Rule
from bot.simulator.kotani.records import Deposit, Transaction, Withdrawal
from storage.alert_tables import Alert
from storage.payments import LEG, LostRace
from storage.reconciliation_tables import Reconciliation
from storage.reconciling import RUN

from .conftest import SENDER, House

OWNER = Operator(501, Role.OWNER)
FLOAT = Decimal(1_000_000)
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is not about the database


@dataclass
class Office:
    """The house with somebody who compares its books."""

    house: House

    def __post_init__(self) -> None:
        house = self.house
        self.books = Books(house.database, house.keyring, utc_now, environment="sandbox")
        operators = Operators(house.database, house.keyring, utc_now, owners=frozenset({OWNER.telegram_id}))
        self.reconciling = Reconciling(
            house.database, utc_now, operators, self.books, house.wakes, environment="sandbox"
        )

    def worker(
        self, owner: str = "here", *, hour: int | None = None, ahead: timedelta = timedelta(), calls: bool = True
    ) -> Reconciler:
        house = self.house
        return Reconciler(
            house.database,
            house.kotani,
            house.keyring,
            lambda: utc_now() + ahead,
            house.wakes,
            environment="sandbox",
            owner=owner,
            hour=hour,
            calls=calls,
        )

    async def opens_books(self) -> None:
        """What was in the wallets is booked as what it is, and nothing else is in any."""
        for wallet in self.house.world.wallets.all.values():
            wallet.balance = FLOAT if wallet.currency == "KES" else Decimal(0)
        effects = Effects()
        self.books.stage_funded(effects, "opening", Account.PAYOUT_BALANCE, Money(FLOAT, "KES"))
        await self.house.database.write(effects.write)

    async def begins(self) -> RunView:
        effects = Effects()
        run = self.reconciling.stage_begin(effects, OWNER, 1, "en", self.reconciling.today)
        await self.house.database.write(effects.write)
        return run

    async def compares(self, *, ahead: timedelta = timedelta()) -> RunView:
        """Today, compared to the end; a while later."""
        run = await self.begins()
        worker = self.worker(ahead=ahead)
        while await worker.step():
            pass
        seen = await self.reconciling.run(run.id)
        assert seen is not None
        assert seen[0].ended_at is not None
        return seen[0]

    async def open(self) -> list[ItemView]:
        """All open differences."""
        found: list[ItemView] = []
        number, more = 1, True
        while more:
            items, page, _ = await self.reconciling.page(None, number)
            found += items
            number, more = number + 1, page.more
        return found

    async def lists(self) -> Counter[DifferenceKind]:
        return Counter(one.kind for one in await self.open())

    async def does(self, stage: Callable[[Effects], None]) -> None:
        effects = Effects()
        stage(effects)
        await self.house.database.write(effects.write)

    async def said(self) -> Screen:
        """What operators are called with."""
        alerts, count = await self.house.database.read(
            lambda session: told_alerts(session, AlertKind.RECONCILIATION, since=utc_now(), limit=5)
        )
        return alert_screen(catalogue("en"), AlertKind.RECONCILIATION, alerts, count, utc_now())

    async def reconciliation_alerts(self) -> list[bool]:
        """The alerts, each with whether it lasts."""
        rows = await self.house.database.read(lambda session: list(session.execute(select(Alert)).scalars()))
        return [row.over_at is None for row in rows if row.kind == AlertKind.RECONCILIATION]


@pytest.fixture
async def office(house: House) -> Office:
    office = Office(house)
    await office.opens_books()
    return office


async def history(house: House, chance: random.Random, count: int) -> list[str]:
    """Payments of all kinds, most of which go well; their ids, once all of them are over."""
    payments = []
    for number in range(count):
        match chance.choice(["buy", "send", "send", "sell"]):
            case "buy":
                house.world.fail_next(deliveries=chance.random() < 0.2)
                payment = await house.buy(f"yes-{number}")
            case "send":
                house.world.fail_next(withdrawals=chance.random() < 0.2)
                payment = await house.send(f"yes-{number}")
            case _:
                payment = await house.sell(f"yes-{number}", sender_address=SENDER)
                await house.until(payment, lambda view: view.escrow_address is not None, "an address")
                house.world.send_crypto(await house.reference(payment))
        payments.append(payment)
        await house.until(payment, lambda view: view.ended_at is not None, "ended")
    return payments


async def sent(house: House) -> list[str]:
    """The references of all legs that ended well at the provider."""
    return await house.database.read(
        lambda session: [row[0] for row in session.execute(select(LEG.c.reference).where(LEG.c.state == "succeeded"))]
    )


def forget(house: House, tx: Transaction) -> None:
    """The provider loses a transaction."""
    house.world.register._latest.pop((tx.family, tx.reference))


def change_amount(house: House, tx: Transaction) -> None:
    """It has another amount."""
    if isinstance(tx, Deposit | Withdrawal):
        tx.amount += 1
    else:
        tx.quote.fiat += 1  # type: ignore[attr-defined]


def undo(house: House, tx: Transaction) -> None:
    """It says that it failed, and we never hear."""
    for name in ("status", "deposit_status", "onchain_status"):
        if hasattr(tx, name):
            setattr(tx, name, "FAILED")


def double(house: House, tx: Transaction) -> None:
    """It was made a second time."""
    house.world.register.add(replace(tx, id=f"{tx.id}-again"))


FAULTS: dict[DifferenceKind, Callable[[House, Transaction], None]] = {
    DifferenceKind.OURS_ONLY: forget,
    DifferenceKind.AMOUNT: change_amount,
    DifferenceKind.STATE: undo,
    DifferenceKind.DUPLICATE: double,
}


@pytest.mark.parametrize("seed", [1])
async def test_random_histories_agree_and_random_faults_in_them_are_each_found(office: Office, seed: int) -> None:
    house, chance = office.house, random.Random(seed)
    await history(house, chance, 6)
    await asyncio.sleep(0.2)
    clean = await office.compares()
    assert await office.open() == []
    assert clean.found == 0
    assert clean.seen == clean.total
    assert clean.total
    assert clean.total >= 6
    assert clean.balances is not None
    assert all(line.difference == 0 for line in clean.balances), clean.balances

    expected: Counter[tuple[DifferenceKind, str]] = Counter()
    for reference in chance.sample(sorted(await sent(house)), 4):
        kind = chance.choice(sorted(FAULTS))
        tx = house.world.transaction(reference)
        assert tx is not None
        FAULTS[kind](house, tx)
        expected[kind, reference] += 1
    house.world.wallets.of_currency("KES", "KE").balance -= 7
    run = await office.compares()
    found = {(one.kind, one.reference): one for one in await office.open()}
    balance = found.pop((DifferenceKind.BALANCE, "payout_balance KES"))
    assert balance.theirs_amount == (balance.ours_amount or 0) - 7
    assert set(found) == set(expected)
    assert run.found == len(expected) + 1
    assert await office.reconciliation_alerts() == [True]

    again = await office.compares()  # the same ones are the same, and no news
    assert again.found == 0
    assert {one.id for one in await office.open()} == {one.id for one in (*found.values(), balance)}
    assert (await office.books.look()).faults == ()


async def test_a_difference_is_closed_when_it_is_gone_and_opens_when_it_comes_again(office: Office) -> None:
    house = office.house
    payment = await house.send()
    await house.ended(payment)
    reference = await house.reference(payment, 1)
    tx = house.world.transaction(reference)
    assert isinstance(tx, Withdrawal)
    tx.amount += 1
    await office.compares()
    (item,) = await office.open()
    assert (item.kind, item.ours, item.theirs) == (DifferenceKind.AMOUNT, "500 KES", "501 KES")
    tx.amount -= 1
    await office.compares()
    assert await office.open() == []
    assert await office.reconciliation_alerts() == [False]
    gone = await office.reconciling.item(item.id)
    assert gone is not None
    assert (gone.state, gone.closed_by) == ("gone", None)

    tx.amount += 1
    await office.compares()
    (back,) = await office.open()
    assert back.id == item.id
    await office.does(lambda effects: office.reconciling.stage_resolve(effects, OWNER, back, "they mended it"))
    assert await office.reconciliation_alerts() == [False]
    await office.compares()  # what a person closed stays closed
    assert await office.open() == []
    tx.amount += 1
    assert (await office.compares()).found == 1  # but this is another one
    with pytest.raises(LostRace):
        await office.does(lambda effects: office.reconciling.stage_resolve(effects, OWNER, back, "seen before"))


@one_engine
async def test_what_the_business_paid_in_is_booked_and_the_balances_agree(office: Office) -> None:
    office.house.world.wallets.of_currency("UGX", "UG").deposit_balance = Decimal(5000)
    await office.compares()
    (item,) = await office.open()
    booked = await office.reconciling.booked(item)
    assert booked is not None
    assert (booked.account, str(booked.money)) == (Account.DEPOSIT_BALANCE, "5000 UGX")
    await office.does(lambda effects: office.reconciling.stage_book(effects, OWNER, item, booked, "paid in"))
    with pytest.raises(LostRace):  # once
        await office.does(lambda effects: office.reconciling.stage_book(effects, OWNER, item, booked, "paid in"))
    await office.compares()
    assert await office.open() == []
    standing = {(one.account, one.money.currency): one.money.amount for one in (await office.books.balances()).accounts}
    assert standing[Account.DEPOSIT_BALANCE, "UGX"] == standing[Account.OWN_FUNDS, "UGX"] == 5000
    assert (await office.books.look()).faults == ()


@one_engine
async def test_what_was_in_the_wallets_before_the_books_began_is_called_that_until_it_is_booked(house: House) -> None:
    office = Office(house)
    await house.ended(await house.send())
    await office.compares()
    assert set(await office.lists()) == {DifferenceKind.BALANCE}
    said = await office.said()
    assert "before the books began" in said.text
    assert "an owner" in said.text
    assert "Write all of it into the books" in said.rows[0][0].text
    await office.compares()  # it is so as long as nobody has written it in
    assert "before the books began" in (await office.said()).text
    for item in await office.reconciling.whole_list(DifferenceKind.BALANCE):
        booked = await office.reconciling.booked(item)
        assert booked is not None
        await office.does(
            lambda effects, i=item, b=booked: office.reconciling.stage_book(effects, OWNER, i, b, "was in")
        )
    assert await office.reconciliation_alerts() == [False]
    house.world.wallets.of_currency("KES", "KE").balance += 7  # what comes later is a difference like any other
    await office.compares()
    assert "1 open differences" in (await office.said()).text


@one_engine
async def test_less_in_a_wallet_than_in_the_books_is_never_taken_for_the_beginning(house: House) -> None:
    office = Office(house)
    await house.ended(await house.send())
    for wallet in house.world.wallets.all.values():
        wallet.balance = wallet.deposit_balance = Decimal(0)
    await office.compares()
    assert "before the books began" not in (await office.said()).text


@one_engine
async def test_a_demonstration_compares_and_calls_nobody(house: House) -> None:
    office = Office(house)
    await office.begins()
    worker = office.worker(calls=False)
    while await worker.step():
        pass
    assert await office.open()
    assert await office.reconciliation_alerts() == []


@one_engine
async def test_a_fee_that_is_told_late_explains_a_balance_and_is_booked_as_a_fee(office: Office) -> None:
    house = office.house
    payment = await house.send()
    await house.ended(payment)
    tx = house.world.transaction(await house.reference(payment, 1))
    assert isinstance(tx, Withdrawal)
    tx.cost, tx.total = tx.cost + 3, tx.total + 3
    house.world.wallets.of_currency("KES", "KE").balance -= 3
    await office.compares()
    assert await office.lists() == {DifferenceKind.FEE: 1, DifferenceKind.BALANCE: 1}
    item = next(one for one in await office.open() if one.kind is DifferenceKind.FEE)
    booked = await office.reconciling.booked(item)
    assert booked is not None
    assert (booked.account, str(booked.money)) == (Account.PROVIDER_FEES, "3 KES")
    await office.does(lambda effects: office.reconciling.stage_book(effects, OWNER, item, booked, "told late"))
    assert await office.reconciling.booked(item) is None
    await office.compares()
    assert await office.open() == []
    assert (await office.books.look()).faults == ()
    assert (await house.history(payment))[-1]["cause"] == "operator"


@one_engine
async def test_what_the_provider_tells_of_and_nobody_here_made_is_theirs_only(office: Office) -> None:
    house = office.house
    world, url = house.world, f"{house.callback_url}/nobody"
    customer = world.customers.create("+254722000999", "KE", "MPESA", "Eve")
    wallet = world.wallets.of_currency("KES", "KE")
    deposit = world.deposits.by_mobile_money(
        customer.key, Decimal(300), wallet.id, reference="theirs-1", callback_url=url
    )
    await world.until(lambda: deposit.status == "SUCCESSFUL")
    await world.callbacks.idle(5)
    for _ in range(50):
        await office.compares()
        if (await office.lists())[DifferenceKind.THEIRS_ONLY]:
            break
        await asyncio.sleep(0.1)
    assert await office.lists() == {DifferenceKind.THEIRS_ONLY: 1, DifferenceKind.BALANCE: 1}
    item = next(one for one in await office.open() if one.kind is DifferenceKind.THEIRS_ONLY)
    assert (item.reference, item.theirs_amount) == ("theirs-1", 300)
    assert "SUCCESSFUL" in item.theirs
    assert (await office.compares()).found == 0


async def test_a_run_goes_on_where_another_process_was_cut_off(office: Office) -> None:
    house = office.house
    for number in range(3):
        await house.ended(await house.send(f"yes-{number}"))
    run = await office.begins()
    first, second = office.worker("first"), office.worker("second")
    seen = len(house.world.requests)
    for _ in range(2):
        assert await first.step()
    assert not await second.step()  # it is taken
    after = office.worker("second", ahead=LEASE)  # the first one was killed, and its lease runs out
    while await after.step():
        pass
    view = await office.reconciling.run(run.id)
    assert view is not None
    assert (view[0].seen, view[0].total, view[0].ended_at is not None) == (6, 6, True)
    asked = [one.reference for one in house.world.requests[seen:] if one.reference]
    assert len(asked) == len(set(asked)) == 6
    assert await office.open() == []
    assert not await first.step()


@one_engine
async def test_one_that_is_not_answered_for_long_is_listed_and_asked_again_the_next_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engine.reconciler._TRIES", 2)
    house = office.house
    payment = await house.send()
    await house.ended(payment)
    reference = await house.reference(payment, 1)
    match = Match(operation="withdraw.status", reference=reference)
    rule = house.world.inject(Rule(action="refuse", match=match, status=500, times=100))
    run = await office.begins()
    ahead = timedelta()
    for _ in range(5):
        await office.worker(ahead=ahead).step()
        ahead += timedelta(minutes=5)
    view = await office.reconciling.run(run.id)
    assert view is not None
    assert view[0].ended_at is not None
    (item,) = await office.open()
    assert (item.kind, item.reference) == (DifferenceKind.UNANSWERED, reference)
    house.world.faults.rules.remove(rule)
    assert view[0].balances is not None
    await office.compares()
    assert await office.open() == []


async def test_each_day_is_compared_once_by_itself_also_when_nobody_was_there(office: Office) -> None:
    now = utc_now()
    to_three = (now.replace(hour=3, minute=0) - now) % timedelta(days=1)
    for ahead in (timedelta(), timedelta(days=3)):
        workers = [office.worker(name, hour=3, ahead=to_three + ahead) for name in ("one", "two")]
        for worker in workers:
            await worker.step()
    rows = await office.house.database.read(
        lambda session: list(session.execute(select(Reconciliation).order_by(RUN.c.day)).scalars())
    )
    first = (now + to_three).date() - timedelta(days=1)
    assert [row.day for row in rows] == [first + timedelta(days=place) for place in range(4)]
    early = office.worker("three", hour=3, ahead=to_three + timedelta(days=4) - timedelta(minutes=2))
    await early.step()
    count = await office.house.database.read(
        lambda session: session.execute(select(func.count()).select_from(RUN)).scalar()
    )
    assert count == 4


@one_engine
async def test_no_spreadsheet_takes_what_the_provider_says_for_a_formula(office: Office) -> None:
    house = office.house
    payment = await house.send()
    await house.ended(payment)
    tx = house.world.transaction(await house.reference(payment, 1))
    assert tx is not None
    tx.status = "=HYPERLINK(1)"
    house.world.wallets.of_currency("KES", "KE").balance -= 9
    await office.compares(ahead=timedelta(hours=1))
    table = (await office.reconciling.csv(None)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["list"] for row in rows] == ["balance", "state"]
    assert rows[0]["theirs_less_ours"] == "-9"
    assert rows[1]["theirs"] == "'=HYPERLINK(1)"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]
    only = (await office.reconciling.csv(DifferenceKind.STATE)).decode("utf-8-sig")
    assert len(only.splitlines()) == 2
