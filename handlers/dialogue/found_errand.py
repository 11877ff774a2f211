"""What to do with something that came without being asked for: a shared contact, or a code read from a photograph.

Nothing is begun before the customer chooses, and whatever is chosen goes through its own form, with its own review card.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeGuard

from bot.engine.conversations import Conversation
from bot.engine.recipients import KnownRecipient
from bot.payments.catalogue import tokens
from bot.payments.coverage import Service
from bot.payments.lines import BuyLine
from bot.payments.money import Money
from bot.payments.names import NameProblem, read_name
from bot.payments.parties import Destination, Way
from bot.payments.payment_uris import PaymentUri
from bot.payments.phones import Phone, phone_from_e164
from bot.screens.foreign import Html
from bot.screens.formats import address_code, chain_label, masked, money, short_address, whole_phone
from handlers.dialogue.buy_journey import BuyJourney
from handlers.dialogue.destinations import known_at
from handlers.dialogue.errand import Done, Errand
from handlers.dialogue.form import Answer, Asked, Form, Option, Problem, Question, Talk
from handlers.dialogue.journey import Filled
from handlers.dialogue.people_cards import PEOPLE, card_of
from handlers.dialogue.record_errands import NewNetworkQuestion
from handlers.dialogue.where_question import WhereQuestion
from handlers.services import Services
from handlers.turn import Turn

MOST_FOUND: Final = 4


@dataclass(frozen=True, slots=True)
class FoundPhone:
    """Somebody's number, with a name where one came along."""

    phone: Phone
    name: str | None = field(default=None, repr=False)

    def packed(self) -> dict[str, Any]:
        """As part of an answer."""
        return {"kind": "phone", "phone": self.phone.e164, "name": self.name}


def packed_payment(found: PaymentUri) -> dict[str, Any]:
    """A wallet address, with what else its code said, as part of an answer."""
    return {
        "kind": "address",
        "address": found.address.value,
        "chain": found.chain,
        "token": found.token,
        "amount": None if found.amount is None else str(found.amount),
    }


