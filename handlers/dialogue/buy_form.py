"""The buy form: its questions in order, and the request that they amount to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.engine.results import BuyRequest
from bot.payments.money import is_fiat
from handlers.dialogue.amount_question import AmountQuestion, unpacked_amount
from handlers.dialogue.buy_questions import AddressQuestion, ChainQuestion, TokenQuestion
from handlers.dialogue.form import Form, Talk
from handlers.dialogue.person_questions import (
    CountryQuestion,
    LanguageQuestion,
    NameQuestion,
    NetworkQuestion,
    PhoneQuestion,
)

AMOUNT: Final = AmountQuestion()
CHAIN: Final = ChainQuestion()
ADDRESS: Final = AddressQuestion()
BUY: Final = Form(
    "buy",
    (
        LanguageQuestion(),
        CountryQuestion(),
        AMOUNT,
        TokenQuestion(),
        CHAIN,
        ADDRESS,
        PhoneQuestion(),
        NetworkQuestion(),
        NameQuestion(),
    ),
)


def request_of(answers: Mapping[str, Any], talk: Talk) -> BuyRequest:
    """The request behind a complete form. `KeyError` when it is not complete."""
    country = replace(talk, answers=answers).country
    assert country is not None
    amount = unpacked_amount(answers["amount"])
    fiat = is_fiat(amount.currency)
    bank = country.onramp == "bank"
    return BuyRequest(
        country=country.iso2,
        currency=country.currency,
        token=answers["token"],
        chain=answers["chain"],
        address=answers["address"],
        method="bank" if bank else "mobile_money",
        phone=answers["phone"],
        account_name=answers["name"],
        network=None if bank else answers["network"],
        fiat_amount=amount.amount if fiat else None,
        crypto_amount=None if fiat else amount.amount,
    )
