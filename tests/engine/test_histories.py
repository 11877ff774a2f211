"""Random histories of everything that moves money, with a provider that does what it likes: what must hold, holds.

Payments of every kind, orders of operators, transfers and files of payments go on side by side. The provider loses answers,
refuses, fails, undoes, and takes back what it said as long as nothing else was sent for the same money. At every moment debits
equal credits, and what the books say is owed is what the payments say; nobody is paid twice, nor before money came in.
"""

import contextlib
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlmodel import Session

from bot.engine.books import Books
from bot.engine.effects import Effects
from bot.engine.findings import Cause, Finding
from bot.engine.opening import Confirmed, open_send
from bot.engine.operators.mender import Mender
from bot.engine.operators.mending import REFUND, RETRY, Draft, Mending, Verb
from bot.engine.operators.moving import Mover
from bot.engine.operators.order_results import OrderRefused
from bot.engine.request_uses import take_use
from bot.engine.results import SendOffer, SendRequest
from bot.engine.settling import Settler
from bot.engine.stepping import Stepper
from bot.engine.submitting import Submitter
from bot.engine.wakes import Wakes
from bot.kotani.errors import (
    DuplicateReference,
    InsufficientFunds,
    KotaniError,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    Unanswered,
    Unknown,
)
from bot.kotani.results import Wallet
from bot.payments.bookkeeping import Account
from bot.payments.coverage import Coverage
from bot.payments.identifiers import new_id
from bot.payments.money import Money
from bot.payments.reports import Report
from bot.payments.requests import UseWay
from bot.payments.schedule import Patience
from bot.payments.states import LEG_TERMINAL, LegState, PaymentKind, PaymentState
from storage.bulk import ROW
from storage.bulk_tables import BulkBatch
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import CASE, LEG, PAYMENT, LegKey, LostRace, due_legs
from storage.request_tables import PaymentRequest
from storage.tables import table_of
from storage.transfers import TRANSFER
from tests.engine.test_books import JANE, JOHN, NOW, SOON
from tests.engine.test_books import Desk as BooksDesk
from tests.engine.test_bulk_again import OLU, PAT
from tests.engine.test_bulk_again import Desk as BulkDesk
from tests.engine.test_transfers import Bank

FUNDS = Decimal(4000)  # of the business, in the payout balance: not always enough
PATIENCE = Patience()
OUT = ("payout", "refund")
ZERO = Decimal(0)


@dataclass
class Transaction:
    """What the provider has under a reference, and what it did with our balances for it."""

    kind: str  # of our leg
    amount: Decimal
    cost: Decimal
    status: str = "PENDING"
    chain: str | None = None
    words: dict[str, Any] = field(default_factory=dict)
    ever_paid: bool = False


