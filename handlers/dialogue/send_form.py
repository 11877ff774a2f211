"""The send form: its questions in order, and the request that they amount to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.engine.results import SendRequest
from bot.payments.coverage import Service
from bot.payments.parties import Payer
from handlers.dialogue.amount_question import unpacked_amount
from handlers.dialogue.destination_questions import destination_of, destination_questions
from handlers.dialogue.form import Form, Talk
from handlers.dialogue.person_questions import CountryQuestion, LanguageQuestion, NameQuestion, NetworkQuestion
from handlers.dialogue.send_questions import (
    EndingQuestion,
    HistoryQuestion,
    NoteQuestion,
    PayerPhoneQuestion,
    SendAmountQuestion,
)

WHERE, *_DETAILS = destination_questions(Service.SEND)
AMOUNT: Final = SendAmountQuestion()
NOTE: Final = NoteQuestion()
SEND: Final = Form(
    "send",
    (
        LanguageQuestion(),
        CountryQuestion(),
        WHERE,
        *_DETAILS,
        AMOUNT,
        NOTE,
        PayerPhoneQuestion(),
        NetworkQuestion(),
        NameQuestion(),
        HistoryQuestion(),
        EndingQuestion(),
    ),
)


def request_of(answers: Mapping[str, Any], talk: Talk) -> SendRequest:
    """The request behind a complete form. `KeyError` when it is not complete."""
    country = replace(talk, answers=answers).country
    assert country is not None
    bank = country.onramp == "bank"
    payer = Payer(
        country=country.iso2,
        currency=country.currency,
        method="bank" if bank else "mobile_money",
        phone=answers["phone"],
        account_name=answers["name"],
        network=None if bank else answers["network"],
    )
    return SendRequest(
        payer=payer,
        destination=destination_of(answers, talk),
        amount=unpacked_amount(answers["amount"]),
        hold=talk.person.hold,
        note=answers.get("note") or None,
    )
