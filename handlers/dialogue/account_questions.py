"""Questions about places that are no phones: which bank and account there, the till, the paybill and its account."""

from typing import Any, ClassVar, Final

from bot.payments.accounts import (
    BANK_ACCOUNTS,
    PAYBILL_ACCOUNT,
    SHORT_CODE,
    AccountFormat,
    AccountProblem,
    read_bank_account,
    read_paybill_account,
    read_short_code,
)
from bot.payments.parties import Way
from handlers.dialogue.destinations import banks_of, destination_country, is_given_whole, way_of
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, Talk
from handlers.dialogue.near import nearest

_MOST_BANKS: Final = 20


class BankQuestion(Question):
    """Which bank, of the provider's list: some as buttons, all by typing a part of the name."""

    name: ClassVar[str] = "bank"
    drops: ClassVar[frozenset[str]] = frozenset({"account"})

    def applies(self, talk: Talk) -> bool:
        return way_of(talk) is Way.BANK and not is_given_whole(talk)

    def ask(self, talk: Talk) -> Asked:
        known = self._banks(talk)
        options = tuple(_bank_option(bank) for bank in known[:_MOST_BANKS])
        return Asked("ask.bank" if len(known) <= _MOST_BANKS else "ask.bank_of_many", {}, options, columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        known = self._banks(talk)
        wanted = " ".join(text.casefold().split())
        named = [bank for bank in known if bank["name"].casefold() == wanted]
        if named:
            return Answer(named[0])
        fitting = [bank for bank in known if len(wanted) > 1 and wanted in bank["name"].casefold()]
        if not fitting:
            words = {
                word.casefold(): bank for bank in reversed(known) for word in (bank["name"], *bank["name"].split())
            }
            near = nearest(wanted, words)
            fitting = [] if near is None else [near]
        if fitting:
            return Problem("banks.which", {}, tuple(_bank_option(bank) for bank in fitting[:_MOST_BANKS]))
        return Problem("banks.unknown")

    def holds(self, value: Any, talk: Talk) -> bool:
        return any(bank["code"] == value["code"] for bank in self._banks(talk))

    def shown(self, value: Any, talk: Talk) -> str:
        return str(value["name"])

    def _banks(self, talk: Talk) -> list[dict[str, str]]:
        country = destination_country(talk)
        return [] if country is None else [_packed(bank.code, bank.name) for bank in banks_of(country.iso2, talk)]


class AccountQuestion(Question):
    """The account number at the bank."""

    name: ClassVar[str] = "account"

    def applies(self, talk: Talk) -> bool:
        return way_of(talk) is Way.BANK and not is_given_whole(talk)

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.account", {"bank": talk.answers["bank"]["name"], "example": self._rule(talk).example})

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = read_bank_account(text, self._iso2(talk))
        return _answer(found, self._rule(talk))

    def holds(self, value: Any, talk: Talk) -> bool:
        return self._iso2(talk) in BANK_ACCOUNTS and read_bank_account(value, self._iso2(talk)) == value

    def _rule(self, talk: Talk) -> AccountFormat:
        return BANK_ACCOUNTS[self._iso2(talk)]

    def _iso2(self, talk: Talk) -> str:
        country = destination_country(talk)
        return "" if country is None else country.iso2


class NumberQuestion(Question):
    """The number of a till or a paybill."""

    name: ClassVar[str] = "number"

    def applies(self, talk: Talk) -> bool:
        return way_of(talk) in (Way.TILL, Way.PAYBILL) and not is_given_whole(talk)

    def settled(self, talk: Talk) -> Any | None:
        return _said(talk, "number")

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.till" if way_of(talk) is Way.TILL else "ask.paybill", {"example": SHORT_CODE.example})

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return _answer(read_short_code(text), SHORT_CODE)


class PaybillAccountQuestion(Question):
    """The account at a paybill: a meter, an invoice, a pupil's number."""

    name: ClassVar[str] = "paybill_account"

    def applies(self, talk: Talk) -> bool:
        return way_of(talk) is Way.PAYBILL and not is_given_whole(talk)

    def settled(self, talk: Talk) -> Any | None:
        return _said(talk, "paybill_account")

    def ask(self, talk: Talk) -> Asked:
        return Asked("ask.paybill_account", {"number": talk.answers["number"], "example": PAYBILL_ACCOUNT.example})

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        return _answer(read_paybill_account(text), PAYBILL_ACCOUNT)


def _said(talk: Talk, name: str) -> Any | None:
    """What came with a line before the country was known, of a place of the kind that was chosen."""
    said = talk.answers.get("said_there")
    return None if said is None or said["way"] != way_of(talk) else said.get(name)


def _answer(found: str | AccountProblem, rule: AccountFormat) -> Answer | Problem:
    """The answer, or why not and what a right one looks like."""
    if isinstance(found, str):
        return Answer(found)
    return Problem(found.text_key, {"least": found.least, "most": found.most, "example": rule.example})


def _bank_option(bank: dict[str, str]) -> Option:
    return Option(bank["name"], bank)


def _packed(code: str, name: str) -> dict[str, str]:
    return {"code": code, "name": name}
