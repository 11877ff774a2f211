"""What is asked of somebody who pays a request, and of a maker who has a phone asked: as little as can be.

What the request says stands in the answers (`ASKED`), since the card is also drawn with nobody there. The phone decides
the country; the network is read from the number; the name is what the person goes by at Telegram.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar, Final

from bot.engine.request_paying import NAMED
from bot.payments.amounts import AmountProblem, read_money
from bot.payments.catalogue.countries import Country
from bot.payments.money import Money
from bot.payments.names import NameProblem, read_name
from bot.payments.parties import Destination
from bot.payments.phones import Phone, PhoneProblem, phone_from_e164, read_phone
from bot.payments.requests import Pricing, RequestView, Terms, amount_fault
from bot.screens.formats import masked, money
from bot.screens.places import country_name
from bot.screens.requests import asked_amount
from handlers.dialogue.amount_question import packed_amount, unpacked_amount
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, SharedContact, Talk
from handlers.dialogue.person_questions import NetworkQuestion
from handlers.dialogue.request_questions import amount_values, packed_terms, unpacked_terms, yes_and_no

ASKED: Final = "asked"
CALLED: Final = "called"


def asked_answers(view: RequestView, *, called: str) -> dict[str, Any]:
    """What a form about a request begins with. `called` is what the person goes by at Telegram."""
    asked = {
        "id": view.id,
        "code": view.code,
        "maker": view.maker,
        "title": view.terms.title,
        "terms": packed_terms(view.terms),
        "methods": list(view.terms.methods),
        "destination": replace(view.destination, own=False, name=view.maker).to_json(),
    }
    return {ASKED: asked, CALLED: called}


def asked_terms(answers: Mapping[str, Any]) -> Terms:
    """How much the request asks for."""
    return unpacked_terms(answers[ASKED]["terms"])


def asked_destination(answers: Mapping[str, Any]) -> Destination:
    """Where its money goes."""
    return Destination.from_json(answers[ASKED]["destination"])


def paid_amount(answers: Mapping[str, Any]) -> Money:
    """What is to arrive: the one amount that is asked for, or the one that was chosen."""
    price = asked_terms(answers).price
    return price if price is not None else unpacked_amount(answers["paying_amount"])


class PayingAmountQuestion(Question):
    """How much, where the request leaves a choice."""

    name: ClassVar[str] = "paying_amount"

    def applies(self, talk: Talk) -> bool:
        return asked_terms(talk.answers).price is None

    def ask(self, talk: Talk) -> Asked:
        terms = asked_terms(talk.answers)
        amounts = [price for _, price in terms.packages]
        if terms.pricing is Pricing.RANGE:
            amounts = [bound for bound in (terms.minimum, terms.maximum) if bound is not None]
        options = tuple(self._option(amount, terms, talk) for amount in amounts)
        return Asked("ask.paying_amount", {"asked": self._asked(terms, talk)}, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        terms = asked_terms(talk.answers)
        found = read_money(text, default_currency=terms.currency)
        if isinstance(found, AmountProblem):
            options = tuple(
                self._option(reading, terms, talk) for reading in found.readings if amount_fault(terms, reading) is None
            )
            key = "amount.whole_only" if found.decimals == 0 else found.text_key
            return Problem(key, amount_values(found, terms.currency), options)
        if found.currency not in (None, terms.currency):
            return Problem("amount.other_currency", {"word": found.currency, "currency": terms.currency})
        return self._judge(Money(found.amount, terms.currency), talk)

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        return self._judge(unpacked_amount(value), talk)

    def shown(self, value: Any, talk: Talk) -> str:
        return money(unpacked_amount(value), talk.texts.language)

    def _judge(self, amount: Money, talk: Talk) -> Answer | Problem:
        terms = asked_terms(talk.answers)
        fault = amount_fault(terms, amount.amount)
        return Answer(packed_amount(amount)) if fault is None else Problem(fault.text_key, {}, self.ask(talk).options)

    def _option(self, amount: Decimal, terms: Terms, talk: Talk) -> Option:
        name = next((f"{name}: " for name, price in terms.packages if price == amount), "")
        priced = Money(amount, terms.currency)
        return Option(f"{name}{money(priced, talk.texts.language)}", packed_amount(priced))

    def _asked(self, terms: Terms, talk: Talk) -> str:
        return "" if terms.pricing is Pricing.PACKAGES else asked_amount(talk.texts, terms)


class PayingPhoneQuestion(Question):
    """The phone that pays: the person's own where it is known, else shared with one tap, or typed."""

    name: ClassVar[str] = "phone"
    drops: ClassVar[frozenset[str]] = frozenset({"country", "network", "payer_name"})

    def settled(self, talk: Talk) -> Any | None:
        own = _own(talk)
        return None if own is None else own.e164

    def ask(self, talk: Talk) -> Asked:
        own = _own(talk)
        if own is not None:
            label = talk.texts.plain("button.own_phone", phone=own.masked)
            return Asked("ask.paying_phone", {}, (Option(label, own.e164, marked=True),))
        return Asked("ask.paying_phone", shares_contact=True)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return judged_phone(text, talk, _payers(talk))

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        if not contact.own:
            return Problem("phone.not_your_own")
        return judged_phone("+" + contact.phone.strip().lstrip("+"), talk, _payers(talk))

    def shown(self, value: Any, talk: Talk) -> str:
        return masked(value)


