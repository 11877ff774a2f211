"""What the checks of the installation found, in words: for the operators' chat, and for the command line."""

from collections.abc import Sequence
from typing import Final

from bot.engine.operators.check_results import Finding, Verdict
from bot.screens.foreign import Html, code
from bot.screens.operators.parts import FIRST, Choice, button, joined, question
from bot.screens.screen import Screen
from bot.screens.texts import Texts

ICONS: Final = {Verdict.OK: "✅", Verdict.WARNING: "⚠️", Verdict.FAULT: "🛑"}
_ADDRESSES: Final = frozenset({"url", "host"})  # what is opened or compared elsewhere, so it stands there exactly
_WORST_FIRST: Final = (Verdict.FAULT, Verdict.WARNING, Verdict.OK)


def title_of(texts: Texts, finding: Finding) -> str:
    """What was checked and what was seen, without markup."""
    return f"{texts.plain(f'check.name.{finding.name}')}: {texts.plain(finding.seen, **finding.values)}"


def todo_of(texts: Texts, finding: Finding) -> str:
    """What to do about it, without markup; empty where there is nothing."""
    return "" if finding.todo is None else texts.plain(finding.todo, **finding.values)


def summary_of(texts: Texts, findings: Sequence[Finding]) -> str:
    """How many are how, in one line."""
    counted = {verdict: sum(one.verdict is verdict for one in findings) for verdict in Verdict}
    return texts.plain(
        "check.summary",
        ok=counted[Verdict.OK],
        warnings=counted[Verdict.WARNING],
        faults=counted[Verdict.FAULT],
    )


def checking_screen(texts: Texts) -> Screen:
    """While the checks run."""
    return Screen(text=texts("check.running"))


def checks_screen(texts: Texts, findings: Sequence[Finding], *, may_set: bool) -> Screen:
    """The answer to /check, faults first. `may_set`: whether the webhook can be set at the provider from here."""
    blocks = [joined(_line(texts, one) for one in findings if one.verdict is verdict) for verdict in _WORST_FIRST]
    head = joined([texts("check.title"), summary_of(texts, findings)])
    rows = [(button(texts, "check.button_again", "check", FIRST, "show"),)]
    if may_set:
        rows.append((button(texts, "check.button_set_webhook", "check", FIRST, "webhook"),))
    return Screen(text=joined([head, *blocks], gap="\n\n"), rows=tuple(rows))


def sure_to_set_webhook(texts: Texts, asked: str, url: str) -> Screen:
    """Asks before the webhook is set at the provider."""
    choices: tuple[Choice, ...] = ((texts.plain("check.button_set_webhook"), "yes", "primary"),)
    return question(texts, asked, texts("check.set_webhook_sure", url=code(url)), choices=choices)


def webhook_screen(texts: Texts, finding: Finding) -> Screen:
    """How setting it went."""
    return Screen(text=_line(texts, finding))


def _line(texts: Texts, finding: Finding) -> Html:
    values = {name: code(value) if name in _ADDRESSES else value for name, value in finding.values.items()}
    name, seen = texts(f"check.name.{finding.name}"), texts(finding.seen, **values)
    line = Html(f"{ICONS[finding.verdict]} <b>{name}</b>: {seen}")
    if finding.todo is None:
        return line
    return Html(f"{line}\n→ {texts(finding.todo, **values)}")
