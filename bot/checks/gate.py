"""What stops a start: in production, whatever money depends on and is known for sure to be missing.

What may pass by itself does not stop it: a provider that is silent, a public address that is not reached for the moment.
Payments that were begun before are waiting, and they need an assistant that runs.
"""

from bot.checks.ground import Look, prepared
from bot.checks.walk import CHECKS, NEEDED, walk
from bot.engine.clock import Clock, utc_now
from bot.engine.operators.check_results import Finding, Verdict
from bot.screens.checks import title_of, todo_of
from bot.screens.texts import catalogue
from bot.settings import Settings, SettingsRefused


async def refuse_unready(settings: Settings, look: Look, *, clock: Clock = utc_now) -> None:
    """Raises `SettingsRefused` with every fault that must be mended first."""
    needed = [(name, check) for name, check in CHECKS if name in NEEDED]
    async with prepared(settings, look, clock=clock) as ground:
        found = await walk(ground, needed)
    faults = tuple(_sentence(one) for one in found if one.verdict is Verdict.FAULT)
    if faults:
        raise SettingsRefused(faults)


def _sentence(fault: Finding) -> str:
    texts = catalogue("en")
    return ": ".join(part for part in (title_of(texts, fault), todo_of(texts, fault)) if part)
