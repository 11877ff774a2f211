"""Every screen about what customers and the team tell each other, for the preview page."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.engine.operators.results import Page, Pause
from bot.engine.operators.word_results import EVERYBODY, Broadcast, Inquiry, Topic, Words
from bot.payments.lines import Verb
from bot.payments.pauses import MAINTENANCE
from bot.payments.states import PaymentState
from bot.screens.broadcast import broadcast_message
from bot.screens.gate import maintenance
from bot.screens.inquiries import (
    answered,
    closed,
    hushed,
    passed_on,
    reopened,
    still_open,
    told,
    what_about,
    write_now,
)
from bot.screens.operators.broadcasts import broadcast_card, broadcast_result, sure_to_broadcast
from bot.screens.operators.inquiries import (
    answer_sent,
    colleague_answered,
    customer_wrote,
    inquiries_screen,
    inquiry_card,
    not_sent,
)
from bot.screens.operators.team import maintenance_stands, sure_of_maintenance
from bot.screens.preview_orders import Sample
from bot.screens.samples import NOW, sample_view
from bot.screens.texts import Texts

_WORDS: Final = "I paid at nine,\nand nothing has come since."
_ANSWER: Final = "We see it.\nIt comes within the hour."
_CLOSED: Final = "Back at 22:00"
_INQUIRY: Final = Inquiry(
    id="x",
    customer_id="c",
    telegram_id=123456789,
    chat_id=123456789,
    language="en",
    name="Jane Wanjiku",
    unreachable=False,
    code="K7F3-9QX2",
    topic=Topic.MISSING,
    posted=True,
    waits_since=NOW,
    closed_at=None,
    closed_by=None,
    said=(Words(NOW, None, _WORDS), Words(NOW, 9_001, _ANSWER)),
)
_BROADCAST: Final = Broadcast("b", EVERYBODY, "We are closed on Sunday.", "sending", 1240, 310, 12, "en")


def word_samples(texts: Texts) -> Iterator[Sample]:
    """Talking to a person, telling many, and being closed for a while."""
    views = [sample_view(state) for state in (PaymentState.DELIVERING, PaymentState.FAILED)]
    yield Sample("a person: what about", what_about(texts, "x", None))
    yield Sample("a person: about a payment", what_about(texts, "x", "K7F3-9QX2"))
    yield Sample("a person: write", write_now(texts, replace(_INQUIRY, code=None), views))
    yield Sample("a person: write about a payment", write_now(texts, _INQUIRY, ()))
    yield Sample("a person: open", still_open(texts, _INQUIRY))
    yield Sample("a person: passed on", passed_on(texts, "x"))
    yield Sample("a person: passed on, a line", passed_on(texts, "x", Verb.BUY))
    yield Sample("a person: something else", hushed(texts, _INQUIRY))
    yield Sample("a person: nothing sent", hushed(texts, replace(_INQUIRY, posted=False)))
    yield Sample("a person: the answer", answered(texts, "x", _ANSWER))
    yield Sample("a person: solved", closed(texts, "x", by_team=False))
    yield Sample("a person: closed by the team", closed(texts, "x", by_team=True))
    yield Sample("a person: open again", reopened(texts, "x"))
    for key in ("inquiry.only_words", "inquiry.too_many"):
        yield Sample(f"a person: {key}", told(texts, texts(key), "x"))
    yield Sample("maintenance", maintenance(texts, _CLOSED, person=True))
    yield Sample("a broadcast", broadcast_message(_BROADCAST.words))
    yield from _of_operators(texts)


def _of_operators(texts: Texts) -> Iterator[Sample]:
    over = replace(_INQUIRY, closed_at=NOW, closed_by=9_001, waits_since=None)
    yield Sample("operators: a customer asks", inquiry_card(texts, _INQUIRY))
    yield Sample("operators: answered", inquiry_card(texts, replace(_INQUIRY, waits_since=None)))
    yield Sample("operators: closed", inquiry_card(texts, over))
    yield Sample("operators: solved", inquiry_card(texts, replace(over, closed_by=None)))
    yield Sample("operators: the customer writes", customer_wrote(texts, _INQUIRY, _WORDS))
    yield Sample("operators: a colleague answered", colleague_answered(texts, _INQUIRY, 9_001, _ANSWER))
    yield Sample("operators: sent", answer_sent(texts, replace(_INQUIRY, unreachable=True)))
    yield Sample("operators: not sent", not_sent(texts, over))
    yield Sample("operators: cases", inquiries_screen(texts, [_INQUIRY, over], Page(1, more=True), 9, NOW))
    yield Sample("operators: no cases", inquiries_screen(texts, [], Page(1, more=False), 0, NOW))
    yield Sample("operators: broadcast, sure", sure_to_broadcast(texts, "q", "KE", 1240))
    yield Sample("operators: broadcast", broadcast_card(texts, _BROADCAST))
    yield Sample("operators: broadcast, sent", broadcast_result(texts, replace(_BROADCAST, state="sent")))
    yield Sample("operators: broadcast, stopped", broadcast_card(texts, replace(_BROADCAST, state="cancelled")))
    yield Sample("operators: maintenance, sure", sure_of_maintenance(texts, "q", _CLOSED))
    yield Sample("operators: maintenance", maintenance_stands(texts, Pause(MAINTENANCE, _CLOSED, 9_001, NOW)))
