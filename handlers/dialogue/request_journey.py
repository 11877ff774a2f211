"""Asking for money: the form of a request, which ends in a card with a link instead of a payment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from bot.engine.conversations import Conversation
from bot.engine.request_paying import short_name
from bot.payments.catalogue.countries import Country
from bot.payments.coverage import Service
from bot.payments.parties import Destination, Way
from bot.payments.requests import Terms, new_request_code
from bot.screens.questions import Rows, note
from bot.screens.requests import request_draft
from bot.screens.screen import Screen
from bot.screens.texts import Texts
from handlers.dialogue.form import Answer, Asked, Form, Problem, SharedContact, Talk
from handlers.dialogue.journey import Journey
from handlers.dialogue.person_questions import (
    CountryQuestion,
    LanguageQuestion,
    NameQuestion,
    NetworkQuestion,
    PhoneQuestion,
)
from handlers.dialogue.request_questions import (
    RequestAmountQuestion,
    RequestLifeQuestion,
    RequestMethodsQuestion,
    RequestNamedQuestion,
    RequestNoteQuestion,
    RequestTitleQuestion,
    RequestUsesQuestion,
    terms_of,
)
from handlers.services import Services
from handlers.turn import Turn


@dataclass(frozen=True, slots=True, repr=False)
class RequestDraft:
    """A request that is about to be made."""

    terms: Terms
    destination: Destination
    maker: str


class PayeeCountryQuestion(CountryQuestion):
    """Where the maker's mobile money is: a country in which the provider pays phones."""

    asks: ClassVar[str] = "ask.sell_country"
    refuses: ClassVar[str] = "country.not_paid_out"

    def possible(self, talk: Talk) -> tuple[Country, ...]:
        return tuple(country for country in talk.offered.destinations(Service.REQUEST) if Way.PHONE in country.payouts)


class PayeePhoneQuestion(PhoneQuestion):
    """The maker's own phone, which is paid."""

    def ask(self, talk: Talk) -> Asked:
        asked = super().ask(talk)
        return Asked("ask.sell_phone", asked.values, asked.options, shares_contact=asked.shares_contact)

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        return super().read_contact(contact, talk) if contact.own else Problem("request.not_your_own")


REQUEST: Form = Form(
    "request",
    (
        LanguageQuestion(),
        PayeeCountryQuestion(),
        RequestAmountQuestion(),
        RequestTitleQuestion(),
        RequestUsesQuestion(),
        RequestLifeQuestion(),
        RequestNamedQuestion(),
        RequestMethodsQuestion(),
        RequestNoteQuestion(),
        PayeePhoneQuestion(),
        NetworkQuestion(),
        NameQuestion(),
    ),
)


class RequestJourney(Journey[RequestDraft, None]):
    """From "ask for money" to a link."""

    form: ClassVar[Form] = REQUEST
    priced: ClassVar[bool] = False

    def request_of(self, answers: Mapping[str, Any], talk: Talk) -> RequestDraft:
        country = replace(talk, answers=answers).country
        assert country is not None
        destination = Destination(
            way=Way.PHONE,
            country=country.iso2,
            currency=country.currency,
            name=answers["name"],
            phone=answers["phone"],
            network=answers["network"],
            own=True,
        )
        return RequestDraft(terms_of(answers), destination, short_name(answers["name"]))

    async def offer(self, services: Services, request: RequestDraft) -> None:
        return None

    def stage_confirm(
        self,
        services: Services,
        turn: Turn,
        held: Conversation,
        request: RequestDraft,
        offer: None,
        agreed: Callable[[str], Screen],
    ) -> None:
        services.conversations.stage_end(turn.effects, held)
        services.requests.stage_make(
            turn.effects,
            turn.person,
            request.terms,
            request.destination,
            code=new_request_code(),
            maker=request.maker,
        )
        turn.say(agreed(""), slot=held.slot)

    def card(
        self,
        texts: Texts,
        request: RequestDraft,
        offer: None,
        rows: Rows,
        *,
        before: None = None,
        known: str | None = None,
    ) -> Screen:
        return replace(request_draft(texts, request.terms, maker=request.maker), rows=rows)

    def confirmed(self, texts: Texts, request: RequestDraft, offer: None, *, code: str) -> Screen:
        return note(texts("request.made"))

    def cancelled(self, texts: Texts, offer: None) -> Screen:
        return note(texts("request.not_made"))
