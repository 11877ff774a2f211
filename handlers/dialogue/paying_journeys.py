"""Paying a request, and having a phone asked for it: two short forms that end in the same card as a transfer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from bot.engine.conversations import Conversation
from bot.engine.results import SendOffer, SendRequest
from bot.payments.parties import Payer
from bot.screens.questions import Rows, note
from bot.screens.review_push import push_card, push_confirmed, push_expired
from bot.screens.screen import Screen
from bot.screens.texts import Texts
from handlers.dialogue.form import Form, Talk
from handlers.dialogue.journey import Journey
from handlers.dialogue.paying_questions import (
    ASKED,
    PayerNamedQuestion,
    PayerNameQuestion,
    PayingAmountQuestion,
    PayingCountryQuestion,
    PayingPhoneQuestion,
    PushedNameQuestion,
    PushedNetworkQuestion,
    PushedPhoneQuestion,
    asked_destination,
    paid_amount,
    phone_in,
)
from handlers.dialogue.person_questions import NetworkQuestion
from handlers.services import Services
from handlers.turn import Turn

PAY: Final = Form(
    "pay",
    (
        PayingAmountQuestion(),
        PayingPhoneQuestion(),
        PayingCountryQuestion(),
        NetworkQuestion(),
        PayerNameQuestion(),
        PayerNamedQuestion(),
    ),
)
PUSH: Final = Form(
    "push",
    (
        PayingAmountQuestion(),
        PushedPhoneQuestion(),
        PayingCountryQuestion(),
        PushedNetworkQuestion(),
        PushedNameQuestion(),
    ),
)


class PayJourney(Journey[SendRequest, SendOffer]):
    """From a request to the money of whoever opened it."""

    form: ClassVar[Form] = PAY
    said_at_yes: ClassVar[str | None] = None  # the last use may be gone by now: the card says which it is
    name_answer: ClassVar[str] = PayerNameQuestion.name

    def request_of(self, answers: Mapping[str, Any], talk: Talk) -> SendRequest:
        country = replace(talk, answers=answers).country
        assert country is not None
        bank = country.onramp == "bank"
        payer = Payer(
            country=country.iso2,
            currency=country.currency,
            method="bank" if bank else "mobile_money",
            phone=phone_in(answers),
            account_name=answers[self.name_answer],
            network=None if bank else answers["network"],
        )
        return SendRequest(
            payer=payer,
            destination=asked_destination(answers),
            amount=paid_amount(answers),
            note=answers[ASKED]["title"] or None,
            request_id=answers[ASKED]["id"],
        )

    async def offer(self, services: Services, request: SendRequest) -> SendOffer:
        return await services.paying.offer(request)

    def stage_confirm(
        self,
        services: Services,
        turn: Turn,
        held: Conversation,
        request: SendRequest,
        offer: SendOffer,
        agreed: Callable[[str], Screen],
    ) -> None:
        services.paying.stage_confirm(turn.effects, turn.person, held, request, offer, agreed=agreed)


class PushJourney(PayJourney):
    """From a request to a prompt on a phone whose owner has agreed to it."""

    form: ClassVar[Form] = PUSH
    name_answer: ClassVar[str] = PushedNameQuestion.name

    async def offer(self, services: Services, request: SendRequest) -> SendOffer:
        return await services.paying.offer_push(request)

    def card(
        self,
        texts: Texts,
        request: SendRequest,
        offer: SendOffer,
        rows: Rows,
        *,
        before: SendOffer | None = None,
        known: str | None = None,
    ) -> Screen:
        return push_card(texts, request, offer, rows, again=before is not None)

    def expired(
        self, texts: Texts, request: SendRequest, offer: SendOffer, rows: Rows, *, known: str | None = None
    ) -> Screen:
        return push_expired(texts, request, offer, rows)

    def confirmed(self, texts: Texts, request: SendRequest, offer: SendOffer, *, code: str) -> Screen:
        return push_confirmed(texts, request, offer, code=code)

    def cancelled(self, texts: Texts, offer: SendOffer) -> Screen:
        return note(texts("request.push_cancelled"))
