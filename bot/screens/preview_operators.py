"""Every screen of the operators, for the preview page; the lists as full as they can be."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from bot.engine.book_results import Balances, Look, Owed, Standing, Turnover
from bot.engine.operators.results import (
    Action,
    Balance,
    Case,
    CustomerFile,
    Day,
    Found,
    FoundPayment,
    Happening,
    Health,
    LegLine,
    Member,
    OpenInvitation,
    Overview,
    Page,
    Pause,
    PaymentFile,
    Pending,
    Role,
)
from bot.payments.bookkeeping import Account, Movement
from bot.payments.money import Money
from bot.payments.states import Concern, LegKind, LegState, PaymentKind, PaymentState
from bot.screens.gate import barred
from bot.screens.operators.attention import attention_screen, case_screen, why_resolved
from bot.screens.operators.books import books_screen
from bot.screens.operators.commands import Listed, Part, commands_screen, meant_screen
from bot.screens.operators.customer import customer_screen, their_payments
from bot.screens.operators.found import found_screen
from bot.screens.operators.overview import balances_screen, overview_screen
from bot.screens.operators.parts import usage
from bot.screens.operators.payment import payment_screen
from bot.screens.operators.record import audit_screen
from bot.screens.operators.team import (
    invitation_screen,
    joined_screen,
    member_screen,
    pauses_screen,
    sure_to_make,
    sure_to_pause,
    sure_to_remove,
    team_screen,
)
from bot.screens.preview_alerts import alert_samples
from bot.screens.preview_bulk import bulk_samples
from bot.screens.preview_checks import check_samples
from bot.screens.preview_house import house_samples
from bot.screens.preview_orders import Sample
from bot.screens.preview_reconciling import NOT_RECONCILED, RECONCILED, reconciling_samples
from bot.screens.preview_tariffs import tariff_samples
from bot.screens.samples import NOW, sample_view
from bot.screens.texts import Texts

_LONG: Final = "the provider says something long about this transaction, again and again, " * 4
_ID: Final = "06610fa1e8296d00007f0364ff78e0e4"
WEEK: Final = tuple(Day(date(2026, 11, 18) + timedelta(days=n), 40 + 9 * n, n, 12 - n) for n in range(7))
_PAUSES: Final = (
    Pause("buy", "We are back at 14:00", 501, NOW),
    Pause("KE", "M-Pesa is at work on its network", 501, NOW),
)
_BALANCES: Final = (
    Balance("KES", "KE", Decimal(120500), Decimal("8900.50"), "ACTIVE"),
    Balance("UGX", "UG", Decimal(0), Decimal(10_000_000), "SUSPENDED"),
)

_MONEY: Final = (
    Money(Decimal("120500.50"), "KES"),
    Money(Decimal("-8900"), "UGX"),
    Money(Decimal("15.384615"), "USDC"),
)
_BOOKS: Final = Look(
    balances=Balances(
        accounts=tuple(Standing(account, one) for account in Account for one in _MONEY),
        customers=tuple(
            Turnover(movement, one)
            for movement in (Movement.RECEIVED, Movement.DELIVERED, Movement.PAID_BACK)
            for one in _MONEY
        ),
    ),
    owed=tuple(
        Owed("K7F3-9QX2", PaymentKind.SEND, PaymentState.REFUNDING, 501, to, Money(Decimal(1_250_300), "KES"), NOW)
        for to in ("+254•••••678", "0x5aAe…eAed", "") * 5
    ),
    faults=(),
)
_WRONG_BOOKS: Final = Look(
    balances=Balances(accounts=(), customers=()),
    owed=(),
    faults=(f"payment {_ID}: 500 KES owed by the books, 0 by its state",) * 4,
)


def operator_samples(texts: Texts) -> Iterator[Sample]:
    """What operators see, and what somebody sees whom they shut out."""
    yield Sample("operators: the business", overview_screen(texts, sample_overview()))
    yield Sample("operators: balances", balances_screen(texts, "sandbox", _BALANCES))
    yield Sample("operators: no balances", balances_screen(texts, "sandbox", None))
    yield Sample("operators: the books", books_screen(texts, "production", _BOOKS, NOW, compared=RECONCILED))
    yield Sample(
        "operators: books that are wrong", books_screen(texts, "sandbox", _WRONG_BOOKS, NOW, compared=NOT_RECONCILED)
    )
    yield from reconciling_samples(texts)
    yield from _payment(texts)
    yield from _attention(texts)
    yield from _people(texts)
    yield from house_samples(texts)
    yield from bulk_samples(texts)
    yield from alert_samples(texts, sample_overview())
    yield from check_samples(texts)
    yield from tariff_samples(texts, _customer())
    yield Sample("operators: usage", usage(texts, "pause"))
    yield Sample("shut out", barred(texts, support="@support", person=True))


def sample_overview() -> Overview:
    return Overview(
        environment="production",
        version="0.1.0",
        at=NOW,
        states=tuple((state, 12) for state in PaymentState),
        volumes=(Money(Decimal(1_250_300), "KES"), Money(Decimal("4300.50"), "GHS")),
        currencies=frozenset({"KES"}),
        ended=96,
        completed=88,
        median=timedelta(seconds=74),
        settled=88,
        oldest=Pending("K7F3-9QX2", PaymentState.DELIVERING, NOW - timedelta(hours=3)),
        open_cases=4,
        balances=_BALANCES,
        health=Health(False, 200, 188, timedelta(milliseconds=410), ("withdrawal", "Unanswered", NOW)),
        week=WEEK,
        pauses=_PAUSES,
        house=((PaymentState.DELIVERING, 3), (PaymentState.COMPLETED, 12)),
        floors={"KES": Decimal(20_000)},
    )


def _payment(texts: Texts) -> Iterator[Sample]:
    view = sample_view(PaymentState.DELIVERING)
    legs = tuple(
        LegLine(
            kind,
            LegState.COLLECTED,
            view.pay,
            "bot-01JDN7Q4T8Z6V9W2X3Y4A5B6C7",
            "65f1a2b3c4d5e6f708192a3b",
            "SKX12ABC90",
            "0x" + "ab" * 32,
            1,
            12,
            NOW,
        )
        for kind in (LegKind.COLLECT, LegKind.PAYOUT, LegKind.REFUND)
    )
    happened = [
        Happening(NOW, "event", "callback", LegKind.COLLECT, "pending", "collected", "status=" + "X" * 60, _LONG),
        Happening(NOW, "event", "confirmed", LegKind.COLLECT, None, "ready"),
        Happening(NOW, "event", "poll", LegKind.COLLECT, "succeeded", "succeeded", "status=SUCCESS", _LONG),
        Happening(NOW, "callback", "nothing_new", LegKind.COLLECT, after="unsigned"),
        Happening(NOW, "notice", "payment_outcome", after="refused", note=_LONG),
        Happening(NOW, "case", "contradiction", note=_LONG),
        Happening(NOW, "resolved", "contradiction", note=_LONG),
        Happening(NOW, "action", "poll", who="501", note=_LONG),
    ]
    cases = tuple(_case(concern) for concern in (Concern.REFUND_BLOCKED, Concern.CONTRADICTION))
    phones = ("+254712345678", "+254722000001")
    full = PaymentFile(view, 501, phones, legs, cases, tuple(happened), Page(2, more=True), ("poll",))
    yield Sample("operators: a payment", payment_screen(texts, full, Role.OWNER, lead=texts("ops.asked")))
    bare = PaymentFile(sample_view(PaymentState.COMPLETED), 501, (), legs[:1], (), (), Page(1, more=False), ())
    yield Sample("operators: a payment, for a viewer", payment_screen(texts, bare, Role.VIEWER))
    found = Found(tuple(FoundPayment(view, "receipt") for _ in range(3)), (_customer(),))
    yield Sample("operators: found", found_screen(texts, "SKX12ABC90", found))
    yield Sample("operators: nothing found", found_screen(texts, "abc", Found()))


def _attention(texts: Texts) -> Iterator[Sample]:
    cases = [_case(concern) for concern in list(Concern)[:8]]
    now = NOW + timedelta(days=3)
    yield Sample("operators: attention", attention_screen(texts, cases, Page(2, more=True), 31, now))
    yield Sample("operators: attention, none", attention_screen(texts, [], Page(1, more=False), 0, now))
    yield Sample("operators: an item", case_screen(texts, cases[0], Role.OPERATOR, now))
    yield Sample("operators: why resolved", why_resolved(texts, _ID, cases[0]))


def _people(texts: Texts) -> Iterator[Sample]:
    member = Member(502, Role.OPERATOR, "Pat", NOW, fixed=False)
    team = (Member(501, Role.OWNER, None, None, fixed=True), member)
    opened = [OpenInvitation("i1", "i1", Role.OPERATOR, 501, NOW)]
    yield Sample("operators: who", team_screen(texts, team, opened))
    yield Sample("operators: one of them", member_screen(texts, member))
    yield Sample("operators: remove", sure_to_remove(texts, "q1", member))
    yield Sample("operators: another role", sure_to_make(texts, "q1", member, Role.OWNER))
    yield Sample(
        "operators: invitation", invitation_screen(texts, "https://t.me/example_bot?start=op_abc", Role.VIEWER)
    )
    listed = (Listed("ops", Part.LOOK), Listed("payout", Part.DO), Listed("approvals", Part.DECIDE))
    yield Sample("operators: joined", joined_screen(texts, Role.OWNER, listed))
    yield Sample("operators: commands", commands_screen(texts, listed, private=True))
    yield Sample("operators: a slip", meant_screen(texts, "payout"))
    facts = tuple((name, _LONG) for name in ("case", "concern", "detail"))
    acts = [Action(NOW, 501, "owner", "resolve", "payment:K7F3-9QX2", _LONG, facts, facts) for _ in range(8)]
    yield Sample("operators: record", audit_screen(texts, acts, Page(2, more=True)))
    yield Sample("operators: record, empty", audit_screen(texts, [], Page(1, more=False)))
    yield Sample("operators: pauses", pauses_screen(texts, _PAUSES))
    yield Sample("operators: sure to pause", sure_to_pause(texts, _ID, "everything", "We are back at 14:00"))
    yield Sample("operators: a customer", customer_screen(texts, _customer(), Role.OPERATOR))
    views = [sample_view(state) for state in list(PaymentState)[:8]]
    yield Sample("operators: their payments", their_payments(texts, _customer(), views, Page(1, more=True)))


def _case(concern: Concern) -> Case:
    return Case(_ID, str(concern), "K7F3-9QX2", PaymentState.DELIVERING, _LONG, NOW, None, None)


def _customer() -> CustomerFile:
    return CustomerFile(
        id=_ID,
        telegram_id=123456789,
        name="Jane Wanjiku",
        phone="+254712345678",
        country="KE",
        language="sw",
        since=NOW,
        barred_at=NOW,
        unreachable=True,
        states=((PaymentState.COMPLETED, 12), (PaymentState.FAILED, 3)),
        payments=tuple(sample_view(state) for state in (PaymentState.COMPLETED, PaymentState.FAILED)),
    )
