"""The first question of where fiat goes: somebody known, a way to be paid, a number, or another country.

A number, a contact from the address book or a name answers everything at once. What is said of people is what we know:
how often they were paid and when last. Nothing here is ever ticked as checked, since the provider confirms no name.
"""

from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, Final

from bot.payments.coverage import Service
from bot.payments.parties import Destination, Way
from bot.payments.phones import PhoneFault, PhoneProblem, read_phone
from bot.screens.formats import masked
from bot.screens.places import country_name
from handlers.dialogue.destinations import (
    ABROAD,
    DETAILS,
    OWN,
    SAVED,
    countries_paid,
    destination_country,
    history_of,
    known_at,
    known_label,
    packed_recipient,
    phone_problem,
    place_of_money,
    sender_of,
    way_of,
    ways_to,
)
from handlers.dialogue.form import Answer, Asked, KnownRecipient, Option, Problem, Question, SharedContact, Talk
from handlers.dialogue.near import nearest

_MOST_RECIPIENTS: Final = 6


class WhereQuestion(Question):
    """Whom or where to. A sale may go to the customer's own phone; otherwise that is the sender's, and refused."""

    name: ClassVar[str] = "where"
    drops: ClassVar[frozenset[str]] = DETAILS

    def __init__(self, service: Service) -> None:
        self._service = service

    def settled(self, talk: Talk) -> Any | None:
        said = talk.answers.get("said_to")  # a number that came with a line, before the country was known
        if said is not None:
            found = self.at_number(said, talk)
            return found.value if isinstance(found, Answer) else None
        there = talk.answers.get("said_there")  # a till or a paybill that did
        value = None if there is None else {"way": there["way"]}
        return value if value is not None and self.holds(value, talk) else None

    def ask(self, talk: Talk) -> Asked:
        assert talk.country is not None
        iso2 = talk.country.iso2
        here = ways_to(iso2, talk, self._service)
        options = [self._known(known, talk) for known in self._people(talk)[:_MOST_RECIPIENTS]]
        if self._may_be_own and Way.PHONE in here:
            options.insert(0, Option(talk.texts.plain("button.where_own"), {"way": OWN}, marked=True))
        for way in here:
            options.append(Option(_label(str(way), iso2, talk), {"way": str(way)}))
        if any(country.iso2 != iso2 for country in countries_paid(talk, self._service)):
            options.append(Option(_label(ABROAD, iso2, talk), {"way": ABROAD}))
        return Asked("ask.where_sold" if self._may_be_own else "ask.where", {}, tuple(options))

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return self.at_number(text, talk) if any(char.isdigit() for char in text) else self.at_name(text, talk)

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        paid = _phone_paid(value)
        if not self._may_be_own and paid is not None and paid == sender_of(talk):
            return Problem("payee.is_sender")
        return Answer(value)

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        # Telegram shares numbers in international form, with or without the plus sign
        return self.at_number("+" + contact.phone.strip().lstrip("+"), talk, called=contact.name)

    def holds(self, value: Any, talk: Talk) -> bool:
        here = replace(talk, answers={**talk.answers, "where": value})
        country = destination_country(here)
        usable = country is not None and way_of(here) in ways_to(country.iso2, talk, self._service)
        return (usable or value["way"] == ABROAD) and isinstance(self.judged(value, talk), Answer)

    def shown(self, value: Any, talk: Talk) -> str:
        if value["way"] == SAVED:
            destination = Destination.from_json(value["destination"])
            last = None if value["last"] is None else date.fromisoformat(value["last"])
            history = history_of(value["uses"], last, talk.texts)
            return f"{value['called']} · {place_of_money(destination, talk.texts)} · {history}"
        if value.get("phone") is not None:
            return talk.texts.plain("payee.new_number", phone=masked(value["phone"]))
        return _label(value["way"], str(talk.answers.get("country", "")), talk)

    def at_number(self, text: str, talk: Talk, *, called: str | None = None) -> Answer | Problem:
        """A typed or shared number of any country in which phones can be paid."""
        own = str(talk.answers.get("country", "")) or None
        found = read_phone(text, country=own)
        if isinstance(found, PhoneProblem) and found.fault is PhoneFault.WRONG_COUNTRY:
            found = read_phone(text, country=found.country)
        if isinstance(found, PhoneProblem):
            return phone_problem(found, talk, own)
        if Way.PHONE not in ways_to(found.country, talk, self._service):
            return Problem("destination.not_there", {"country": country_name(found.country, talk.texts.language)})
        person = talk.person
        if self._may_be_own and person.phone is not None and person.phone.e164 == found.e164:
            return Answer({"way": OWN})
        known = known_at(found.e164, talk)
        if known is not None:
            return self.judged(packed_recipient(known), talk)
        value = {"way": str(Way.PHONE), "country": found.country, "phone": found.e164}
        return self.judged(value if called is None else {**value, "called": called}, talk)

    def at_name(self, text: str, talk: Talk) -> Answer | Problem:
        """Somebody whom the customer knows by this name; where several fit, they are offered."""
        wanted, said = " ".join(text.casefold().split()), {"name": " ".join(text.split())}
        people = self._people(talk)
        fitting = [known for known in people if (known.name or "").casefold() == wanted]
        fitting = fitting or [known for known in people if wanted in (known.name or "").casefold().split()]
        if len(fitting) == 1:
            return self.judged(packed_recipient(fitting[0]), talk)
        if fitting:
            options = tuple(self._known(known, talk) for known in fitting[:_MOST_RECIPIENTS])
            return Problem("payee.several", said, options)
        place = nearest(wanted, {(known.name or "").casefold(): place for place, known in enumerate(people)})
        if place is not None:
            near = people[place]
            return Problem("payee.near_miss", {"name": near.name}, (self._known(near, talk),))
        return Problem("payee.unknown", said)

    @property
    def _may_be_own(self) -> bool:
        return self._service is Service.SELL

    def _people(self, talk: Talk) -> list[KnownRecipient]:
        """Those who can be paid now."""
        return [
            known
            for known in talk.recipients
            if known.destination.way in ways_to(known.destination.country, talk, self._service)
        ]

    def _known(self, known: KnownRecipient, talk: Talk) -> Option:
        last = None if known.last_used_at is None else known.last_used_at.date()
        label = known_label(known.name or "", known.destination, known.uses, last, talk.texts)
        return Option(label, packed_recipient(known))


def _phone_paid(value: Any) -> str | None:
    """The phone that an answer pays, None where it pays none or says none yet."""
    if value["way"] == SAVED:
        destination = value["destination"]
        return str(destination["phone"]) if destination["way"] == Way.PHONE else None
    return value.get("phone") if value["way"] == Way.PHONE else None


def _label(way: str, iso2: str, talk: Talk) -> str:
    return talk.texts.plain(f"button.where_{way}", country=country_name(iso2, talk.texts.language) if iso2 else "")