class Provider:
    """One wallet of ours and all transactions. `calm`: it does what it is asked to, and everything ends well."""

    def __init__(self, chance: random.Random, *, fickle: bool) -> None:
        self.chance, self.fickle, self.calm = chance, fickle, False
        self.deposit, self.payout = ZERO, FUNDS
        self.known: dict[str, Transaction] = {}
        self.accepted: defaultdict[str, int] = defaultdict(int)

    # what it is asked

    async def wallets(self) -> tuple[Wallet, ...]:
        self._may_be_silent()
        return (Wallet("w1", "KES", "KES", "KE", self.payout, self.deposit),)

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        return (await self.wallets())[0]

    async def wallet(self, wallet_id: str) -> Wallet:
        return (await self.wallets())[0]

    async def ensure_customer(self, **given: Any) -> SimpleNamespace:
        self._may_be_silent()
        return SimpleNamespace(key="c1")

    async def transfer_deposit_balance(self, wallet_id: str, amount: Decimal) -> None:
        if self.deposit < amount:
            raise InsufficientFunds("transfer")
        self._around(lambda: self._transfer(amount))

    async def create_deposit(self, call: Any) -> SimpleNamespace:
        return self._create("collect", call.reference, call.amount)

    async def create_withdrawal(self, call: Any) -> SimpleNamespace:
        if self.payout < call.amount:
            raise InsufficientFunds("withdraw")
        return self._create("payout", call.reference, call.amount)

    async def create_onramp(self, call: Any) -> SimpleNamespace:
        facts = {"crypto_amount": Decimal("7.65"), "token": "USDC", "chain": "BASE", "to_pay": Decimal(1025)}
        return self._create("onramp", call.reference, call.fiat_amount, **facts)

    async def create_offramp(self, call: Any) -> SimpleNamespace:
        facts = {"crypto_amount": Decimal(10), "token": "USDC", "chain": "BASE", "net": Decimal(1279)}
        facts |= {"escrow_address": "0x52908400098527886E0F7030069857D2E4169EE7"}
        return self._create("offramp", call.reference, Decimal(1305), **facts)

    async def withdrawal(self, reference: str, *, version: int = 1) -> Report:
        return self._read(reference)

    async def deposit_(self, reference: str) -> Report:
        return self._read(reference)

    async def onramp(self, reference: str) -> Report:
        return self._read(reference)

    async def offramp(self, reference: str) -> SimpleNamespace:
        return SimpleNamespace(report=self._read(reference))

    async def refund_status(self, reference: str) -> SimpleNamespace:
        return SimpleNamespace(tx_hash=None)

    async def retry_refund(self, reference: str) -> None:
        self._around(lambda: self._set(reference, "REFUND_PENDING"))

    # what it does by itself

    def goes_on(self, families: dict[str, set[str]]) -> str | None:
        """Something happens to one transaction; its reference. `families`: those that are about the same money."""
        reference = self.chance.choice(sorted(self.known)) if self.known else None
        if reference is None:
            return None
        one = self.known[reference]
        others = [self.known[name] for name in families.get(reference, ()) if name in self.known and name != reference]
        out = [other for other in others if other.kind == "payout"]
        before = one.status, one.chain
        getattr(self, f"_{one.kind}")(one, out)
        return reference if (one.status, one.chain) != before else None

    def ends(self) -> None:
        """Whatever is open ends."""
        for one in self.known.values():
            for _ in range(6):
                getattr(self, f"_{one.kind}")(one, [one])

    def told(self, reference: str) -> Report:
        one = self.known[reference]
        facts: dict[str, Any] = {"reference": reference, "provider_id": f"id-{reference}", "currency": "KES"}
        facts |= {"gross": one.amount} | one.words
        match one.kind:
            case "collect":
                facts |= {"status": one.status, "fee": one.cost, "net": one.amount - one.cost}
            case "payout":
                facts |= {"status": one.status, "net": one.amount + one.cost}
            case "onramp":
                facts |= {"deposit_status": one.status, "onchain_status": one.chain}
            case _:
                came = one.chain == "SUCCESSFUL"
                facts |= {
                    "status": one.status,
                    "onchain_status": one.chain,
                    "crypto_seen": Decimal(10) if came else None,
                }
        return Report(**facts)

    def _collect(self, one: Transaction, out: list[Transaction]) -> None:
        if one.status == "PENDING":
            one.status = self.chance.choice(["SUCCESSFUL"] * 6 + ["FAILED", "EXPIRED", "PENDING"])
            if one.status == "SUCCESSFUL":
                self.deposit, one.ever_paid = self.deposit + one.amount - one.cost, True
        elif one.status == "SUCCESSFUL" and self._turns() and not out:
            one.status = "REVERSED"
            self.deposit -= one.amount - one.cost
        elif one.status in ("FAILED", "EXPIRED") and self._turns(0.5):
            self.comes_in(one)

    def comes_in(self, one: Transaction) -> None:
        """The money of a collection that had ended came in after all."""
        one.status, one.ever_paid = "SUCCESSFUL", True
        self.deposit += one.amount - one.cost

    def _payout(self, one: Transaction, out: list[Transaction]) -> None:
        debit = one.amount + one.cost
        if one.status == "PENDING":
            one.status = self.chance.choice(
                ["SUCCESSFUL", "FAILED", "REVERSED", "EXPIRED", "PENDING", "REQUIRE_REVIEW"]
            )
            if self.calm:
                one.status = "SUCCESSFUL"
            self.payout += debit if one.status in ("FAILED", "REVERSED", "EXPIRED") else 0
        elif one.status == "REQUIRE_REVIEW":
            one.status = "PENDING"
        elif one.status == "SUCCESSFUL" and self._turns() and not self.calm:
            one.status = "REVERSED"
            self.payout += debit
        elif one.status in ("FAILED", "EXPIRED") and self._turns(0.8) and not out:
            one.status = "SUCCESSFUL"  # it arrived after all
            self.payout -= debit

    def _onramp(self, one: Transaction, out: list[Transaction]) -> None:
        if one.status == "PENDING":
            one.status = self.chance.choice(["SUCCESSFUL"] * 6 + ["FAILED", "EXPIRED"])
            one.ever_paid = one.status == "SUCCESSFUL"
        elif one.status in ("FAILED", "EXPIRED") and self._turns(0.5):
            one.status, one.ever_paid = "SUCCESSFUL", True  # paid after all
        elif one.status == "SUCCESSFUL" and one.chain in (None, "PENDING"):
            one.chain = self.chance.choice(["SUCCESSFUL", "FAILED", "FAILED", "PENDING"])
            self.payout += Decimal(1025) if one.chain == "FAILED" else 0
        elif one.chain == "FAILED" and self._turns(0.8) and not out:
            one.chain = "SUCCESSFUL"  # it was delivered after all
            self.payout -= Decimal(1025)

    def _offramp(self, one: Transaction, out: list[Transaction]) -> None:
        if one.status == "PENDING":
            one.status, one.chain = self.chance.choice(
                [("IN_PROGRESS", "SUCCESSFUL")] * 4 + [("EXPIRED", None), ("CANCELLED", None)]
            )
        elif one.status == "IN_PROGRESS":
            one.status = self.chance.choice(["SUCCESSFUL", "FAILED", "REFUND_PENDING"])
            self.payout -= one.amount if one.status == "SUCCESSFUL" else 0
        elif one.status in ("FAILED", "REFUND_PENDING"):
            one.status = "REFUNDED" if self.calm else self.chance.choice(["REFUNDED", "REFUND_FAILED"])
        elif one.status == "REFUND_FAILED" and self.calm:
            one.status = "REFUNDED"

    def _turns(self, often: float = 0.3) -> bool:
        return self.fickle and not self.calm and self.chance.random() < often

    def _create(self, kind: str, reference: str, amount: Decimal, **words: Any) -> SimpleNamespace:
        def accept() -> None:
            if reference in self.known:
                raise DuplicateReference(kind)
            if self.chance.random() < 0.1 and not self.calm:
                raise Refused(kind, message="Bad Request")
            cost = Decimal(self.chance.randint(0, 5)) if kind in ("collect", "payout") else ZERO
            self.known[reference] = Transaction(kind, amount, cost, words=words)
            self.accepted[reference] += 1
            self.payout -= amount + cost if kind == "payout" else 0

        self._around(accept)
        return SimpleNamespace(report=self.told(reference))

    def _around(self, work: Callable[[], None]) -> None:
        """A call that moves money: it may not leave, not arrive, or be carried out while its answer is lost."""
        fate = (
            "fine" if self.calm else self.chance.choice(["fine"] * 6 + ["not_sent", "lost", "answer_lost", "slow_down"])
        )
        if fate == "not_sent":
            raise NotSent("call")
        if fate == "slow_down":
            raise RateLimited("call", retry_after=20)
        if fate == "lost":
            raise Unknown("call")
        work()
        if fate == "answer_lost":
            raise Unknown("call")

    def _read(self, reference: str) -> Report:
        self._may_be_silent()
        if reference not in self.known:
            raise NotFound("status")
        return self.told(reference)

    def _may_be_silent(self) -> None:
        if not self.calm and self.chance.random() < 0.05:
            raise Unanswered("read")

    def _set(self, reference: str, status: str) -> None:
        self.known[reference].status = status

    def _transfer(self, amount: Decimal) -> None:
        self.deposit, self.payout = self.deposit - amount, self.payout + amount


