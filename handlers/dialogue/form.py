"""Forms and questions: how something is asked, how an answer is read, when it does not apply, what hangs on it.

Questions are stateless. What they look at comes in a `Talk`; what they say goes out as text keys with values, or
as a value in JSON. A button never carries a fact: its value stands in the conversation's list of options, and the tap
names a place in that list.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Protocol

from bot.engine.addresses import KnownAddress
from bot.engine.conversations import REVIEW
from bot.engine.customers import Person
from bot.payments.accounts import Bank
from bot.payments.catalogue import SAFE_PAIRS, Country, country_of
from bot.payments.catalogue.chains import Pairs
from bot.payments.coverage import Coverage, Service
from bot.payments.limits import DEFAULT_LIMITS, Limit
from bot.payments.parties import Destination
from bot.payments.pauses import words_for
from bot.screens.texts import LANGUAGES, Texts


@dataclass(frozen=True, slots=True)
class Offered:
    """What this business offers: pairs of chain and token, limits by currency, languages; and what is served now.

    `coverage` is asked at every look, for the provider may open and close countries and services at any time.
    """

    pairs: Pairs = SAFE_PAIRS
    limits: Mapping[str, Limit] = field(default_factory=lambda: DEFAULT_LIMITS)
    languages: tuple[str, ...] = LANGUAGES
    coverage: Callable[[], Coverage] = Coverage

    @property
    def countries(self) -> tuple[Country, ...]:
        """Where customers can pay in now."""
        return self.coverage().payers

    @property
    def services(self) -> tuple[Service, ...]:
        """What can be done now."""
        return self.coverage().services

    def offers(self, service: Service) -> bool:
        """Whether a service can be used now."""
        return self.coverage().offers(service)

    def words_for(self, service: Service, *countries: str | None) -> str | None:
        """What operators tell somebody of these countries who wants this; None where they closed nothing of it."""
        return words_for(self.coverage(), service, countries)

    def destinations(self, service: Service) -> tuple[Country, ...]:
        """Where money can go now by this service, with the networks and ways that work."""
        return self.coverage().destinations(service)

    @property
    def banks(self) -> Mapping[str, tuple[Bank, ...]]:
        """The banks that can be paid out to, by country."""
        return self.coverage().banks

    def payer_country(self, iso2: str) -> Country | None:
        """A country as customers pay in there now; as the table has it where it is closed."""
        return next((country for country in self.countries if country.iso2 == iso2), country_of(iso2))

    def payee_country(self, iso2: str) -> Country | None:
        """A country as it is paid out to now; None where it is closed."""
        return next((country for country in self.coverage().payees if country.iso2 == iso2), None)


class KnownRecipient(Protocol):
    """Somebody whom the customer paid or keeps: `name` is what the customer calls them, `uses` counts what arrived."""

    @property
    def destination(self) -> Destination: ...

    @property
    def name(self) -> str | None: ...

    @property
    def uses(self) -> int: ...

    @property
    def last_used_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Talk:
    """All that a question may look at."""

    answers: Mapping[str, Any] = field(repr=False)
    person: Person
    texts: Texts
    offered: Offered
    saved: tuple[KnownAddress, ...] = ()
    recipients: tuple[KnownRecipient, ...] = ()  # the last used first
    banks: Mapping[str, tuple[Bank, ...]] = field(default_factory=dict)  # by country, as the provider lists them

    @property
    def country(self) -> Country | None:
        """The country that was answered, once it was, with the networks that work there now."""
        code = self.answers.get("country")
        return self.offered.payer_country(code) if isinstance(code, str) else None


@dataclass(frozen=True, slots=True)
class Option:
    """A button: what it says, and the answer behind it."""

    label: str
    value: Any = field(repr=False)
    marked: bool = False  # the one that most people will want


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put: its sentence, its buttons in `columns`, and whether a phone may be shared by button."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    options: tuple[Option, ...] = ()
    columns: int = 1
    shares_contact: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer."""

    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer cannot be used, as a text key; `options` are what may have been meant, to be chosen by button."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A contact as Telegram shares it. `own` is true only when it is the very person who shared it."""

    phone: str = field(repr=False)
    own: bool
    name: str | None = field(default=None, repr=False)  # as the sharer's address book has it


