"""All checks, side by side: one that fails itself is a finding like any other, and keeps none of the others from theirs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from bot.checks import account, callbacks, house, outside, telegram
from bot.checks.ground import Ground
from bot.engine.operators.check_results import Finding, doubtful

Check = Callable[[Ground], Awaitable[Finding]]

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("token", telegram.token),
    ("updates", telegram.updates),
    ("environment", account.environment),
    ("provider", account.provider),
    ("key", account.key),
    ("services", account.services),
    ("countries", account.countries),
    ("wallets", account.wallets),
    ("balances", account.balances),
    ("public_url", outside.public_address),
    ("certificate", outside.certificate),
    ("way_in", outside.way_in),
    ("webhook_secret", callbacks.secret),
    ("callback", callbacks.round_trip),
    ("tables", house.tables),
    ("keys", house.keys),
    ("history", house.history),
    ("clock", outside.clock),
    ("disk", house.disk),
    ("processes", house.processes),
    ("backups", house.backups),
    ("owners", house.owners),
    ("group", telegram.group),
    ("support", house.support),
    ("logs", house.logs),
)
# what money depends on and can be told for sure at a start; the rest may pass by itself, and waiting payments need us
NEEDED: Final = frozenset({"key", "wallets", "public_url", "webhook_secret", "keys", "clock", "owners"})
SECONDS: Final = 25.0
_log = structlog.get_logger(__name__)


async def walk(ground: Ground, checks: Sequence[tuple[str, Check]] = CHECKS) -> tuple[Finding, ...]:
    """What every check found, in their order."""
    found = await asyncio.gather(*(_within(check(ground)) for _, check in checks), return_exceptions=True)
    return tuple(_finding(name, result) for (name, _), result in zip(checks, found, strict=True))


async def _within(checking: Awaitable[Finding]) -> Finding:
    async with asyncio.timeout(SECONDS):
        return await checking


def _finding(name: str, result: Finding | BaseException) -> Finding:
    if isinstance(result, Finding):
        return result
    if not isinstance(result, Exception):
        raise result
    _log.warning("a check could not be made", check=name, exc_info=result)
    return doubtful(name, "check.unknown", "check.again_do", why=type(result).__name__)