# the client has a method of the name that the balance has here
class Client:
    """The provider, as the program calls it."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, "deposit_" if name == "deposit" else name)


class Business:
    """Everything that moves money, put together."""

    def __init__(self, database: Database, keyring: Keyring, chance: random.Random, *, fickle: bool) -> None:
        self.database, self.keyring, self.chance = database, keyring, chance
        self.provider = Provider(chance, fickle=fickle)
        client: Any = Client(self.provider)
        self.client, self.wakes = client, Wakes()
        self.bulk = BulkDesk(database, keyring)
        self.bulk.now = NOW
        self.desk = BooksDesk(database, keyring)
        self.books = Books(database, keyring, self.clock, environment="sandbox")
        self.settler = Settler(keyring, PATIENCE)
        submitter = Submitter(client, keyring, PATIENCE, callback_url=None)
        self.stepper = Stepper(
            database, client, self.settler, submitter, PATIENCE, self.clock, self.wakes, owner="o", alone_since=None
        )
        made = (database, keyring, client)
        self.mending = Mending(
            *made, self.bulk.operators, self.bulk.approvals, self.clock, self.wakes, coverage=Coverage
        )
        mender = Mender(*made, self.mending, self.clock, self.wakes)
        self.bulk.approvals.register(RETRY, mender)
        self.bulk.approvals.register(REFUND, mender)
        self.mover = Mover(
            database, client, keyring, self.books, PATIENCE, self.clock, self.wakes, environment="sandbox", owner="o"
        )

    def clock(self) -> Any:
        return self.bulk.now

    async def begins(self) -> None:
        """The business funds its balance, and customers and operators ask for everything at once."""
        effects = Effects()
        self.books.stage_funded(effects, "funds", Account.PAYOUT_BALANCE, Money(FUNDS, "KES"))
        await self.database.write(effects.write)
        for kind in PaymentKind:
            for _ in range(2):
                await (self._request() if kind is PaymentKind.REQUEST else self.desk.opened(kind))
        await self.bulk.approved(await self.bulk.draft())
        for _ in range(10):  # a quote holds for a minute, and what was not sent by then is over
            self.bulk.now += timedelta(seconds=5)
            await self._steps()

    async def happens(self) -> None:
        """One of the things that can happen."""
        self.bulk.now += timedelta(seconds=self.chance.choice([1, 5, 30, 60, 300]))
        families = await self._families()
        match self.chance.randint(0, 9):
            case 0 | 1 | 2:
                await self._steps()
            case 3 | 4 | 5 | 6:
                reference = self.provider.goes_on(families)
                if reference is not None and self.chance.random() < 0.5:
                    await self._calls_back(reference)
            case 7:
                await self._mends()
            case 8:
                await (self._orders() if self.chance.random() < 0.3 else self.mover.step())
            case _:
                await self.bulk.runner().step()
                if self.chance.random() < 0.4:
                    await self._runs_again()

    async def ends(self) -> None:
        """Nothing goes wrong any more, balances are filled, and time passes until all is quiet."""
        self.provider.calm = True
        effects = Effects()
        self.books.stage_funded(effects, "more", Account.PAYOUT_BALANCE, Money(Decimal(100_000), "KES"))
        await self.database.write(effects.write)
        self.provider.payout += 100_000
        for _ in range(60):
            self.bulk.now += timedelta(minutes=35)
            self.provider.ends()
            await self._steps()
            await self.mover.step()
            await self.bulk.runner().step()

    async def holds(self) -> None:
        """What must hold at every moment."""
        look = await self.books.look()
        assert look.faults == ()
        assert set(self.provider.accepted.values()) <= {1}
        legs = await self._rows(LEG)
        families = await self._families()
        kinds = {row["id"]: row["kind"] for row in await self._rows(PAYMENT)}
        by_payment: defaultdict[str, list[Any]] = defaultdict(list)
        for leg in legs:
            by_payment[leg["payment_id"]].append(leg)
        for leg in legs:
            known = self.provider.known.get(leg["reference"])
            if known is None or leg["kind"] not in (*OUT, "onramp"):
                continue
            family = [self.provider.known[one] for one in families[leg["reference"]] if one in self.provider.known]
            arrived = [one for one in family if self._arrived(one)]
            assert len(arrived) <= 1, "paid twice"
            if leg["kind"] in OUT and kinds[leg["payment_id"]] != PaymentKind.PAYOUT:
                first = min(by_payment[leg["payment_id"]], key=lambda one: int(one["position"]))
                assert self.provider.known[first["reference"]].ever_paid, "paid out before money came in"

    async def is_quiet(self) -> None:
        """What must hold at the end: nothing waits, but for a person who knows of it."""
        cases = await self._rows(CASE)
        known = {case["payment_id"] for case in cases if case["resolved_at"] is None}
        for leg in await self._rows(LEG):
            assert leg["state"] in LEG_TERMINAL or leg["payment_id"] in known, leg
        for payment in await self._rows(PAYMENT):  # what is owed still, somebody knows of
            assert payment["state"] != PaymentState.REFUNDING or payment["id"] in known, payment
        for transfer in await self._rows(TRANSFER):
            assert transfer["state"] not in ("ready", "moving")
        rows = await self._rows(ROW)
        for batch in await self._batches():
            its = {row["payment_id"] for row in rows if row["batch_id"] == batch.id}
            assert batch.state in ("ended", "draft", "dropped") or its & known, batch
        if not self.provider.fickle and "transfer_unknown" not in {case["concern"] for case in cases}:
            accounts = (await self.books.look()).balances.accounts
            standing = {one.account: one.money.amount for one in accounts if one.money.currency == "KES"}
            assert standing.get(Account.DEPOSIT_BALANCE, ZERO) == self.provider.deposit
            assert standing.get(Account.PAYOUT_BALANCE, ZERO) == self.provider.payout

    @staticmethod
    def _arrived(one: Transaction) -> bool:
        return one.chain == "SUCCESSFUL" if one.kind == "onramp" else one.status == "SUCCESSFUL"

    async def _steps(self) -> None:
        now = self.clock()
        until = now + PATIENCE.lease
        ids = await self.database.write(
            lambda session: due_legs(session, environment="sandbox", owner="o", now=now, until=until, limit=50)
        )
        for leg_id in ids:
            await self.stepper.advance(leg_id)

    async def _calls_back(self, reference: str) -> None:
        report = self.provider.told(reference)
        (leg,) = [leg for leg in await self._rows(LEG) if leg["reference"] == reference]
        finding = Finding(key=LegKey(leg["id"], leg["payment_id"]), cause=Cause.CALLBACK, report=report)
        await self.database.write(lambda session: self.settler.apply(session, [finding], self.clock()))

    async def money_comes_in(self) -> None:
        """All collections and purchases end without money, which then comes in: told by a callback, and then by the status.

        One purchase is delivered, and the other one cannot be.
        """
        chains = iter(("SUCCESSFUL", "FAILED"))
        for reference, one in self.provider.known.items():
            if one.kind not in ("collect", "onramp"):
                continue
            one.status = "EXPIRED"
            await self._calls_back(reference)
            if one.kind == "collect":
                self.provider.comes_in(one)
            else:
                one.status, one.ever_paid, one.chain = "SUCCESSFUL", True, next(chains)
                self.provider.payout += Decimal(1025) if one.chain == "FAILED" else 0
            await self._calls_back(reference)
            await self._steps()

    async def late(self) -> list[tuple[str, str]]:
        """Kind and state of the payments whose money came in after their end."""
        late = (LegState.LATE, LegState.UNDELIVERED_LATE)
        its = {leg["payment_id"] for leg in await self._rows(LEG) if leg["state"] in late}
        return [(row["kind"], row["state"]) for row in await self._rows(PAYMENT) if row["id"] in its]

    async def hears_of_everything(self) -> None:
        """The provider does nothing any more but answer, until all that has ended there has ended here."""
        self.provider.calm = True
        for _ in range(12):
            self.bulk.now += timedelta(minutes=35)
            await self._steps()

    async def mends_all(self) -> None:
        """Operators try to pay back whatever there is, or to try it again."""
        for payment in await self._rows(PAYMENT):
            for verb in (RETRY, REFUND):
                await self._orders_for(payment, verb)

    async def _mends(self) -> None:
        payment = self.chance.choice(await self._rows(PAYMENT))
        await self._orders_for(payment, self.chance.choice([RETRY, REFUND]))

    async def _orders_for(self, payment: Any, verb: Verb) -> None:
        with contextlib.suppress(OrderRefused, LostRace, KotaniError):
            draft = Draft(verb, payment["id"], payment["code"], "because")
            remedy = await self.mending.remedy(draft)
            effects = Effects()
            if remedy.step == "order":
                order = await self.mending.stage_order(effects, PAT, 1, draft, remedy, who="them")
                await self.database.write(effects.write)
                effects = Effects()
                await self.bulk.approvals.stage_approve(effects, OLU, order)
            else:
                if remedy.step == "return":
                    await self.mending.must_be_returnable(remedy)
                self.mending.stage_now(effects, PAT, draft, remedy)
            await self.database.write(effects.write)

    async def _orders(self) -> None:
        """A transfer, as an order that was carried out leaves it."""
        bank = Bank(self.database, self.keyring)
        bank.now = self.clock()
        await bank.ordered(self.chance.randint(100, 600))

    async def _runs_again(self) -> None:
        for batch in await self._batches():
            with contextlib.suppress(OrderRefused, LostRace):
                if batch.state == "ended":
                    await self.bulk.again(batch.id)
                elif batch.state == "draft":
                    await self.bulk.approved(batch.id)

    async def _request(self) -> None:
        now, request_id = NOW, new_id()
        transfer = SendRequest(JOHN, JANE, Money(Decimal(500), "KES"), request_id=request_id)
        cost = SendOffer(Money(Decimal(515), "KES"), Money(Decimal(15), "KES"), Money(Decimal(500), "KES"), SOON)
        row = {
            "id": request_id,
            "code": request_id,
            "customer_id": "c1",
            "chat_id": 1,
            "environment": "sandbox",
            "state": self.chance.choice(["open", "closed"]),
            "pricing": "fixed",
            "currency": "KES",
            "amount": Decimal(500),
            "methods": "mobile_money",
            "words_sealed": b"",
            "destination_sealed": b"",
            "shows_payers": True,
            "link_token": request_id,
            "link_state": "none",
            "uses_reserved": 0,
            "uses_paid": 0,
            "failures": 0,
            "revision": 1,
            "created_at": now,
            "updated_at": now,
        }

        def write(session: Session) -> None:
            table = table_of(PaymentRequest)
            session.connection().execute(insert(table).values(**row | {"state": "open"}))
            yes = Confirmed("c1", 1, request_id, "sandbox", now)
            opened = open_send(session, self.keyring, yes, request=transfer, offer=cost)
            use = {"request_id": request_id, "payment_id": opened.payment_id, "way": UseWay.CHAT, "phone": None}
            assert take_use(session, self.keyring, **use, named=None, now=now)  # type: ignore[arg-type]
            session.connection().execute(update(table).where(table.c.id == request_id).values(state=row["state"]))

        await self.database.write(write)

    async def _families(self) -> dict[str, set[str]]:
        """The references that are about the same money: of a payment, and of the rows of files that run it again."""
        again = {row["id"]: row["again_of"] for row in await self._rows(ROW)}
        row_of = {row["payment_id"]: row["id"] for row in await self._rows(ROW) if row["payment_id"] is not None}

        def root(payment_id: str) -> str:
            row = row_of.get(payment_id)
            if row is None:
                return payment_id
            while again[row] is not None:
                row = again[row]
            return str(row)

        found: defaultdict[str, set[str]] = defaultdict(set)
        legs = await self._rows(LEG)
        for leg in legs:
            if leg["kind"] in (*OUT, "onramp"):
                found[root(leg["payment_id"])].add(leg["reference"])
        return {leg["reference"]: found[root(leg["payment_id"])] for leg in legs}

    async def _batches(self) -> list[BulkBatch]:
        return await self.database.read(lambda session: list(session.execute(select(BulkBatch)).scalars()))

    async def _rows(self, table: Any) -> list[Any]:
        def read(session: Session) -> list[Any]:
            return [dict(row) for row in session.connection().execute(select(table).order_by(table.c.id)).mappings()]

        return await self.database.read(read)


# a history of each kind on each database: nothing of one goes on at once, so the other database would tell the same
@pytest.mark.parametrize(
    ("database_url", "seed"),
    [("sqlite", 2), ("postgres", 4), ("postgres", 35), ("sqlite", 37)],
    indirect=["database_url"],
)
async def test_whatever_happens_nobody_is_paid_twice_and_the_books_agree(
    database: Database, keyring: Keyring, seed: int
) -> None:
    business = Business(database, keyring, random.Random(seed), fickle=seed % 2 == 1)
    await business.begins()
    for _ in range(150):
        await business.happens()
        await business.holds()
    await business.ends()
    await business.holds()
    await business.is_quiet()


async def test_money_that_comes_in_after_the_end_is_owed_and_paid_back_once(
    database: Database, keyring: Keyring
) -> None:
    """Collections and purchases end without money, which then comes in; operators try whatever they can, over and over."""
    business = Business(database, keyring, random.Random(), fickle=False)
    business.provider.calm = True
    await business.begins()
    await business.money_comes_in()
    arrived = {(PaymentKind.COLLECTION, PaymentState.COMPLETED): 2, (PaymentKind.BUY, PaymentState.COMPLETED): 1}
    owed = {PaymentKind.SEND: 2, PaymentKind.REQUEST: 2, PaymentKind.BUY: 1}
    came = Counter(await business.late())
    assert came == arrived | {(kind, PaymentState.REFUNDING): count for kind, count in owed.items()}
    business.provider.calm = False
    for _ in range(5):
        await business.holds()
        await business.mends_all()
        for _ in range(8):
            await business.happens()
            await business.holds()
    await business.hears_of_everything()
    await business.mends_all()
    await business.ends()
    await business.holds()
    await business.is_quiet()
    came = Counter(await business.late())
    assert came == arrived | {(kind, PaymentState.REFUNDED): count for kind, count in owed.items()}
