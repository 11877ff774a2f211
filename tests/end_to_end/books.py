"""Our records against the provider's, to the last decimal, and against what customers were told."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from bot.payments.states import PAYMENT_TERMINAL, LegKind, LegState, PaymentKind
from bot.settings import Settings
from bot.simulator.kotani import KotaniWorld
from bot.simulator.kotani.records import Deposit, Offramp, Onramp, Transaction, Withdrawal
from storage.database import Database
from storage.payments import LEG, PAYMENT
from storage.tables import Notice, table_of

Row = Mapping[str, Any]
NOTICE = table_of(Notice)


async def check_books(settings: Settings, world: KotaniWorld) -> list[Row]:
    """All payments, once everything that was recorded, sent to the provider and told has been compared."""
    database = Database(settings.database_url.get_secret_value())
    await database.start()
    try:
        payments, legs, notices = await database.read(_rows)
    finally:
        await database.stop()
    known = {one.reference for one in world.register.all}
    assert known <= {leg["reference"] for leg in legs}, "the provider has nothing that is not on record"
    for payment in payments:
        own = [leg for leg in legs if leg["payment_id"] == payment["id"]]
        for leg in own:
            _check_leg(payment, leg, world.register.any(leg["reference"]))
        assert payment["state"] in {str(state) for state in PAYMENT_TERMINAL}, f"{payment['code']} goes on"
        if payment["batch_id"] is not None:
            continue  # a row of a file says nothing by itself: the file tells of it
        said = {(one["kind"], one["state"]) for one in notices if one["payment_id"] == payment["id"]}
        told = {state for kind, state in said if kind == "payment_outcome"}
        if told == {"superseded"}:  # nobody paid it in a chat of ours: the maker is told instead
            told = {state for kind, state in said if kind == "request_news"} - {"superseded"}
        # what was still to be said when newer news came is left out
        assert told in ({"sent"}, {"sent", "superseded"}), f"how {payment['code']} ended: {said}"
    return payments


def _rows(session: Session) -> tuple[list[Row], list[Row], list[Row]]:
    connection = session.connection()
    payments, legs, notices = (
        [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]
        for table in (PAYMENT, LEG, NOTICE)
    )
    return payments, legs, notices


def _check_leg(payment: Row, leg: Row, found: Transaction | None) -> None:
    pay, receive = payment["pay_amount"], payment["receive_amount"]
    if found is None:
        assert leg["submissions"] == 0 or leg["state"] in (LegState.FAILED, LegState.EXPIRED, LegState.CANCELLED), leg
        return
    match LegKind(leg["kind"]), found:
        case LegKind.ONRAMP, Onramp():
            assert (leg["amount"], leg["crypto_amount"]) == (found.quote.fiat, found.quote.crypto)
            assert (pay, receive) == (found.quote.transaction, found.quote.crypto)
        case LegKind.OFFRAMP, Offramp():
            assert (leg["crypto_amount"], leg["token"], leg["chain"]) == (found.quote.crypto, found.token, found.chain)
            assert (pay, receive) == (found.quote.crypto, found.quote.transaction)
        case LegKind.COLLECT, Deposit():
            assert (found.amount, found.currency) == (pay, payment["pay_currency"])
        case LegKind.PAYOUT, Withdrawal():
            assert (found.amount, found.currency) == (receive, payment["receive_currency"])
        case LegKind.REFUND, Withdrawal():
            assert (found.amount, found.currency) == (pay, payment["pay_currency"])
        case other:
            raise AssertionError(f"{payment['code']}: {other}")
    _check_kind(payment, leg)


def _check_kind(payment: Row, leg: Row) -> None:
    """Which legs a payment of each kind may have."""
    allowed = {
        PaymentKind.BUY: {LegKind.ONRAMP, LegKind.REFUND},
        PaymentKind.SELL: {LegKind.OFFRAMP},
        PaymentKind.SEND: {LegKind.COLLECT, LegKind.PAYOUT, LegKind.REFUND},
        PaymentKind.REQUEST: {LegKind.COLLECT, LegKind.PAYOUT, LegKind.REFUND},
        PaymentKind.PAYOUT: {LegKind.PAYOUT},
        PaymentKind.COLLECTION: {LegKind.COLLECT},
    }
    assert LegKind(leg["kind"]) in allowed[PaymentKind(payment["kind"])]
    assert payment["fee_amount"] >= Decimal(0)
