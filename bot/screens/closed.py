"""A service that is not offered now: said clearly, with what can be done instead."""

from collections.abc import Collection
from typing import Final

from bot.payments.coverage import Service
from bot.screens.foreign import escaped
from bot.screens.screen import Button, Screen
from bot.screens.taps import MenuTap
from bot.screens.texts import Texts

LONGEST_WORDS: Final = 400


def not_offered(texts: Texts, wanted: str, services: Collection[Service], *, words: str | None = None) -> Screen:
    """`wanted` (a service, or `pay` for somebody's request) was asked for and is closed; `services` are open.

    `words` are what the operators want to be said, where it was they who closed it.
    """
    if words is not None:
        parts = [escaped(words, longest=LONGEST_WORDS), *([texts("places.meanwhile")] if services else [])]
    else:
        parts = [texts(f"places.closed_{wanted}"), texts("places.instead" if services else "places.later")]
    rows = [
        (Button(texts.plain(f"places.do_{one}"), data=MenuTap(one).pack(), style="primary"),)
        for one in Service
        if one in services
    ]
    others = tuple(
        Button(texts.plain(key), data=MenuTap(command).pack())
        for command, key in (("status", "button.payments"), ("help", "button.help"))
    )
    return Screen(text="\n\n".join(parts), rows=(*rows, others))
