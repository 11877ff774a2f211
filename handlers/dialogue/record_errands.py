"""Errands about what a customer keeps: another name for a person or an address, another number for a person.

The record is named by its id in the answers from the start, and looked up again when the errand is done.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from bot.payments.catalogue import network_label
from bot.payments.coverage import Service
from bot.payments.names import LONGEST_LABEL, NameProblem, read_label
from bot.payments.parties import Way
from bot.payments.phones import PhoneFault, PhoneProblem, network_of, phone_from_e164, read_phone
from bot.screens.formats import masked
from bot.screens.people import KIND as PERSON
from bot.screens.people import person_gone
from bot.screens.places import country_name
from bot.screens.saved_addresses import KIND as ADDRESS
from bot.screens.saved_addresses import Wallet, wallet_card
from handlers.dialogue.destinations import phone_problem, ways_to
from handlers.dialogue.errand import Done, Errand
from handlers.dialogue.form import Answer, Asked, Form, Option, Problem, Question, SharedContact, Talk
from handlers.dialogue.people_cards import PEOPLE, WALLETS, card_of
from handlers.services import Services
from handlers.turn import Turn


class NewNameQuestion(Question):
    """What to call a record from now on. `record` is its kind, its id, and what it is called so far."""

    name: ClassVar[str] = "new_name"

    def ask(self, talk: Talk) -> Asked:
        record = talk.answers["record"]
        key = "ask.new_name" if record["kind"] == PERSON else "ask.new_name_address"
        return Asked(key, {"name": record["called"]})

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_label(text)
        return (
            Problem(f"label.{found.fault}", {"most": LONGEST_LABEL})
            if isinstance(found, NameProblem)
            else Answer(found)
        )


class RenameErrand(Errand):
    """Another name."""

    form: ClassVar[Form] = Form("rename", (NewNameQuestion(),))

    async def finish(self, services: Services, turn: Turn, answers: Mapping[str, Any], talk: Talk) -> Done:
        texts, record, name = turn.texts, answers["record"], answers["new_name"]
        said = texts("people.renamed", name=name)
        if record["kind"] == ADDRESS:
            wallet = await services.addresses.by_id(turn.person.id, record["id"])
            if wallet is None:
                return Done(texts("wallets.gone"))
            services.addresses.stage_name(turn.effects, turn.person.id, wallet.id, name)
            return Done(said, wallet_card(texts, Wallet(wallet.id, wallet.chain, wallet.value, name)), WALLETS)
        known = await services.recipients.by_id(turn.person.id, record["id"])
        if known is None:
            return Done(texts("people.gone"))
        services.recipients.stage_rename(turn.effects, turn.person.id, known.id, name)
        return Done(said, card_of(replace(known, name=name, saved=True), talk), PEOPLE)


class NewNumberQuestion(Question):
    """Another number for a person; it may be one of another country."""

    name: ClassVar[str] = "new_number"
    drops: ClassVar[frozenset[str]] = frozenset({"new_network"})

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.new_number", {"name": talk.answers["record"]["called"]})

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        country = talk.answers["record"]["country"]
        found = read_phone(text, country=country)
        if isinstance(found, PhoneProblem) and found.fault is PhoneFault.WRONG_COUNTRY:
            found = read_phone(text, country=found.country)
        if isinstance(found, PhoneProblem):
            return phone_problem(found, talk, country)
        return payable_phone(found.e164, talk)

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        return self.read("+" + contact.phone.strip().lstrip("+"), talk)

    def shown(self, value: Any, talk: Talk) -> str:
        return masked(value)


class NewNetworkQuestion(Question):
    """The network of a number whose range does not tell it. `number` is the answer that holds the number."""

    name: ClassVar[str] = "new_network"

    def __init__(self, number: str) -> None:
        self._number = number

    def settled(self, talk: Talk) -> Any | None:
        found = network_of(phone_from_e164(talk.answers[self._number]))
        return found if found in self._networks(talk) else None

    def ask(self, talk: Talk) -> Asked:
        phone = talk.answers[self._number]
        country = phone_from_e164(phone).country
        options = tuple(Option(network_label(country, code), code) for code in self._networks(talk))
        return Asked("ask.new_network", {"phone": masked(phone)}, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        country = phone_from_e164(talk.answers[self._number]).country
        names = {network_label(country, code).casefold(): code for code in self._networks(talk)}
        found = names.get(" ".join(text.casefold().split()))
        return Answer(found) if found is not None else Problem("dialogue.choose_a_button")

    def shown(self, value: Any, talk: Talk) -> str:
        return network_label(phone_from_e164(talk.answers[self._number]).country, value)

    def _networks(self, talk: Talk) -> tuple[str, ...]:
        country = talk.offered.payee_country(phone_from_e164(talk.answers[self._number]).country)
        return () if country is None else country.networks


class ChangeNumberErrand(Errand):
    """Another number for a person. Nothing was ever paid to it, so it is counted from nothing."""

    form: ClassVar[Form] = Form("number", (NewNumberQuestion(), NewNetworkQuestion("new_number")))

    async def finish(self, services: Services, turn: Turn, answers: Mapping[str, Any], talk: Talk) -> Done:
        texts, customer = turn.texts, turn.person.id
        known = await services.recipients.by_id(customer, answers["record"]["id"])
        phone = phone_from_e164(answers["new_number"])
        country = talk.offered.payee_country(phone.country)
        if known is None or country is None:
            return Done(texts("people.gone"), person_gone(texts), PEOPLE)
        place = replace(
            known.destination,
            country=country.iso2,
            currency=country.currency,
            phone=phone.e164,
            network=answers["new_network"],
        )
        other = await services.recipients.known(customer, place)
        if other is not None and other.id != known.id:
            return Done(texts("people.number_taken", name=other.name), card_of(other, talk), PEOPLE)
        if other is None:
            services.recipients.stage_change(turn.effects, customer, known.id, place)
            known = replace(known, destination=place, uses=0, last_used_at=None, saved=True)
        return Done(texts("people.number_changed", name=known.name), card_of(known, talk), PEOPLE)


def payable_phone(e164: str, talk: Talk) -> Answer | Problem:
    """A number as an answer: of a country where phones can be paid, and not the customer's own."""
    phone = phone_from_e164(e164)
    if talk.person.phone is not None and talk.person.phone.e164 == e164:
        return Problem("people.own_number")
    if Way.PHONE not in ways_to(phone.country, talk, Service.SEND):
        return Problem("people.not_there", {"country": country_name(phone.country, talk.texts.language)})
    return Answer(e164)
