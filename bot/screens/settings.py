"""The settings of a customer: language, how long a transfer can still be stopped, when a new number is asked for again."""

from decimal import Decimal
from typing import Final

from bot.payments.limits import DEFAULT_ASK_AGAIN, HOLDS, NEVER
from bot.payments.money import Money
from bot.screens.foreign import Html
from bot.screens.formats import amount, money
from bot.screens.screen import Button, Screen, Style
from bot.screens.taps import MenuTap
from bot.screens.texts import LANGUAGE_NAMES, Texts

HOLD: Final = "settings-hold-"
ASK: Final = "settings-ask-"
ALWAYS: Final = "0"


def settings_screen(
    texts: Texts, *, hold: int, ask_again_above: str | None, currency: str | None, lead: Html | None = None
) -> Screen:
    """What is set, and buttons that change it. `ask_again_above` as `limits.asks_again` reads it."""
    parts = [
        texts("settings.title"),
        texts("settings.language", language=LANGUAGE_NAMES.get(texts.language, texts.language)),
        texts.many("settings.hold", hold) if hold else texts("settings.no_hold"),
        _asking(texts, ask_again_above, currency),
    ]
    if currency is not None:
        example = amount(_default(currency) * 2, "en").replace(",", "")
        parts.append(texts("settings.how", example=example))
    holds = tuple(
        Button(_hold_label(texts, seconds), data=MenuTap(f"{HOLD}{seconds}").pack(), style=_style(seconds == hold))
        for seconds in HOLDS
    )
    rows = [holds[:2], holds[2:], *_ask_rows(texts, ask_again_above, currency)]
    rows.append((Button(texts.plain("command.language"), data=MenuTap("language").pack()),))
    text = "\n\n".join(part for part in (lead, parts[0], "\n".join(parts[1:])) if part)
    return Screen(text=text, rows=tuple(rows))


def _asking(texts: Texts, chosen: str | None, currency: str | None) -> Html:
    if chosen == NEVER:
        return texts("settings.ask_never")
    number, _, of = (chosen or "").partition(" ")
    if number and Decimal(number) == 0:
        return texts("settings.ask_always")
    if number and of:
        return texts("settings.ask_above", amount=money(Money(Decimal(number), of), texts.language))
    if currency is None:
        return Html("")
    return texts("settings.ask_above", amount=money(Money(_default(currency), currency), texts.language))


def _ask_rows(texts: Texts, chosen: str | None, currency: str | None) -> list[tuple[Button, ...]]:
    always = chosen is not None and chosen != NEVER and Decimal(chosen.partition(" ")[0]) == 0
    rows: list[tuple[Button, ...]] = [
        (
            Button(texts.plain("button.ask_always"), data=MenuTap(f"{ASK}{ALWAYS}").pack(), style=_style(always)),
            Button(
                texts.plain("button.ask_never"), data=MenuTap(f"{ASK}{NEVER}").pack(), style=_style(chosen == NEVER)
            ),
        )
    ]
    if currency is not None:
        label = texts.plain("button.ask_above", amount=money(Money(_default(currency), currency), texts.language))
        rows.append((Button(label, data=MenuTap(f"{ASK}default").pack(), style=_style(chosen is None)),))
    return rows


def _hold_label(texts: Texts, seconds: int) -> str:
    return texts.many_plain("button.hold", seconds) if seconds else texts.plain("button.no_hold")


def _style(present: bool) -> Style | None:
    return "success" if present else None


def _default(currency: str) -> Decimal:
    return DEFAULT_ASK_AGAIN.get(currency, Decimal(0))