class Question:
    """The base of all questions. `drops` names the answers that hang on this one and fall with a change of it."""

    name: ClassVar[str]
    listed: ClassVar[bool] = True  # among the answers under "Change"
    drops: ClassVar[frozenset[str]] = frozenset()

    def applies(self, talk: Talk) -> bool:
        """Whether the form needs this answer at all."""
        return True

    def settled(self, talk: Talk) -> Any | None:
        """The answer where there is no need to ask, None where there is."""
        return None

    def has_choice(self, talk: Talk) -> bool:
        """Whether there is anything to ask: not where only one answer is possible."""
        return True

    def ask(self, talk: Talk) -> Asked:
        """How it is asked."""
        raise NotImplementedError

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        """What a typed answer means."""
        raise NotImplementedError

    def judged(self, value: Any, talk: Talk) -> Answer | Problem:
        """Whether an answer that was offered as a button may be taken."""
        return Answer(value)

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        """What a shared contact means; most questions have no use for one."""
        return Problem("dialogue.contact_not_needed")

    def holds(self, value: Any, talk: Talk) -> bool:
        """Whether this answer is still possible beside the others."""
        return True

    def shown(self, value: Any, talk: Talk) -> str:
        """The answer in a few words, for lists of answers."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Form:
    """A list of questions; the review card comes after the last."""

    name: str
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question | None:
        """The question with this name."""
        return next((question for question in self.questions if question.name == name), None)

    def go_on(self, talk: Talk) -> tuple[str, dict[str, Any]]:
        """The next open question, or `REVIEW`; and the answers, with those added that need no asking."""
        answers = dict(talk.answers)
        for question in self.questions:
            here = replace(talk, answers=answers)
            if question.name in answers or not question.applies(here):
                continue
            value = question.settled(here)
            if value is None:
                return question.name, answers
            answers[question.name] = value
        return REVIEW, answers

    def answered(self, talk: Talk, name: str, value: Any) -> dict[str, Any]:
        """The answers with one more or another one, without those that hung on the old value."""
        before = talk.answers.get(name)
        answers = {**talk.answers, name: value}
        if before == value:
            return answers
        changed = {name}
        for _ in self.questions:  # one round for each link of the longest possible chain
            fallen = set(self._fallen(replace(talk, answers=answers), changed, name))
            if not fallen:
                break
            answers = {key: kept for key, kept in answers.items() if key not in fallen}
            changed |= fallen
        return answers

    def back_from(self, talk: Talk, name: str) -> str | None:
        """The question before this one that a person would have been asked; None at the first."""
        earlier: Sequence[Question] = self.questions
        for place, question in enumerate(self.questions):
            if question.name == name:
                earlier = self.questions[:place]
        for question in reversed(earlier):
            without = {key: value for key, value in talk.answers.items() if key != question.name}
            here = replace(talk, answers=without)
            if question.applies(here) and question.has_choice(here):
                return question.name
        return None

    def changeable(self, talk: Talk) -> tuple[Question, ...]:
        """The answered questions, for the list under "Change"."""
        return tuple(
            question
            for question in self.questions
            if question.listed
            and question.name in talk.answers
            and question.applies(talk)
            and question.has_choice(talk)
        )

    def _fallen(self, talk: Talk, changed: set[str], kept: str) -> Iterator[str]:
        hanging = {hung for name in changed if (asked := self.question(name)) is not None for hung in asked.drops}
        for question in self.questions:
            name = question.name
            if name == kept or name not in talk.answers:
                continue
            if name in hanging or not question.applies(talk) or not question.holds(talk.answers[name], talk):
                yield name


def currency_of_person(person: Person) -> str | None:
    """The customer's own currency, once their country is known."""
    country = country_of(person.country) if person.country is not None else None
    return None if country is None else country.currency
