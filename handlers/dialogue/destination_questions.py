"""The questions of where fiat goes, shared by all forms that pay somebody out; the first stands in `where_question`.

The provider confirms no name, so none is ever shown as more than what the customer typed.
"""

from typing import Any, ClassVar

from bot.payments.accounts import AccountProblem, read_business_name
from bot.payments.catalogue import network_label
from bot.payments.coverage import Service
from bot.payments.names import NameProblem, read_name
from bot.payments.parties import Way
from bot.payments.phones import Phone, network_of, phone_from_e164, read_phone
from bot.screens.formats import masked
from bot.screens.places import country_name, flag
from handlers.dialogue.account_questions import AccountQuestion, BankQuestion, NumberQuestion, PaybillAccountQuestion
from handlers.dialogue.destinations import (
    ABROAD,
    DETAILS,
    countries_paid,
    destination_country,
    destination_of,
    history_of,
    is_given_whole,
    known_at,
    own_phone,
    phone_problem,
    sender_of,
    way_of,
    ways_to,
)
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, SharedContact, Talk
from handlers.dialogue.near import nearest
from handlers.dialogue.where_question import WhereQuestion

__all__ = ["destination_of", "destination_questions"]


class ToCountryQuestion(Question):
    """In which other country."""

    name: ClassVar[str] = "to_country"
    drops: ClassVar[frozenset[str]] = DETAILS - {"to_country"}

    def __init__(self, service: Service) -> None:
        self._service = service

    def applies(self, talk: Talk) -> bool:
        return "where" in talk.answers and talk.answers["where"]["way"] == ABROAD

    def ask(self, talk: Talk) -> Asked:
        options = (
            Option(f"{country.flag} {country_name(country.iso2, talk.texts.language)}", country.iso2)
            for country in countries_paid(talk, self._service)
            if country.iso2 != talk.answers.get("country")
        )
        return Asked("ask.to_country", options=tuple(options), columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        names: dict[str, str] = {}
        for country in countries_paid(talk, self._service):
            for name in (country.name, country_name(country.iso2, talk.texts.language), country.iso2, country.iso3):
                names[name.casefold()] = country.iso2
        wanted = text.strip().casefold()
        if wanted in names:
            return Answer(names[wanted])
        near = nearest(wanted, names)
        if near is not None:
            return Problem(
                "country.near_miss", {"country": self.shown(near, talk)}, (Option(self.shown(near, talk), near),)
            )
        return Problem("destination.unknown_country")

    def holds(self, value: Any, talk: Talk) -> bool:
        return any(country.iso2 == value for country in countries_paid(talk, self._service))

    def shown(self, value: Any, talk: Talk) -> str:
        return f"{flag(value)} {country_name(value, talk.texts.language)}"


class ToWayQuestion(Question):
    """How in that other country; not asked where there is one way."""

    name: ClassVar[str] = "to_way"
    drops: ClassVar[frozenset[str]] = DETAILS - {"to_country", "to_way"}

    def __init__(self, service: Service) -> None:
        self._service = service

    def applies(self, talk: Talk) -> bool:
        return "where" in talk.answers and talk.answers["where"]["way"] == ABROAD

    def settled(self, talk: Talk) -> Any | None:
        possible = self._possible(talk)
        return str(possible[0]) if len(possible) == 1 else None

    def has_choice(self, talk: Talk) -> bool:
        return len(self._possible(talk)) > 1

    def ask(self, talk: Talk) -> Asked:
        return Asked(
            "ask.to_way", options=tuple(Option(self.shown(str(way), talk), str(way)) for way in self._possible(talk))
        )

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return Problem("dialogue.choose_a_button")

    def holds(self, value: Any, talk: Talk) -> bool:
        return Way(value) in self._possible(talk)

    def shown(self, value: Any, talk: Talk) -> str:
        country = destination_country(talk)
        name = "" if country is None else country_name(country.iso2, talk.texts.language)
        return talk.texts.plain(f"button.where_{value}", country=name)

    def _possible(self, talk: Talk) -> tuple[Way, ...]:
        country = destination_country(talk)
        return () if country is None else ways_to(country.iso2, talk, self._service)


class ToPhoneQuestion(Question):
    """The phone that is paid, typed or shared from the address book; for a bank account, the phone of its holder."""

    name: ClassVar[str] = "to_phone"
    drops: ClassVar[frozenset[str]] = frozenset({"to_network", "to_name"})

    def __init__(self, service: Service) -> None:
        self._service = service

    def applies(self, talk: Talk) -> bool:
        return way_of(talk) in (Way.PHONE, Way.BANK) and not is_given_whole(talk)

    def settled(self, talk: Talk) -> Any | None:
        return talk.answers["where"].get("phone")

    def ask(self, talk: Talk) -> Asked:
        values = {"country": country_name(self._iso2(talk), talk.texts.language)}
        own = talk.person.phone
        if way_of(talk) is not Way.BANK:
            return Asked("ask.to_phone", values)
        offered = own is not None and own.country == self._iso2(talk)
        label = talk.texts.plain("button.own_phone", phone=own.masked) if own is not None else ""
        return Asked("ask.holder_phone", values, (Option(label, own.e164),) if offered and own is not None else ())

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_phone(text, country=self._iso2(talk))
        if isinstance(found, Phone):
            return self.judged(found.e164, talk)
        return phone_problem(found, talk, self._iso2(talk))

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        if self._service is not Service.SELL and way_of(talk) is Way.PHONE and value == sender_of(talk):
            return Problem("payee.is_sender")
        return Answer(value)

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        return self.read("+" + contact.phone.strip().lstrip("+"), talk)

    def holds(self, value: Any, talk: Talk) -> bool:
        country = destination_country(talk)
        fits = country is None or phone_from_e164(value).country == country.iso2
        return fits and isinstance(self.judged(value, talk), Answer)

    def shown(self, value: Any, talk: Talk) -> str:
        known = known_at(value, talk)
        if known is not None:
            return f"{masked(value)} · {history_of(known.uses, known.last_used_at, talk.texts)}"
        if way_of(talk) is Way.BANK:
            return masked(value)
        return talk.texts.plain("payee.new_number", phone=masked(value))

    def _iso2(self, talk: Talk) -> str:
        country = destination_country(talk)
        assert country is not None
        return country.iso2


class ToNetworkQuestion(Question):
    """The recipient's network: read from the number where its range tells; another one is questioned, then taken."""

    name: ClassVar[str] = "to_network"

    def applies(self, talk: Talk) -> bool:
        return way_of(talk) is Way.PHONE and not is_given_whole(talk)

    def settled(self, talk: Talk) -> Any | None:
        guess = self._guess(talk)
        return guess if guess in self._networks(talk) and "said_network" not in talk.answers else None

    def has_choice(self, talk: Talk) -> bool:
        return len(self._networks(talk)) > 1

    def ask(self, talk: Talk) -> Asked:
        guess = self._guess(talk)
        options = tuple(Option(self.shown(code, talk), code, marked=code == guess) for code in self._networks(talk))
        return Asked("ask.to_network", {"phone": masked(talk.answers["to_phone"])}, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        names = {code.casefold(): code for code in self._networks(talk)}
        names |= {self.shown(code, talk).casefold(): code for code in self._networks(talk)}
        plain = text.strip().casefold()
        found = names.get(plain) or names.get(plain.replace("-", "").replace(" ", ""))
        return self.judged(found, talk) if found is not None else Problem("network.unknown")

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        if isinstance(value, dict):  # the customer knows better than the number's range, and said so
            return Answer(value["sure"])
        guess = self._guess(talk)
        if guess is None or guess == value or guess not in self._networks(talk):
            return Answer(value)
        keep = Option(self.shown(guess, talk), guess, marked=True)
        sure = Option(talk.texts.plain("button.network_is_right", network=self.shown(value, talk)), {"sure": value})
        values = {"phone": masked(talk.answers["to_phone"]), "usual": keep.label, "network": self.shown(value, talk)}
        return Problem("network.does_not_fit", values, (keep, sure))

    def holds(self, value: Any, talk: Talk) -> bool:
        return value in self._networks(talk)

    def shown(self, value: Any, talk: Talk) -> str:
        country = destination_country(talk)
        return str(value) if country is None else network_label(country.iso2, value)

    def _guess(self, talk: Talk) -> str | None:
        return network_of(phone_from_e164(talk.answers["to_phone"])) if "to_phone" in talk.answers else None

    def _networks(self, talk: Talk) -> tuple[str, ...]:
        country = destination_country(talk)
        return () if country is None else country.networks


class ToNameQuestion(Question):
    """The name of whoever is paid, as the customer knows it. Nobody confirms it."""

    name: ClassVar[str] = "to_name"

    def applies(self, talk: Talk) -> bool:
        return way_of(talk) is not None and not is_given_whole(talk)

    def ask(self, talk: Talk) -> Asked:
        if self._is_business(talk):
            return Asked("ask.to_name_business", {"number": talk.answers["number"]})
        suggested = talk.answers["where"].get("called")
        own = talk.person.name if talk.answers["to_phone"] == own_phone(talk) else None
        names = [name for name in (suggested, own) if name is not None and isinstance(read_name(name), str)]
        options = tuple(Option(name, name) for name in dict.fromkeys(names))
        key = "ask.to_name_bank" if way_of(talk) is Way.BANK else "ask.to_name"
        return Asked(key, {"phone": masked(talk.answers["to_phone"])}, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_business_name(text) if self._is_business(talk) else read_name(text)
        if isinstance(found, AccountProblem):
            return Problem(f"business.{found.fault}")
        return Problem(found.text_key) if isinstance(found, NameProblem) else Answer(found)

    def shown(self, value: Any, talk: Talk) -> str:
        return talk.texts.plain("payee.typed", name=value)

    def _is_business(self, talk: Talk) -> bool:
        return way_of(talk) in (Way.TILL, Way.PAYBILL)


def destination_questions(service: Service) -> tuple[WhereQuestion, *tuple[Question, ...]]:
    """All of them in order, for a form that has `country` before. Only a sale may go to the customer's own phone.

    A form for sales asks `phone`, `network` and `name` where `where` is the own phone and the profile does not know them:
    `destination_of` takes them from the answers, else from the profile.
    """
    return (
        WhereQuestion(service),
        ToCountryQuestion(service),
        ToWayQuestion(service),
        BankQuestion(),
        AccountQuestion(),
        NumberQuestion(),
        PaybillAccountQuestion(),
        ToPhoneQuestion(service),
        ToNetworkQuestion(),
        ToNameQuestion(),
    )
