"""The sell form: its questions in order, and the request that they amount to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.engine.results import SellRequest
from bot.payments.coverage import Service
from bot.payments.money import is_fiat
from handlers.dialogue.amount_question import unpacked_amount
from handlers.dialogue.destination_questions import destination_of, destination_questions
from handlers.dialogue.form import Form, Talk
from handlers.dialogue.person_questions import LanguageQuestion
from handlers.dialogue.sell_questions import (
    OwnNameQuestion,
    OwnNetworkQuestion,
    OwnPhoneQuestion,
    PayeeHistoryQuestion,
    RefundAddressQuestion,
    SellAmountQuestion,
    SellChainQuestion,
    SellCountryQuestion,
    SellTokenQuestion,
    SenderAddressQuestion,
)

AMOUNT: Final = SellAmountQuestion()
CHAIN: Final = SellChainQuestion()
SENDER: Final = SenderAddressQuestion()
COUNTRY: Final = SellCountryQuestion()
WHERE, *_DETAILS = destination_questions(Service.SELL)
SELL: Final = Form(
    "sell",
    (
        LanguageQuestion(),
        COUNTRY,
        SellTokenQuestion(),
        AMOUNT,
        CHAIN,
        WHERE,
        *_DETAILS,
        OwnPhoneQuestion(),
        OwnNetworkQuestion(),
        OwnNameQuestion(),
        PayeeHistoryQuestion(),
        SENDER,
        RefundAddressQuestion(),
    ),
)


def request_of(answers: Mapping[str, Any], talk: Talk) -> SellRequest:
    """The request behind a complete form. `KeyError` when it is not complete."""
    amount = unpacked_amount(answers["amount"])
    fiat = is_fiat(amount.currency)
    return SellRequest(
        token=answers["token"],
        chain=answers["chain"],
        sender_address=answers["sender_address"],
        refund_address=answers["refund_address"],
        destination=destination_of(answers, replace(talk, answers=answers)),
        crypto_amount=None if fiat else amount.amount,
        fiat_amount=amount.amount if fiat else None,
    )
