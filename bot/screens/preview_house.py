"""Payments of the house, for the preview page: asked, followed, and told in every way in which they end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from bot.engine.operators.house_results import Draft, Left, Prospect, Repeat
from bot.engine.operators.results import Dealings, FoundOfHouse, FoundRow, InFile, Page
from bot.engine.results import CollectionRequest, HouseRequest, PaymentView, PayoutRequest
from bot.payments.approval import Second
from bot.payments.house_lines import HouseFault
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer, Way
from bot.payments.states import PAYMENT_TERMINAL, PaymentKind, PaymentState
from bot.screens.operators.found import dealings_screen
from bot.screens.operators.house import (
    house_card,
    house_fault,
    house_news,
    house_outcome,
    house_short,
    house_too_late,
    sure_of_house,
    why_stopped,
)
from bot.screens.preview_orders import Sample
from bot.screens.samples import NOW, sample_view
from bot.screens.texts import Texts

_ID: Final = "06610fa1e8296d00007f0364ff78e0e4"
_AMOUNT: Final = Money(Decimal(125_000), "KES")
_PHONE: Final = Destination(Way.PHONE, "KE", "KES", "Maximiliana Wanjiku Kamau", phone="+254712345678", network="MPESA")
_PAYBILL: Final = Destination(Way.PAYBILL, "KE", "KES", "Kenya Power", number="888880", account="54-321")
_PAYER: Final = Payer("KE", "KES", "mobile_money", "+254712345678", "Jane Doe", "MPESA")


def house_samples(texts: Texts) -> Iterator[Sample]:
    """Everything that operators see of them."""
    payout = PayoutRequest(_PHONE, _AMOUNT, "the rent of May and June for the office", 501, texts.language)
    collection = CollectionRequest(_PAYER, _AMOUNT, "stall 7", 501, texts.language)
    asked = Prospect(
        Draft(payout, ("MPESA", "AIRTEL")),
        Left(Money(Decimal(3_400), "KES"), Money(Decimal(2_000), "KES"), Money(Decimal(102_700), "KES")),
        second=Second(True, Money(Decimal(150_000), "KES")),
    )
    twice = replace(asked, repeat=Repeat("K7F3-9QX2", timedelta(minutes=8)))
    untold = Prospect(Draft(replace(payout, destination=_PAYBILL)), None, second=Second(False))
    yield Sample("house: pay?", sure_of_house(texts, _ID, asked))
    yield Sample("house: pay once more?", sure_of_house(texts, _ID, twice))
    yield Sample("house: pay, balance not told?", sure_of_house(texts, _ID, untold))
    yield Sample("house: collect?", sure_of_house(texts, _ID, Prospect(Draft(collection), None, second=Second(False))))
    lacks, held = Money(Decimal(-1_380), "KES"), Money(Decimal(2_000), "KES")
    for said, left in (("a transfer", Left(lacks, held, held, "KES 1380")), ("to be funded", Left(lacks, held, held))):
        yield Sample(f"house: not covered, {said}", house_short(texts, Money(Decimal(1_380), "KES"), left))
    for fault in HouseFault:
        yield Sample(f"house: fault, {fault}", house_fault(texts, fault, "payout", "1.500"))
    for kind, request in ((PaymentKind.PAYOUT, payout), (PaymentKind.COLLECTION, collection)):
        for state in (
            PaymentState.CONFIRMED,
            PaymentState.AWAITING_PAYMENT,
            PaymentState.DELIVERING,
            *sorted(PAYMENT_TERMINAL - {PaymentState.REFUNDED}),
        ):
            view = _view(kind, request, state)
            yield Sample(f"house: {kind}, {state}", house_card(texts, view))
            outcome = house_outcome(texts, view)
            if outcome is not None:
                yield Sample(f"house: {kind} is {state}", outcome)
    yield Sample(
        "house: why stopped", why_stopped(texts, _ID, _view(PaymentKind.PAYOUT, payout, PaymentState.CONFIRMED))
    )
    yield Sample("house: too late to stop", house_too_late(texts))
    for news in ("delay", "waits", "reminder"):
        yield Sample(
            f"house: {news}", house_news(texts, _view(PaymentKind.PAYOUT, payout, PaymentState.CONFIRMED), news)
        )
    place = InFile("B-7K3F9Q", 1000)
    items = (
        FoundRow(place, _PHONE, _AMOUNT, left_out=False, made_at=NOW),
        FoundOfHouse(_view(PaymentKind.PAYOUT, payout, PaymentState.DELIVERING), place),
        FoundOfHouse(_view(PaymentKind.COLLECTION, collection, PaymentState.COMPLETED), None),
    )
    found = Dealings(_ID, "+254712345678", items, Page(2, more=True))
    yield Sample("house: what passed with a number", dealings_screen(texts, found))


def _view(kind: PaymentKind, request: HouseRequest, state: PaymentState) -> PaymentView:
    failed = state is PaymentState.FAILED
    return replace(
        sample_view(state),
        kind=kind,
        request=request,
        pay=_AMOUNT,
        receive=_AMOUNT,
        fee=Money(Decimal(0), "KES"),
        receipt="SKX12ABC90" if state is PaymentState.COMPLETED else None,
        reason="reason.payout_failed" if failed else None,
        reason_detail="The initiator information is invalid." if failed else None,
        with_a_person=state is PaymentState.CONFIRMED,
        can_stop=state is PaymentState.CONFIRMED,
        updated_at=NOW,
    )
