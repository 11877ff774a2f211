"""How the business stands, at one look: figures of today, what waits, the provider, the balances."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from bot.engine.operators.results import Balance, Health, Overview
from bot.payments.money import Money, UnknownCurrencyError
from bot.screens.foreign import Html
from bot.screens.formats import money, percent
from bot.screens.operators.house import house_state
from bot.screens.operators.parts import FIRST, age, button, joined, moment, scope_name, state_name
from bot.screens.screen import Screen
from bot.screens.texts import Texts

_FEW: Final = 5
_MOST: Final = 10
_OTHER: Final = 4  # the rank of a wallet that nobody uses or watches


def overview_screen(texts: Texts, seen: Overview) -> Screen:
    """The answer to /ops."""
    head = [environment_line(texts, seen.environment), texts("ops.title", time=moment(seen.at), version=seen.version)]
    blocks = [
        joined(head),
        joined(_today(texts, seen)),
        joined(_waiting(texts, seen)),
        joined(provider_lines(texts, seen.health)),
        joined(used_balance_lines(texts, seen)),
    ]
    rows = (
        (
            button(texts, "ops.button_refresh", "ops", FIRST, "show"),
            button(texts, "ops.button_balances", "balances", FIRST, "show"),
        ),
        (
            button(texts, "ops.button_attention", "attention", FIRST, "page-1"),
            button(texts, "ops.button_audit", "audit", FIRST, "page-1"),
        ),
        (button(texts, "ops.button_commands", "help", FIRST, "show"),),
    )
    return Screen(text=joined(blocks, gap="\n\n"), rows=rows)


def balances_screen(texts: Texts, environment: str, balances: Sequence[Balance] | None) -> Screen:
    """The answer to /balances."""
    lines = [environment_line(texts, environment), Html(""), *balance_lines(texts, balances)]
    return Screen(text=joined(lines), rows=((button(texts, "ops.button_refresh", "balances", FIRST, "show"),),))


def environment_line(texts: Texts, environment: str) -> Html:
    """Which money is moved here, in letters that nobody overlooks."""
    return texts("ops.production" if environment == "production" else "ops.sandbox")


def balance_lines(texts: Texts, balances: Sequence[Balance] | None) -> list[Html]:
    """Each wallet with what came in and what can be paid out, side by side."""
    if balances is None:
        return [texts("ops.no_balances")]
    if not balances:
        return [texts("ops.no_wallets")]
    return [texts("ops.balances"), *(_balance(texts, one) for one in balances)]


def used_balance_lines(texts: Texts, seen: Overview) -> list[Html]:
    """The wallets that matter, and how many others there are: all of them are a command away.

    Those that are low come first, then those in use today and this week, then those that operators watch; a few others
    with the most in them fill up a quiet week.
    """
    if not seen.balances:
        return balance_lines(texts, seen.balances)
    ranked = sorted(seen.balances, key=lambda one: (_rank(seen, one), -(one.deposit + one.payout), one.currency))
    matter = sum(_rank(seen, one) < _OTHER for one in ranked)
    shown = ranked[: min(max(matter, _FEW), _MOST)]
    lines = balance_lines(texts, shown)
    if len(shown) < len(ranked):
        lines.append(texts("ops.balances_more", count=len(ranked) - len(shown)))
    return lines


def house_lines(texts: Texts, seen: Overview) -> list[Html]:
    """The business's own payments of the day, apart from customers' figures; nothing where there were none."""
    if not seen.house:
        return []
    states = ", ".join(f"{house_state(texts, state)} {count}" for state, count in seen.house)
    return [texts("ops.house_today", states=states)]


def _rank(seen: Overview, one: Balance) -> int:
    floor = seen.floors.get(one.currency)
    if floor is not None and one.payout < floor:
        return 0
    if one.currency in seen.currencies:
        return 1
    if one.currency in seen.lately:
        return 2
    return 3 if floor is not None else _OTHER


def _balance(texts: Texts, one: Balance) -> Html:
    values = {
        "wallet": one.currency if one.country is None else f"{one.currency} {one.country}",
        "deposit": _amount(texts, one.deposit, one.currency),
        "payout": _amount(texts, one.payout, one.currency),
    }
    if one.status is None or one.status.upper() == "ACTIVE":
        return texts("ops.balance", **values)
    return texts("ops.balance_status", status=one.status, **values)


def _amount(texts: Texts, value: Decimal, currency: str) -> str:
    try:
        return money(Money(value, currency), texts.language)
    except (UnknownCurrencyError, ValueError):  # a wallet in a currency that we do not know is shown all the same
        return f"{value} {currency}"


def _today(texts: Texts, seen: Overview) -> list[Html]:
    if not seen.states:
        return [texts("ops.today_none"), *house_lines(texts, seen)]
    figures = figure_lines(texts, seen)
    return [texts("ops.today", states=states_in_words(texts, seen)), *figures, *house_lines(texts, seen)]


def states_in_words(texts: Texts, seen: Overview) -> str:
    """How many payments of the day are in which state."""
    return ", ".join(f"{state_name(texts, state)} {count}" for state, count in seen.states)


def figure_lines(texts: Texts, seen: Overview) -> list[Html]:
    """What was moved on the day, how often it went well, and how fast."""
    lines = []
    if seen.volumes:
        volumes = " · ".join(money(one, texts.language) for one in seen.volumes)
        lines.append(texts("ops.volume", volumes=volumes))
    if seen.ended:
        share = percent((Decimal(seen.completed) * 100 / seen.ended).quantize(Decimal(1)), texts.language)
        lines.append(texts("ops.success", share=share, completed=seen.completed, ended=seen.ended))
    if seen.median is not None:
        lines.append(texts("ops.median", time=age(texts, seen.median), count=seen.settled))
    return lines


def _waiting(texts: Texts, seen: Overview) -> list[Html]:
    lines = [texts("ops.waiting", count=seen.open_cases) if seen.open_cases else texts("ops.waiting_none")]
    if seen.oldest is None:
        lines.append(texts("ops.no_oldest"))
    else:
        oldest = seen.oldest
        spell = age(texts, seen.at - oldest.since)
        key, named = ("ops.oldest_house", house_state) if oldest.house else ("ops.oldest", state_name)
        lines.append(texts(key, code=oldest.code, state=named(texts, oldest.state), age=spell))
    if seen.pauses:
        lines.append(texts("ops.closed", scopes=", ".join(scope_name(texts, one.scope) for one in seen.pauses)))
    return lines


def provider_lines(texts: Texts, health: Health) -> list[Html]:
    """How the provider answers."""
    lines = [] if health.accepted else [texts("ops.provider_refuses")]
    if health.typical is None:
        lines.append(texts("ops.provider_silent", calls=health.calls))
    else:
        typical = f"{health.typical // timedelta(milliseconds=1)} ms"
        lines.append(texts("ops.provider_well", answered=health.answered, calls=health.calls, time=typical))
    if health.last_trouble is not None:
        operation, outcome, at = health.last_trouble
        lines.append(texts("ops.provider_trouble", operation=operation, outcome=outcome, time=moment(at)))
    return lines
