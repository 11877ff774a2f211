"""Whom a line is about, as answers to the questions of where fiat goes. Nothing comes in that would be refused typed."""

from dataclasses import replace
from typing import Any

from bot.payments.accounts import read_paybill_account, read_short_code
from bot.payments.line_parties import Party
from bot.payments.parties import Way
from handlers.dialogue.destinations import OWN
from handlers.dialogue.form import Answer, Form, Problem, Talk
from handlers.dialogue.where_question import WhereQuestion


def take_party(
    form: Form, where: WhereQuestion, party: Party, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]
) -> None:
    """Add what a line says of the other side to `answers`, and what of it cannot be used to `problems`.

    The country of `talk` must be known. A name is looked for among the customer's recipients.
    """
    found = _where(where, party, talk)
    if isinstance(found, Problem):
        problems[where.name] = found
        return
    answers[where.name] = found.value
    for name, value in (("number", party.number), ("paybill_account", party.account)):
        question, here = form.question(name), replace(talk, answers={**talk.answers, **answers})
        if value is None or question is None or not question.applies(here):
            continue
        read = question.read(value, here)
        if isinstance(read, Answer):
            answers[name] = read.value
        else:
            problems[name] = read


def take_network(form: Form, word: str, talk: Talk, answers: dict[str, Any], problems: dict[str, Problem]) -> bool:
    """Whether a word of a line names a network of the phone that is paid; then that is taken, or questioned."""
    _, filled = form.go_on(replace(talk, answers={**talk.answers, **answers}))
    question, here = form.question("to_network"), replace(talk, answers=filled)
    if question is None or "to_phone" not in filled or not question.applies(here):
        return False
    read = question.read(word, here)
    if isinstance(read, Answer):
        answers[question.name] = read.value
    elif read.options:
        problems[question.name] = read
        answers["said_network"] = word  # so that it is asked, though the number's range says one
    return isinstance(read, Answer) or bool(read.options)


def party_for_later(party: Party) -> dict[str, Any]:
    """What the line of somebody new says of the other side, to be used once their country is known."""
    if party.phone is not None:
        return {"said_to": party.phone}
    number = None if party.number is None else read_short_code(party.number)
    if party.way not in (Way.TILL, Way.PAYBILL) or not isinstance(number, str):
        return {}
    account = None if party.account is None else read_paybill_account(party.account)
    given = {"paybill_account": account} if isinstance(account, str) else {}
    return {"said_there": {"way": str(party.way), "number": number, **given}}


def _where(where: WhereQuestion, party: Party, talk: Talk) -> Answer | Problem:
    match party.way:
        case Way.PHONE if party.phone is not None:
            return where.at_number(party.phone, talk, called=party.name)
        case None:
            return where.at_name(party.name or "", talk)
        case way:
            value = {"way": OWN if party.own else str(way)}
            if where.holds(value, talk):
                return where.judged(value, talk)
            return Problem("payee.is_sender") if party.own else Problem("line.unclear", {"word": party.number or way})
