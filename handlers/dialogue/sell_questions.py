"""Questions about a sale: how much of which crypto, from which wallet, and where it goes back to if it cannot be paid out.

The wallet is always asked for and passed on: without it the provider would take the crypto from its own integrator, and
would not know where to send back what it cannot pay out.
"""

from decimal import Decimal
from typing import Any, ClassVar, Final

from bot.payments.catalogue.countries import Country
from bot.payments.coverage import Service
from bot.payments.limits import check
from bot.payments.money import Money
from bot.screens.formats import chain_label, token_label
from handlers.dialogue.amount_question import AmountQuestion, amount_option, fits
from handlers.dialogue.buy_questions import AddressQuestion, ChainQuestion, TokenQuestion
from handlers.dialogue.destinations import OWN, destination_country
from handlers.dialogue.form import Answer, Asked, Option, Problem, SharedContact, Talk
from handlers.dialogue.person_questions import CountryQuestion, NameQuestion, NetworkQuestion, PhoneQuestion
from handlers.dialogue.send_questions import HistoryQuestion

_SUGGESTED: Final = (10, 20, 50, 100)


class SellCountryQuestion(CountryQuestion):
    """Where the customer is at home: their currency, and the first place to be paid."""

    asks: ClassVar[str] = "ask.sell_country"
    refuses: ClassVar[str] = "country.not_paid_out"

    def possible(self, talk: Talk) -> tuple[Country, ...]:
        return talk.offered.coverage().countries(Service.SELL)


class SellTokenQuestion(TokenQuestion):
    """Which token is sold."""

    asks: ClassVar[str] = "ask.sell_token"
    refuses: ClassVar[str] = "selling.token_not_bought"


class SellAmountQuestion(AmountQuestion):
    """How much: crypto to give, or money to receive. A bare number is crypto, as the question says."""

    for_dollars: ClassVar[str] = "selling.dollars"
    for_other_coins: ClassVar[str] = "selling.not_bought"
    for_other_money: ClassVar[str] = "selling.other_currency"

    def ask(self, talk: Talk) -> Asked:
        token = self._token(talk)
        suggested = (Money(Decimal(number), token) for number in _SUGGESTED)
        options = (amount_option(amount, talk) for amount in suggested if check(amount, talk.offered.limits) is None)
        values = {"token": token_label(token), "currency": self.currency(talk)}
        return Asked("ask.sell_amount", values, tuple(options), columns=2)

    def currency(self, talk: Talk) -> str:
        country = destination_country(talk)
        return super().currency(talk) if country is None else country.currency

    def takes(self, money: str, talk: Talk) -> bool:
        if destination_country(talk) is not None:
            return self.currency(talk) == money
        return talk.country is None or any(
            country.currency == money for country in talk.offered.destinations(Service.SELL)
        )

    def bare(self, talk: Talk) -> str:
        return self._token(talk)

    def perhaps(self, number: Decimal, talk: Talk) -> tuple[Option, ...]:
        """5000 is much crypto, and a usual amount of money."""
        money = Money(number, self.currency(talk))
        possible = fits(number, money.currency) and check(money, talk.offered.limits) is None
        return (amount_option(money, talk),) if possible else ()


class SellChainQuestion(ChainQuestion):
    """On which chain the customer has it."""

    asks: ClassVar[str] = "ask.sell_chain"
    drops: ClassVar[frozenset[str]] = frozenset({"sender_address", "refund_address"})


class OwnPhoneQuestion(PhoneQuestion):
    """The customer's own phone, which is paid; asked where it is not known yet."""

    def applies(self, talk: Talk) -> bool:
        return _is_own(talk)

    def ask(self, talk: Talk) -> Asked:
        asked = super().ask(talk)
        return Asked("ask.sell_phone", asked.values, asked.options, shares_contact=asked.shares_contact)

    def read_contact(self, contact: SharedContact, talk: Talk) -> Answer | Problem:
        return super().read_contact(contact, talk) if contact.own else Problem("selling.not_your_own")


class OwnNetworkQuestion(NetworkQuestion):
    """The network of that phone."""

    def applies(self, talk: Talk) -> bool:
        return _is_own(talk)


class OwnNameQuestion(NameQuestion):
    """The name that the phone is registered in."""

    def applies(self, talk: Talk) -> bool:
        return _is_own(talk)


class PayeeHistoryQuestion(HistoryQuestion):
    """What we know of somebody else who is paid; the customer knows themselves."""

    def applies(self, talk: Talk) -> bool:
        return not _is_own(talk) and super().applies(talk)


class SenderAddressQuestion(AddressQuestion):
    """The wallet that the crypto will come from. Why it is asked, and why not from an exchange, stands in the question."""

    name: ClassVar[str] = "sender_address"
    drops: ClassVar[frozenset[str]] = frozenset({"refund_address"})

    def ask(self, talk: Talk) -> Asked:
        options = self.known(talk)
        values = {"token": token_label(talk.answers["token"]), "chain": chain_label(talk.answers["chain"])}
        return Asked("ask.sender_address_again" if options else "ask.sender_address", values, options)


class RefundAddressQuestion(AddressQuestion):
    """Where crypto goes back to that cannot be paid out: the wallet that it came from, unless told otherwise."""

    name: ClassVar[str] = "refund_address"

    def settled(self, talk: Talk) -> Any | None:
        return None

    def ask(self, talk: Talk) -> Asked:
        same = Option(talk.texts.plain("button.refund_same"), talk.answers["sender_address"], marked=True)
        others = (option for option in self.known(talk) if option.value != same.value)
        values = {"token": token_label(talk.answers["token"]), "chain": chain_label(talk.answers["chain"])}
        return Asked("ask.refund_address", values, (same, *others))

    def shown(self, value: Any, talk: Talk) -> str:
        same = value == talk.answers.get("sender_address")
        return talk.texts.plain("button.refund_same") if same else super().shown(value, talk)


def _is_own(talk: Talk) -> bool:
    where = talk.answers.get("where")
    return where is not None and where["way"] == OWN
