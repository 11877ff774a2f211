"""What people are told when the gate does not let them through, and when an update of theirs could not be handled."""

from bot.screens.closed import LONGEST_WORDS
from bot.screens.foreign import Html, escaped
from bot.screens.inquiries import person_button
from bot.screens.screen import Button, Screen
from bot.screens.status import buy_button
from bot.screens.taps import MenuTap
from bot.screens.texts import Texts


def private_only(texts: Texts, *, bot_username: str) -> Screen:
    """The one answer in a group: money matters are private, with the way there."""
    return Screen(text=texts("gate.private_only"), rows=((_private(texts, bot_username),),))


def group_help(texts: Texts, *, bot_username: str) -> Screen:
    """The answer to /help in a group: what can be done there, and where everything else is."""
    said = (texts("gate.private_only"), texts("gate.group_help"))
    return Screen(text=Html("\n\n".join(said)), rows=((_private(texts, bot_username),),))


def slow_down(texts: Texts) -> Screen:
    """Too many messages in a short time; said once."""
    return Screen(text=texts("gate.slow_down"))


def barred(texts: Texts, *, support: str | None, person: bool) -> Screen:
    """Operators let this person do nothing here; whom to turn to. `person`: the team can be written to."""
    parts = [texts("gate.barred")]
    if person:
        parts.append(texts("gate.barred_person"))
    if support is not None:
        parts.append(texts("gate.barred_contact", contact=support))
    return Screen(text="\n\n".join(parts), rows=((person_button(texts),),) if person else ())


def maintenance(texts: Texts, words: str, *, person: bool) -> Screen:
    """Everything is closed for a while, with the words of the operators; what stays open stands below."""
    told = Html(f"<blockquote>{escaped(words, longest=LONGEST_WORDS)}</blockquote>")
    ways = (_payments(texts), *((person_button(texts),) if person else ()))
    return Screen(text="\n\n".join((texts("gate.maintenance"), told, texts("gate.maintenance_goes_on"))), rows=(ways,))


def sorry(texts: Texts) -> Screen:
    """An update was tried several times, could not be handled, and was put aside."""
    return Screen(text=texts("sorry.parked"), rows=((buy_button(texts), _payments(texts)),))


def _payments(texts: Texts) -> Button:
    return Button(texts.plain("button.payments"), data=MenuTap("status").pack())


def _private(texts: Texts, bot_username: str) -> Button:
    return Button(texts.plain("button.private"), url=f"https://t.me/{bot_username}?start=group")
