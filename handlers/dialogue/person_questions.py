"""Questions about the customer: language, country, the phone that pays, its network, the name on the account.

They are asked once: what is known from earlier answers them without asking. Another person's phone may pay; then its
network and name are asked anew and the customer's own stay as they were.
"""

from typing import Any, ClassVar, Final

from bot.payments.catalogue import network_label
from bot.payments.catalogue.countries import Country, country_of
from bot.payments.names import NameProblem, read_name
from bot.payments.phones import Phone, PhoneProblem, network_of, phone_from_e164, read_phone
from bot.screens.formats import masked
from bot.screens.places import country_name, flag
from bot.screens.texts import LANGUAGE_NAMES
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, SharedContact, Talk
from handlers.dialogue.near import nearest

_ONE_LETTER_OFF: Final = 1


class LanguageQuestion(Question):
    """The language; only asked of somebody new, and only where there is a choice."""

    name: ClassVar[str] = "language"
    listed: ClassVar[bool] = False  # it is no part of the purchase: /language changes it

    def applies(self, talk: Talk) -> bool:
        return len(talk.offered.languages) > 1

    def settled(self, talk: Talk) -> Any | None:
        return talk.person.language if talk.person.country is not None else None

    def ask(self, talk: Talk) -> Asked:
        own = talk.person.language
        options = tuple(Option(LANGUAGE_NAMES[code], code, marked=code == own) for code in talk.offered.languages)
        return Asked("ask.language", options=options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        names = {LANGUAGE_NAMES[code].casefold(): code for code in talk.offered.languages}
        names |= {code: code for code in talk.offered.languages}
        found = names.get(text.strip().casefold())
        return Answer(found) if found is not None else Problem("dialogue.choose_a_button")

    def shown(self, value: Any, talk: Talk) -> str:
        return LANGUAGE_NAMES.get(value, str(value))


class CountryQuestion(Question):
    """Where the mobile-money account is; it decides the currency and how money is paid in."""

    name: ClassVar[str] = "country"
    drops: ClassVar[frozenset[str]] = frozenset({"phone"})
    asks: ClassVar[str] = "ask.country"
    refuses: ClassVar[str] = "country.not_offered"

    def possible(self, talk: Talk) -> tuple[Country, ...]:
        """The countries to choose from."""
        return talk.offered.countries

    def settled(self, talk: Talk) -> Any | None:
        offered = {country.iso2 for country in self.possible(talk)}
        return talk.person.country if talk.person.country in offered else None

    def ask(self, talk: Talk) -> Asked:
        options = tuple(
            Option(f"{country.flag} {country_name(country.iso2, talk.texts.language)}", country.iso2)
            for country in self.possible(talk)
        )
        return Asked(self.asks, options=options, columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        names: dict[str, str] = {}
        for country in self.possible(talk):
            for name in (country.name, country_name(country.iso2, talk.texts.language), country.iso2, country.iso3):
                names[name.casefold()] = country.iso2
        wanted = text.strip().casefold()
        if wanted in names:
            return Answer(names[wanted])
        near = nearest(wanted, names)
        if near is not None:
            label = f"{flag(near)} {country_name(near, talk.texts.language)}"
            return Problem("country.near_miss", {"country": label}, (Option(label, near, marked=True),))
        return Problem(self.refuses)

    def holds(self, value: Any, talk: Talk) -> bool:
        return any(country.iso2 == value for country in self.possible(talk))

    def shown(self, value: Any, talk: Talk) -> str:
        return f"{flag(value)} {country_name(value, talk.texts.language)}"


class PhoneQuestion(Question):
    """The phone that pays: the person's own by default, shared with one tap or typed."""

    name: ClassVar[str] = "phone"
    drops: ClassVar[frozenset[str]] = frozenset({"network", "name"})

    def settled(self, talk: Talk) -> Any | None:
        own = self._own(talk)
        return None if own is None else own.e164

    def ask(self, talk: Talk) -> Asked:
        assert talk.country is not None
        own = self._own(talk)
        bank = talk.country.onramp == "bank"
        values = {"country": country_name(talk.country.iso2, talk.texts.language)}
        if own is not None:
            label = talk.texts.plain("button.own_phone", phone=own.masked)
            return Asked("ask.phone_again", values, (Option(label, own.e164, marked=True),))
        return Asked("ask.phone_bank" if bank else "ask.phone", values, shares_contact=True)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return self._judged(read_phone(text, country=self._iso2(talk)), talk)

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        if not contact.own:
            return Problem("phone.not_your_own")
        digits = contact.phone.strip()
        # Telegram shares numbers in international form, with or without the plus sign
        return self._judged(read_phone("+" + digits.lstrip("+"), country=self._iso2(talk)), talk)

    def holds(self, value: Any, talk: Talk) -> bool:
        return phone_from_e164(value).country == self._iso2(talk)

    def shown(self, value: Any, talk: Talk) -> str:
        return masked(value)

    def _judged(self, found: Phone | PhoneProblem, talk: Talk) -> Answer | Problem:
        if isinstance(found, Phone):
            return Answer(found.e164)
        language = talk.texts.language
        values = {
            "country": country_name(self._iso2(talk), language),
            "other": "" if found.country is None else country_name(found.country, language),
        }
        return Problem(found.text_key, values)

    def _own(self, talk: Talk) -> Phone | None:
        own = talk.person.phone
        return own if own is not None and own.country == self._iso2(talk) else None

    def _iso2(self, talk: Talk) -> str:
        return str(talk.answers["country"])


class NetworkQuestion(Question):
    """The mobile-money network: read from the number where its range tells, and changeable, since numbers move."""

    name: ClassVar[str] = "network"

    def applies(self, talk: Talk) -> bool:
        return talk.country is None or talk.country.onramp != "bank"

    def settled(self, talk: Talk) -> Any | None:
        assert talk.country is not None
        person = talk.person
        own = person.phone is not None and person.phone.e164 == talk.answers.get("phone")
        known = person.network if own else None
        found = known or network_of(phone_from_e164(talk.answers["phone"]))
        return found if found in talk.country.networks else None

    def ask(self, talk: Talk) -> Asked:
        assert talk.country is not None
        guess = network_of(phone_from_e164(talk.answers["phone"]))
        options = tuple(
            Option(network_label(talk.country.iso2, code), code, marked=code == guess) for code in talk.country.networks
        )
        return Asked("ask.network", {"phone": masked(talk.answers["phone"])}, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        assert talk.country is not None
        names = {code.casefold(): code for code in talk.country.networks}
        names |= {network_label(talk.country.iso2, code).casefold(): code for code in talk.country.networks}
        plain = text.strip().casefold()
        found = names.get(plain) or names.get(plain.replace("-", "").replace(" ", ""))
        return Answer(found) if found is not None else Problem("network.unknown")

    def holds(self, value: Any, talk: Talk) -> bool:
        return talk.country is not None and value in talk.country.networks

    def shown(self, value: Any, talk: Talk) -> str:
        country = country_of(str(talk.answers.get("country", "")))
        return network_label(country.iso2, value) if country is not None else str(value)


class NameQuestion(Question):
    """The name on the account that pays, as the network or the bank has it."""

    name: ClassVar[str] = "name"

    def settled(self, talk: Talk) -> Any | None:
        own = talk.person.phone is not None and talk.person.phone.e164 == talk.answers.get("phone")
        return talk.person.name if own else None

    def ask(self, talk: Talk) -> Asked:
        bank = talk.country is not None and talk.country.onramp == "bank"
        options = () if talk.person.name is None else (Option(talk.person.name, talk.person.name),)
        phone = masked(talk.answers["phone"]) if "phone" in talk.answers else ""
        return Asked("ask.name_bank" if bank else "ask.name", {"phone": phone}, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_name(text)
        return Problem(found.text_key) if isinstance(found, NameProblem) else Answer(found)
