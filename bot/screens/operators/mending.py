"""Trying again and paying back: the questions before, with everything that they do."""

from typing import Literal

from bot.payments.approval import Second
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer
from bot.screens.foreign import escaped
from bot.screens.formats import money, network_label, whole_phone
from bot.screens.operators.house import whom
from bot.screens.operators.parts import Choice, joined, question, why_second
from bot.screens.screen import Screen
from bot.screens.texts import Texts

Verb = Literal["retry", "refund", "arrived"]


def why_mend(texts: Texts, asked: str, verb: Verb, code: str) -> Screen:
    """The question for the reason; nothing is done before it is given."""
    return question(texts, asked, texts(f"ops.ask_{verb}", code=code), texts("ops.write_reason"))


def sure_to_mend(
    texts: Texts, asked: str, code: str, verb: Verb, amount: Money, who: str, reason: str, *, second: Second
) -> Screen:
    """Asked before a new leg is ordered."""
    shown = money(amount, texts.language)
    yes: Choice = (texts.plain(f"ops.button_{verb}_yes", amount=shown), "yes", "danger")
    parts = [
        texts(f"ops.sure_{verb}", amount=shown, who=who, code=code),
        texts("ops.order_reason", reason=escaped(reason)),
    ]
    if second.needed:
        parts.append(why_second(texts, second))
    return question(texts, asked, joined(parts), choices=[yes])


def who_gets(texts: Texts, party: Payer | Destination) -> str:
    """Who gets the money, in words; a phone that it goes back to is whole, since a wrong digit pays a stranger."""
    if isinstance(party, Payer):
        network = "" if party.network is None else f" ({network_label(party.country, party.network)})"
        return f"{party.account_name}, {whole_phone(party.phone)}{network}"
    return whom(texts, party)
