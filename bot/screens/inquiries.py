"""Talking to a person of the team, as the customer sees it."""

from collections.abc import Sequence
from typing import Final

from bot.engine.operators.word_results import MOST_WORDS, Inquiry, Topic
from bot.engine.results import PaymentView
from bot.payments.lines import Verb
from bot.screens.card_parts import ICONS
from bot.screens.foreign import Html
from bot.screens.formats import money
from bot.screens.letters import own_letter
from bot.screens.questions import shortened
from bot.screens.screen import Button, Screen, Style
from bot.screens.taps import MenuTap, PaymentTap, RecordTap
from bot.screens.texts import Texts

KIND: Final = "ask"  # the kind of all these buttons


def note_slot(inquiry_id: str) -> str:
    """The slot of the last word about an inquiry: only that one has buttons."""
    return f"s:{inquiry_id}"


def person_button(texts: Texts, code: str | None = None) -> Button:
    """The way to a person; with a `code` about that payment."""
    data = MenuTap("support").pack() if code is None else PaymentTap(code, "person").pack()
    return Button(texts.plain("inquiry.button_person"), data=data)


def what_about(texts: Texts, inquiry_id: str, code: str | None) -> Screen:
    """The first question: what it is about. Words answer it as well."""
    asked = texts("inquiry.ask") if code is None else texts("inquiry.ask_payment", code=code)
    rows = [(_button(texts, f"inquiry.topic_{topic}", inquiry_id, f"topic-{topic}"),) for topic in Topic]
    never = (_button(texts, "inquiry.button_done", inquiry_id, "done"),)
    return Screen(text=asked, rows=(*rows, never))


def write_now(texts: Texts, inquiry: Inquiry, payments: Sequence[PaymentView]) -> Screen:
    """The second: their words. `payments` are those that it may be about."""
    lines = [texts("inquiry.write")]
    if inquiry.code is not None:
        lines.append(texts("inquiry.about", code=inquiry.code))
    elif payments:
        lines.append(texts("inquiry.which"))
    rows = [] if inquiry.code is not None else [(_payment(texts, inquiry.id, view),) for view in payments]
    done = (_button(texts, "inquiry.button_done", inquiry.id, "done"),)
    return Screen(text="\n\n".join(lines), rows=(*rows, done))


def still_open(texts: Texts, inquiry: Inquiry) -> Screen:
    """They come back to what is open."""
    lines = [texts("inquiry.open")]
    if inquiry.code is not None:
        lines.append(texts("inquiry.about", code=inquiry.code))
    return Screen(text="\n\n".join(lines), rows=_ways_on(texts, inquiry.id))


def passed_on(texts: Texts, inquiry_id: str, wanted: Verb | None = None) -> Screen:
    """Their words are with the team. `wanted` is what these words would do elsewhere: the way to it stands below."""
    ways = _ways_on(texts, inquiry_id)
    if wanted is None:
        return Screen(text=texts("inquiry.passed"), rows=ways)
    begin = Button(texts.plain(f"menu.{wanted}"), data=MenuTap(wanted).pack())
    return Screen(text=texts("inquiry.line"), rows=((begin,), *ways))


def hushed(texts: Texts, inquiry: Inquiry) -> Screen:
    """What they write is not for the team any more."""
    if not inquiry.posted:
        return Screen(text=texts("inquiry.dropped"), rows=((person_button(texts),),))
    answer = _button(texts, "inquiry.button_more", inquiry.id, "talk")
    return Screen(text=texts("inquiry.hushed"), rows=((answer,),))


def answered(texts: Texts, inquiry_id: str, words: str) -> Screen:
    """The team's answer."""
    text = "\n\n".join((texts("inquiry.team"), own_letter(words, longest=MOST_WORDS)))
    answer = _button(texts, "inquiry.button_answer", inquiry_id, "talk", "primary")
    return Screen(text=text, rows=((answer, _button(texts, "inquiry.button_solved", inquiry_id, "solved")),))


def closed(texts: Texts, inquiry_id: str, *, by_team: bool) -> Screen:
    """It is over; and the way to open it again."""
    again = _button(texts, "inquiry.button_again", inquiry_id, "again")
    return Screen(text=texts("inquiry.closed_by_team" if by_team else "inquiry.solved"), rows=((again,),))


def reopened(texts: Texts, inquiry_id: str) -> Screen:
    """It goes on."""
    return Screen(text=texts("inquiry.reopened"), rows=_ways_on(texts, inquiry_id))


def told(texts: Texts, text: Html, inquiry_id: str) -> Screen:
    """Something else about what is open."""
    return Screen(text=text, rows=_ways_on(texts, inquiry_id))


def _ways_on(texts: Texts, inquiry_id: str) -> tuple[tuple[Button, ...], ...]:
    done = _button(texts, "inquiry.button_done", inquiry_id, "done")
    return ((done, _button(texts, "inquiry.button_solved", inquiry_id, "solved")),)


def _payment(texts: Texts, inquiry_id: str, view: PaymentView) -> Button:
    label = f"{ICONS[view.state]} {view.code} · {money(view.receive, texts.language)}"
    return Button(shortened(label), data=RecordTap(KIND, inquiry_id, f"pay-{view.code}").pack())


def _button(texts: Texts, key: str, inquiry_id: str, action: str, style: Style | None = None) -> Button:
    return Button(texts.plain(key), data=RecordTap(KIND, inquiry_id, action).pack(), style=style)