class PayingCountryQuestion(Question):
    """Where the phone is: nobody is asked, the number says it."""

    name: ClassVar[str] = "country"
    listed: ClassVar[bool] = False

    def settled(self, talk: Talk) -> Any | None:
        return phone_from_e164(phone_in(talk.answers)).country

    def has_choice(self, talk: Talk) -> bool:
        return False

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.country")

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return Problem("dialogue.choose_a_button")


class PayerNameQuestion(Question):
    """The name on the account: what is known of the person, or what they go by at Telegram."""

    name: ClassVar[str] = "payer_name"

    def settled(self, talk: Talk) -> Any | None:
        own = talk.person.phone is not None and talk.person.phone.e164 == talk.answers.get("phone")
        if own and talk.person.name is not None:
            return talk.person.name
        called = read_name(str(talk.answers.get(CALLED, "")))
        return None if isinstance(called, NameProblem) else called

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.name", {"phone": masked(talk.answers["phone"])})

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_name(text)
        return Problem(found.text_key) if isinstance(found, NameProblem) else Answer(found)


class PayerNamedQuestion(Question):
    """Whether the maker and the others see who paid; no, unless the payer says yes."""

    name: ClassVar[str] = NAMED

    def settled(self, talk: Talk) -> Any | None:
        return False

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.paying_named", {"maker": talk.answers[ASKED]["maker"]}, yes_and_no(talk), columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return Problem("dialogue.choose_a_button")

    def shown(self, value: Any, talk: Talk) -> str:
        return talk.texts.plain("request.choice_yes" if value else "request.choice_no")


class PushedPhoneQuestion(Question):
    """Which phone is asked: somebody's who has agreed to it, where phones can be asked at all."""

    name: ClassVar[str] = "pushed_phone"
    drops: ClassVar[frozenset[str]] = frozenset({"country", "network", "pushed_name"})

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.pushed_phone")

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = judged_phone(text, talk, tuple(one for one in talk.offered.countries if one.onramp != "bank"))
        own = talk.person.phone is not None and isinstance(found, Answer) and talk.person.phone.e164 == found.value
        return Problem("request.own") if own else found

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        return self.read("+" + contact.phone.strip().lstrip("+"), talk)

    def shown(self, value: Any, talk: Talk) -> str:
        return masked(value)


class PushedNetworkQuestion(NetworkQuestion):
    """Its network, read from the number where its range tells."""

    def settled(self, talk: Talk) -> Any | None:
        return super().settled(_as_payer(talk))

    def ask(self, talk: Talk) -> Asked:
        return super().ask(_as_payer(talk))


class PushedNameQuestion(Question):
    """Whose phone it is."""

    name: ClassVar[str] = "pushed_name"

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.pushed_name")

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_name(text)
        return Problem(found.text_key) if isinstance(found, NameProblem) else Answer(found)


def judged_phone(text: str, talk: Talk, payers: tuple[Country, ...]) -> Answer | Problem:
    """A phone that can pay this request: of one of these countries."""
    found = read_phone(text, country=None)
    if isinstance(found, PhoneProblem):  # as it is dialled at home, where the maker or the person lives
        homes = (talk.person.country, asked_destination(talk.answers).country)
        at_home = (read_phone(text, country=home) for home in homes if home is not None)
        found = next((phone for phone in at_home if isinstance(phone, Phone)), found)
    if isinstance(found, PhoneProblem):
        values = {"country": "", "other": ""}
        if found.country is not None:
            values = dict.fromkeys(values, country_name(found.country, talk.texts.language))
        return Problem(found.text_key, values)
    if found.e164 == asked_destination(talk.answers).phone:
        return Problem("payee.pays_itself")
    return Answer(found.e164) if _pays_in(found, payers) else _elsewhere(talk, payers)


def phone_in(answers: Mapping[str, Any]) -> str:
    """The number that pays, in either form."""
    return str(answers["pushed_phone"] if "pushed_phone" in answers else answers["phone"])


def _payers(talk: Talk) -> tuple[Country, ...]:
    """Where this request can be paid from: where its ways of paying are those of the country."""
    methods = talk.answers[ASKED]["methods"]
    ways = {country.iso2: "bank" if country.onramp == "bank" else "mobile_money" for country in talk.offered.countries}
    return tuple(country for country in talk.offered.countries if ways[country.iso2] in methods)


def _own(talk: Talk) -> Phone | None:
    """The person's own phone where it can pay; not where it is the one that is paid."""
    own = talk.person.phone
    paid = asked_destination(talk.answers).phone
    return own if own is not None and own.e164 != paid and _pays_in(own, _payers(talk)) else None


def _pays_in(phone: Phone, payers: tuple[Country, ...]) -> bool:
    return any(country.iso2 == phone.country for country in payers)


def _elsewhere(talk: Talk, payers: tuple[Country, ...]) -> Problem:
    names = ", ".join(country_name(country.iso2, talk.texts.language) for country in payers)
    return Problem("request.cannot_pay_there", {"countries": names})


def _as_payer(talk: Talk) -> Talk:
    return replace(talk, answers={**talk.answers, "phone": talk.answers["pushed_phone"]})
