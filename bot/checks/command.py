"""`python -m bot check`: the checks from the command line, beside an assistant that runs or before one does."""

from collections.abc import Sequence
from typing import Final

import click
import httpx

from bot.checks.callbacks import set_webhook
from bot.checks.ground import prepared
from bot.checks.walk import walk
from bot.engine.operators.check_results import Finding, Verdict, worst
from bot.screens.checks import summary_of, title_of, todo_of
from bot.screens.texts import catalogue
from bot.settings import Settings
from storage.database import Database

FAULTS: Final = 1
_MARKS: Final = {Verdict.OK: "  ok     ", Verdict.WARNING: "  warning", Verdict.FAULT: "  FAULT  "}


async def run(settings: Settings, *, setting_webhook: bool = False) -> int:
    """Print what every check found; the exit code: 0, or 1 when anything is at fault. Warnings do not count."""
    database = Database(settings.database_url.get_secret_value())
    address = await _listening(settings)
    async with prepared(settings, database.look, address=address) as ground:
        findings = ((await set_webhook(ground)),) if setting_webhook else await walk(ground)
    _print(settings, findings, whole=not setting_webhook)
    return FAULTS if worst(findings) is Verdict.FAULT else 0


async def _listening(settings: Settings) -> str | None:
    """The address of the assistant that runs here, if one does."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - asked, not listened on
    address = f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
    async with httpx.AsyncClient(trust_env=False, timeout=2.0) as http:
        try:
            answer = await http.get(f"{address}/health/live")
        except httpx.HTTPError:
            return None
    return address if answer.status_code == httpx.codes.OK and answer.text.strip() == "ok" else None


def _print(settings: Settings, findings: Sequence[Finding], *, whole: bool) -> None:
    texts = catalogue("en")
    if whole:
        click.echo(f"{settings.kotani_environment.upper()}, {settings.kotani_base_url}")
    for one in findings:
        click.echo(f"{_MARKS[one.verdict]} {title_of(texts, one)}")
        if todo := todo_of(texts, one):
            click.echo(f"            {todo}")
    if whole:
        click.echo(summary_of(texts, findings))
