"""The people and places that a customer sends money to: the list, a card for each, and the question before one is forgotten.

Numbers are whole on the card, since that is where they are checked; in the list their ends tell people apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.payments.parties import Destination, Way
from bot.screens.foreign import Html
from bot.screens.parties import destination_lines
from bot.screens.questions import shortened
from bot.screens.screen import Button, Screen, Style
from bot.screens.taps import MenuTap, RecordTap
from bot.screens.texts import Texts

KIND = "person"


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """A line of the list: `place` are the ends of the number, `history` is how often they were paid and when last."""

    id: str
    name: str
    place: str
    history: str


def people_list(
    texts: Texts, entries: Sequence[Entry], *, page: int, pages: int, count: int, lead: Html | None = None
) -> Screen:
    """One page of the list; pages are counted from 1. `count` are all there are."""
    lines = [texts("people.entry", name=one.name, place=one.place, history=one.history) for one in entries]
    parts = [lead or Html(""), texts.many("people.title", count), *lines, texts("people.hint")]
    rows = [_open(texts, one) for one in entries]
    return Screen(text=_joined(parts), rows=(*rows, *page_row(texts, KIND, page, pages)))


def people_found(texts: Texts, words: str, entries: Sequence[Entry]) -> Screen:
    """Those whose name is like what was typed."""
    lines = [texts("people.entry", name=one.name, place=one.place, history=one.history) for one in entries]
    rows = tuple(_open(texts, one) for one in entries)
    return Screen(text=_joined([texts("people.found", words=words), *lines]), rows=(*rows, _to_list(texts)))


def nobody_yet(texts: Texts, *, lead: Html | None = None) -> Screen:
    """Nobody was paid and nobody was saved yet."""
    send = Button(texts.plain("button.send_again"), data=MenuTap("send").pack())
    return Screen(text=_joined([lead or Html(""), texts("people.empty")]), rows=((send,),))


def nobody_found(texts: Texts, words: str) -> Screen:
    """No name is like what was typed."""
    return Screen(text=texts("people.not_found", words=words), rows=(_to_list(texts),))


def person_gone(texts: Texts) -> Screen:
    """A record that is not there: forgotten meanwhile, or never this customer's."""
    return Screen(text=texts("people.gone"), rows=(_to_list(texts),))


def person_card(
    texts: Texts,
    record: str,
    name: str,
    destination: Destination,
    history: str,
    *,
    saved: bool,
    payable: bool,
    lead: Html | None = None,
) -> Screen:
    """One recipient. `payable` is whether money can be sent there now."""
    title = texts("people.card", name=name)
    about = Html("\n".join([title, *destination_lines(texts, destination, known=history)]))
    rows: list[tuple[Button, ...]] = []
    if payable:
        rows.append((_button(texts, "button.send_again", record, "send", style="success"),))
    if not saved:
        rows.append((_button(texts, "button.save_person", record, "save", style="primary"),))
    changes = [_button(texts, "button.rename", record, "rename")]
    if destination.way is Way.PHONE and not destination.own:
        changes.append(_button(texts, "button.change_number", record, "number"))
    rows.append(tuple(changes))
    rows.append((_button(texts, "button.forget", record, "forget"), *_to_list(texts)))
    return Screen(text=_joined([lead or Html(""), about]), rows=tuple(rows))


def sure_to_forget(texts: Texts, record: str, name: str) -> Screen:
    """The one question before a record is deleted."""
    yes = Button(texts.plain("button.forget_yes"), data=RecordTap(KIND, record, "forgotten").pack(), style="danger")
    return Screen(
        text=texts("people.sure", name=name),
        rows=((yes,), (_button(texts, "button.forget_no", record, "show"),)),
    )


def page_row(texts: Texts, kind: str, page: int, pages: int) -> tuple[tuple[Button, ...], ...]:
    """The way to the pages before and after; no row where there is one page."""
    turns = [(number, key) for number, key in ((page - 1, "button.before"), (page + 1, "button.after"))]
    row = tuple(
        Button(texts.plain(key, page=number, pages=pages), data=RecordTap(kind, str(number), "page").pack())
        for number, key in turns
        if 1 <= number <= pages
    )
    return (row,) if row else ()


def _open(texts: Texts, one: Entry) -> tuple[Button, ...]:
    label = texts.plain("button.person", name=one.name, place=one.place)
    return (Button(shortened(label), data=RecordTap(KIND, one.id, "show").pack()),)


def _to_list(texts: Texts) -> tuple[Button, ...]:
    return (Button(texts.plain("button.all_people"), data=RecordTap(KIND, "1", "page").pack()),)


def _button(texts: Texts, key: str, record: str, action: str, style: Style | None = None) -> Button:
    return Button(texts.plain(key), data=RecordTap(KIND, record, action).pack(), style=style)


def _joined(parts: Sequence[Html]) -> Html:
    return Html("\n\n".join(part for part in parts if part))
