"""Customers who ask for a person, as the team sees them: a card to reply to, what was written below it, and the list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.engine.operators.results import Page, Role
from bot.engine.operators.word_results import MOST_WORDS, Inquiry, Words
from bot.screens.foreign import Html
from bot.screens.letters import foreign_letter, own_letter
from bot.screens.operators.parts import FIRST, Names, age, button, joined, label_of, moment, note, page_row, who
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

_ON_CARD: Final = 500  # characters of each message


def inquiry_card(texts: Texts, inquiry: Inquiry, role: Role = Role.OPERATOR) -> Screen:
    """The card: who, about what, how it stands, the last words of both sides; and how to answer, for those who may."""
    acts = role.may(Role.OPERATOR)
    head = joined([texts("ops.inquiry", customer=_who(inquiry)), _about(texts, inquiry), _stands(texts, inquiry)])
    said = [_said(texts, one, inquiry.names) for one in inquiry.said]
    foot = texts("ops.inquiry_reply") if acts and inquiry.closed_at is None else Html("")
    first = [button(texts, "ops.button_customer", "customer", inquiry.customer_id, "show")]
    if inquiry.code is not None:
        first.append(button(texts, "ops.button_payment", "payment", inquiry.code, "show"))
    if inquiry.closed_at is None:
        last = button(texts, "ops.button_close_inquiry", "inquiry", inquiry.id, "close")
    else:
        last = button(texts, "ops.button_reopen_inquiry", "inquiry", inquiry.id, "reopen")
    rows = (tuple(first), (last,)) if acts else (tuple(first),)
    return Screen(text=joined([head, *said, foot], gap="\n\n"), rows=rows)


def customer_wrote(texts: Texts, inquiry: Inquiry, words: str, *, code: str | None = None) -> Screen:
    """A further message of the customer's, to be replied to like the card. `code`: of a payment of theirs that it names."""
    about = Html("") if inquiry.code is None else texts("ops.inquiry_payment", code=inquiry.code)
    head = joined([texts("ops.inquiry_more", customer=_who(inquiry)), about])
    way = () if code is None else ((button(texts, "ops.button_payment", "payment", code, "show"),),)
    return Screen(text=joined([head, foreign_letter(words, longest=MOST_WORDS)]), rows=way)


def colleague_answered(texts: Texts, inquiry: Inquiry, operator: int, words: str) -> Screen:
    """What somebody of the team answered, for the others."""
    head = texts("ops.inquiry_colleague", who=who(inquiry.names, operator), customer=_who(inquiry))
    return Screen(text=joined([head, own_letter(words, longest=MOST_WORDS)]))


def answer_sent(texts: Texts, inquiry: Inquiry) -> Screen:
    """The customer gets it; or will, when they are back."""
    lines = [texts("ops.inquiry_sent", customer=_who(inquiry))]
    if inquiry.unreachable:
        lines.append(texts("ops.inquiry_unreachable"))
    return note(joined(lines))


def not_sent(texts: Texts, inquiry: Inquiry) -> Screen:
    """It was closed, so nothing was sent."""
    again = button(texts, "ops.button_reopen_inquiry", "inquiry", inquiry.id, "reopen")
    return Screen(text=texts("ops.inquiry_is_closed"), rows=((again,),))


def inquiries_screen(texts: Texts, found: Sequence[Inquiry], page: Page, count: int, now: datetime) -> Screen:
    """A page of those that are open."""
    if not found:
        return note(texts("ops.inquiries_none"))
    rows = [
        (Button(label_of(_line(texts, one, now)), data=OperatorTap("inquiry", one.id, "show").pack()),) for one in found
    ]
    return Screen(text=texts("ops.inquiries", count=count), rows=(*rows, *page_row(texts, page, "inquiries", FIRST)))


def _line(texts: Texts, one: Inquiry, now: datetime) -> str:
    stands = "✓" if one.waits_since is None else age(texts, now - one.waits_since)
    return " · ".join(part for part in (stands, _who(one), one.code) if part)


def _who(inquiry: Inquiry) -> str:
    return str(inquiry.telegram_id) if inquiry.name is None else f"{inquiry.name} ({inquiry.telegram_id})"


def _about(texts: Texts, inquiry: Inquiry) -> Html:
    lines = []
    if inquiry.topic is not None:
        lines.append(texts(f"inquiry.topic_{inquiry.topic}"))
    if inquiry.code is not None:
        lines.append(texts("ops.inquiry_payment", code=inquiry.code))
    return joined(lines)


def _stands(texts: Texts, inquiry: Inquiry) -> Html:
    if inquiry.closed_at is not None:
        if inquiry.closed_by is None:
            return texts("ops.inquiry_closed_customer", time=moment(inquiry.closed_at))
        return texts("ops.inquiry_closed", time=moment(inquiry.closed_at), who=who(inquiry.names, inquiry.closed_by))
    if inquiry.waits_since is None:
        return texts("ops.inquiry_answered")
    return texts("ops.inquiry_waits", time=moment(inquiry.waits_since))


def _said(texts: Texts, one: Words, names: Names) -> Html:
    if one.operator is None:
        head, words = texts("ops.inquiry_customer_said"), foreign_letter(one.text, longest=_ON_CARD)
    else:
        head, words = (
            texts("ops.inquiry_team_said", who=who(names, one.operator)),
            own_letter(one.text, longest=_ON_CARD),
        )
    return joined([head, words])