class TodoQuestion(Question):
    """What to do with what was found; the choice names it by its place."""

    name: ClassVar[str] = "todo"
    drops: ClassVar[frozenset[str]] = frozenset({"found_phone", "new_network", "found_name"})

    def ask(self, talk: Talk) -> Asked:
        found = talk.answers["found"]
        options = tuple(option for place, one in enumerate(found) for option in _options(place, one, talk))
        if len(found) > 1:
            return Asked("ask.todo_several", {}, options)
        key, values = _described(found[0], talk)
        return Asked(key, values, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return Problem("dialogue.choose_a_button")

    def shown(self, value: Any, talk: Talk) -> str:
        one = talk.answers["found"][value["at"]]
        return masked(one["phone"]) if one["kind"] == "phone" else short_address(one["address"])


class SavedPhoneQuestion(Question):
    """The number that is to be saved, as an answer of its own, so that its network can be asked. Never asked."""

    name: ClassVar[str] = "found_phone"
    listed: ClassVar[bool] = False

    def applies(self, talk: Talk) -> bool:
        return bool(talk.answers["todo"]["do"] == "save")

    def settled(self, talk: Talk) -> Any | None:
        return _chosen(talk)["phone"]

    def has_choice(self, talk: Talk) -> bool:
        return False


class SavedNetworkQuestion(NewNetworkQuestion):
    """The network of the number that is to be saved, where its range does not tell it."""

    def applies(self, talk: Talk) -> bool:
        return bool(talk.answers["todo"]["do"] == "save") and bool(self._networks(talk))


class SavedNameQuestion(Question):
    """The name of somebody who is to be saved, where none came along that can be one."""

    name: ClassVar[str] = "found_name"

    def applies(self, talk: Talk) -> bool:
        return bool(talk.answers["todo"]["do"] == "save")

    def settled(self, talk: Talk) -> Any | None:
        return _chosen(talk)["name"]

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.found_name", {"phone": masked(_chosen(talk)["phone"])})

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_name(text)
        return Problem(found.text_key) if isinstance(found, NameProblem) else Answer(found)


class FoundErrand(Errand):
    """Send money to somebody, save them, or buy crypto to an address: whatever of it fits."""

    form: ClassVar[Form] = Form(
        "found", (TodoQuestion(), SavedPhoneQuestion(), SavedNetworkQuestion("found_phone"), SavedNameQuestion())
    )

    async def finish(self, services: Services, turn: Turn, answers: Mapping[str, Any], talk: Talk) -> Done:
        one = _chosen(talk)
        match answers["todo"]["do"]:
            case "send":
                return _send(one, turn, talk)
            case "buy":
                return _buy(one, turn, talk)
            case "save":
                return await _save(one, services, turn, answers, talk)
            case _:
                known = await services.recipients.known(turn.person.id, _place(one, None, talk))
                said = turn.texts("found.phone", who=_who(one))
                return Done(said) if known is None else Done(said, card_of(known, talk), PEOPLE)


def is_still_open(held: Conversation | None) -> TypeGuard[Conversation]:
    """Whether something else is being talked about. What was found before gives way to what is found now."""
    return held is not None and held.form != FoundErrand.form.name


def _send(one: Mapping[str, Any], turn: Turn, talk: Talk) -> Done:
    where = WhereQuestion(Service.SEND).at_number(one["phone"], talk, called=one["name"])
    if isinstance(where, Problem):
        return Done(turn.texts(where.key, **where.values))
    return Done(turn.texts("found.sending", who=_who(one)), form="send", filled=Filled({"where": where.value}))


def _buy(one: Mapping[str, Any], turn: Turn, talk: Talk) -> Done:
    sold = {token.code for token in tokens(talk.offered.pairs)}
    token = one["token"] if one["token"] in sold else None
    amount = Decimal(one["amount"]) if token is not None and one["amount"] is not None else None
    line = BuyLine(
        token=token,
        chain=one["chain"],
        amount=amount,
        currency=None if amount is None else token,
        address=one["address"],
    )
    said = turn.texts("found.buying", address=address_code(one["address"]))
    return Done(said, form="buy", filled=BuyJourney().from_line(line, talk))


async def _save(one: Mapping[str, Any], services: Services, turn: Turn, answers: Mapping[str, Any], talk: Talk) -> Done:
    place = _place({**one, "name": answers["found_name"]}, answers.get("new_network"), talk)
    record = await services.recipients.stage_save(turn.effects, turn.person.id, place)
    said = turn.texts("people.saved", name=place.name)
    known = await services.recipients.by_id(turn.person.id, record)
    fresh = KnownRecipient(record, place.name, place, 0, None, saved=True)
    return Done(said, card_of(fresh if known is None else replace(known, saved=True), talk), PEOPLE)


def _place(one: Mapping[str, Any], network: str | None, talk: Talk) -> Destination:
    country = phone_from_e164(one["phone"]).country
    there = talk.offered.payee_country(country)
    currency = "" if there is None else there.currency
    return Destination(Way.PHONE, country, currency, one["name"] or "", phone=one["phone"], network=network)


def _chosen(talk: Talk) -> Mapping[str, Any]:
    found: Mapping[str, Any] = talk.answers["found"][talk.answers["todo"]["at"]]
    return found


def _options(place: int, one: Mapping[str, Any], talk: Talk) -> Iterator[Option]:
    texts = talk.texts
    if one["kind"] == "address":
        label = texts.plain("button.todo_buy", address=short_address(one["address"]))
        yield Option(label, {"at": place, "do": "buy"}, marked=place == 0)
        return
    yield Option(texts.plain("button.todo_send", who=_who(one)), {"at": place, "do": "send"}, marked=place == 0)
    known = known_at(one["phone"], talk)
    if known is None:
        yield Option(texts.plain("button.todo_save", who=_who(one)), {"at": place, "do": "save"})
    else:
        yield Option(texts.plain("button.todo_open", name=known.name or _who(one)), {"at": place, "do": "open"})


def _described(one: Mapping[str, Any], talk: Talk) -> tuple[str, dict[str, object]]:
    """The question for one thing, which is shown whole."""
    if one["kind"] == "phone":
        phone = whole_phone(one["phone"])
        return (
            ("ask.todo_number", {"phone": phone})
            if one["name"] is None
            else (
                "ask.todo_person",
                {"phone": phone, "name": one["name"]},
            )
        )
    address: Html = address_code(one["address"])
    chain = "" if one["chain"] is None else chain_label(one["chain"])
    if one["amount"] is not None and one["token"] is not None:
        asked = money(Money(Decimal(one["amount"]), one["token"]), talk.texts.language)
        return "ask.todo_payment", {"amount": asked, "address": address, "chain": chain}
    return (
        ("ask.todo_address", {"address": address, "chain": chain})
        if chain
        else (
            "ask.todo_address_any",
            {"address": address},
        )
    )


def _who(one: Mapping[str, Any]) -> str:
    return str(one["name"] or masked(one["phone"]))
