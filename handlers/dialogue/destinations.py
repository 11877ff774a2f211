"""Where fiat goes, as answers: which way, in which country, whom we know there, and the destination they amount to.

Shared by the forms that pay somebody out. `where` is the first answer: a way in the customer's own country, a number or a
saved recipient that says everything at once, or "abroad", after which country and way are asked.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from babel.dates import format_date

from bot.payments.accounts import BANK_ACCOUNTS, Bank
from bot.payments.catalogue import Country, country_of
from bot.payments.coverage import Service
from bot.payments.parties import Destination, Way
from bot.payments.phones import PhoneProblem
from bot.screens.formats import phone_ending
from bot.screens.places import country_name
from bot.screens.questions import LONGEST_LABEL
from bot.screens.texts import Texts
from handlers.dialogue.form import KnownRecipient, Problem, Talk

OWN: Final = "own"  # the customer's own phone
SAVED: Final = "saved"
ABROAD: Final = "abroad"
_SHORTEST_NAME: Final = 8
# the answers that hang on `where`
DETAILS: Final = frozenset(
    {"to_country", "to_way", "to_phone", "to_network", "to_name", "bank", "account", "number", "paybill_account"}
)


def way_of(talk: Talk) -> Way | None:
    """How the fiat goes, once that is answered."""
    where = talk.answers.get("where")
    if where is None:
        return None
    match where["way"]:
        case "own":
            return Way.PHONE
        case "saved":
            return Way(where["destination"]["way"])
        case "abroad":
            there = talk.answers.get("to_way")
            return None if there is None else Way(there)
        case way:
            return Way(way)


def is_given_whole(talk: Talk) -> bool:
    """Whether `where` says everything: the customer's own phone, or a saved recipient."""
    where = talk.answers.get("where")
    return where is not None and where["way"] in (OWN, SAVED)


def destination_country(talk: Talk) -> Country | None:
    """Where the fiat goes, as it is paid out to now; as the table has it where that was closed meanwhile."""
    where = talk.answers.get("where")
    if where is None:
        return None
    match where["way"]:
        case "abroad":
            code = talk.answers.get("to_country")
        case "saved":
            code = where["destination"]["country"]
        case _:
            code = where.get("country") or talk.answers.get("country")
    return None if code is None else talk.offered.payee_country(code) or country_of(code)


def ways_to(iso2: str | None, talk: Talk, service: Service) -> tuple[Way, ...]:
    """The ways in which somebody in a country can be paid now by this service."""
    found = next((country for country in talk.offered.destinations(service) if country.iso2 == iso2), None)
    if found is None:
        return ()
    usable = {Way.PHONE: bool(found.networks), Way.BANK: bool(banks_of(found.iso2, talk))}
    return tuple(way for way in found.payouts if usable.get(way, True))


def banks_of(iso2: str, talk: Talk) -> tuple[Bank, ...]:
    """The banks that can be paid in a country whose account numbers we can read."""
    return talk.banks.get(iso2, ()) if iso2 in BANK_ACCOUNTS else ()


def countries_paid(talk: Talk, service: Service) -> tuple[Country, ...]:
    """The countries where somebody can be paid by this service."""
    return tuple(country for country in talk.offered.destinations(service) if ways_to(country.iso2, talk, service))


def own_phone(talk: Talk) -> str | None:
    """The customer's own number (E.164), once it is known."""
    return None if talk.person.phone is None else talk.person.phone.e164


def sender_of(talk: Talk) -> str | None:
    """The phone that pays: as answered, else the customer's own."""
    return talk.answers.get("phone") or own_phone(talk)


def phone_problem(problem: PhoneProblem, talk: Talk, iso2: str | None) -> Problem:
    """Why a recipient's number was not taken."""
    language = talk.texts.language
    values = {
        "country": "" if iso2 is None else country_name(iso2, language),
        "other": "" if problem.country is None else country_name(problem.country, language),
    }
    return Problem(f"payee.phone_{problem.fault}", values)


def known_at(phone: str, talk: Talk) -> KnownRecipient | None:
    """The recipient with this number (E.164)."""
    return next(
        (known for known in talk.recipients if known.destination.way is Way.PHONE and known.destination.phone == phone),
        None,
    )


def packed_recipient(known: KnownRecipient) -> dict[str, Any]:
    """A recipient as the answer to `where`. It stays as it was chosen, whatever becomes of the saved one."""
    return {
        "way": SAVED,
        "destination": known.destination.to_json(),
        "called": known.name,
        "uses": known.uses,
        "last": None if known.last_used_at is None else known.last_used_at.date().isoformat(),
    }


def history_of(uses: int, last: date | None, texts: Texts) -> str:
    """What we know of somebody: how often they were paid and when last, nothing more."""
    if uses == 0 or last is None:
        return texts.plain("payee.never_paid")
    return texts.many_plain("payee.paid", uses, day=format_date(last, "d MMM y", locale=texts.language))


def known_label(name: str, destination: Destination, uses: int, last: date | None, texts: Texts) -> str:
    """Somebody known on a button, where the name gives way: "Mary · …678 · paid 3 times, last on 12 Oct"."""
    history = texts.plain("payee.never_paid")
    if uses > 0 and last is not None:
        history = texts.many_plain("payee.paid_short", uses, day=format_date(last, "d MMM", locale=texts.language))
    rest = f" · {place_of_money(destination, texts)} · {history}"
    room = max(LONGEST_LABEL - len(rest), _SHORTEST_NAME)
    return (name if len(name) <= room else name[: room - 1].rstrip() + "…") + rest


def place_of_money(destination: Destination, texts: Texts) -> str:
    """A destination in a few words, without names: "…678", "Equity Bank …5678", "till 174379"."""
    match destination.way:
        case Way.PHONE:
            return phone_ending(destination.phone or "")
        case Way.BANK:
            return f"{destination.bank_name} …{(destination.account or '')[-4:]}"
        case Way.TILL:
            return texts.plain("payee.till", number=destination.number)
        case Way.PAYBILL:
            return texts.plain("payee.paybill", number=destination.number, account=destination.account)


def destination_of(answers: Mapping[str, Any], talk: Talk) -> Destination:
    """The destination behind complete answers. `KeyError` when they are not complete.

    The customer's own phone is what `phone`, `network` and `name` say where the form asks these, else their profile.
    """
    here = replace(talk, answers=answers)
    where, way, country = answers["where"], way_of(here), destination_country(here)
    if where["way"] == SAVED:
        return Destination.from_json(where["destination"])
    if way is None or country is None:
        raise KeyError("where")
    base = Destination(way, country.iso2, country.currency, "")
    if where["way"] == OWN:
        return _own(base, answers, talk)
    base = replace(base, name=answers["to_name"])
    match way:
        case Way.PHONE:
            return replace(base, phone=answers["to_phone"], network=answers["to_network"])
        case Way.BANK:
            bank = answers["bank"]
            return replace(
                base,
                bank_code=bank["code"],
                bank_name=bank["name"],
                account=answers["account"],
                phone=answers["to_phone"],
            )
        case Way.TILL:
            return replace(base, number=answers["number"])
        case Way.PAYBILL:
            return replace(base, number=answers["number"], account=answers["paybill_account"])


def _own(base: Destination, answers: Mapping[str, Any], talk: Talk) -> Destination:
    person = talk.person
    phone = answers.get("phone") or (None if person.phone is None else person.phone.e164)
    network, name = answers.get("network") or person.network, answers.get("name") or person.name
    if phone is None or network is None or name is None:
        raise KeyError("phone")
    return replace(base, name=name, phone=phone, network=network, own=True)
