"""Telling many customers something, as operators see it: the question before it, its progress, its result."""

from typing import Final

from bot.engine.operators.word_results import EVERYBODY, Broadcast
from bot.screens.foreign import Html, escaped
from bot.screens.operators.parts import Choice, button, joined, question
from bot.screens.places import country_name
from bot.screens.screen import Screen
from bot.screens.texts import LANGUAGE_NAMES, Texts

_LONGEST: Final = 120  # characters of the words, to know which it is


def audience_name(texts: Texts, audience: str) -> str:
    """Who is told: everybody, those of a country, those who speak a language."""
    if audience == EVERYBODY:
        return texts.plain("ops.everybody")
    return LANGUAGE_NAMES.get(audience) or country_name(audience, texts.language)


def sure_to_broadcast(texts: Texts, asked: str, audience: str, people: int) -> Screen:
    """Asked below the message as customers will see it."""
    yes: Choice = (texts.many_plain("ops.button_broadcast", people), "yes", "danger")
    told = texts.many("ops.sure_broadcast", people, audience=audience_name(texts, audience))
    return question(texts, asked, told, choices=[yes])


def broadcast_card(texts: Texts, one: Broadcast) -> Screen:
    """How far it has come; it can be ended while it is sent."""
    text = joined([texts(f"ops.broadcast_{one.state}"), *_facts(texts, one)])
    if one.state != "sending":
        return Screen(text=text)
    return Screen(text=text, rows=((button(texts, "ops.button_end_broadcast", "broadcast", one.id, "end"),),))


def broadcast_result(texts: Texts, one: Broadcast) -> Screen:
    """What became of it, once."""
    return Screen(text=joined([texts(f"ops.broadcast_{one.state}"), *_facts(texts, one)]))


def _facts(texts: Texts, one: Broadcast) -> list[Html]:
    progress = texts("ops.broadcast_progress", delivered=one.delivered, total=one.total)
    lines = [texts("ops.broadcast_to", audience=audience_name(texts, one.audience)), progress]
    if one.unreachable:
        lines.append(texts("ops.broadcast_unreachable", count=one.unreachable))
    return [*lines, Html(f"<i>{escaped(one.words, longest=_LONGEST)}</i>")]
