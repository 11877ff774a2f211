"""`python -m bot probe`: the walk, and the two files that it leaves. The sandbox only, whatever is set."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click
import httpx

from bot import __version__, setting_rules
from bot.engine.clock import utc_now
from bot.kotani.signing import Signer
from bot.probe.asking import Asker
from bot.probe.hearing import listening
from bot.probe.questions import QUESTIONS, Walk, take
from bot.probe.writing import Pen
from bot.redaction import Redactor
from bot.settings import Settings, SettingsRefused

UNREACHED: Final = 1
_STOP_IT: Final = "stop the assistant while the probe runs, so that callbacks are heard in its place"


async def run(
    settings: Settings,
    folder: Path,
    *,
    callback_seconds: float,
    quote_seconds: float = 61.0,
    between: float = 1.1,
) -> int:
    """Walk, write, and say where; the exit code: 0, or 1 when the sandbox does not answer or refuses the key.

    Raises `SettingsRefused` for everything that is not the sandbox, where the port is taken on which it would hear callbacks,
    and for a folder that cannot be made: what was learned would have nowhere to go.
    """
    refuse_production(settings)
    _make(folder)
    assert settings.kotani_api_key is not None
    secret = settings.kotani_api_secret
    signer = None if secret is None else Signer(secret.get_secret_value(), utc_now)
    beside = setting_rules.is_loopback(urlsplit(settings.kotani_base_url).hostname or "")
    async with (
        httpx.AsyncClient(trust_env=False) as http,
        listening(settings.host, settings.port, settings.public_url) as ear,
    ):
        if ear is None and (settings.public_url is not None or beside):
            raise SettingsRefused((f"PORT: something listens on {settings.port} already; {_STOP_IT}",))
        ask = Asker(http, settings.kotani_base_url, settings.kotani_api_key.get_secret_value(), signer, between)
        if not (known := await ask("GET", "/api/v3/wallet/fiat")).well and known.status in (0, 401):
            click.echo(
                f"{settings.kotani_base_url} does not answer, or refuses the key (HTTP {known.status}).", err=True
            )
            return UNREACHED
        hears = ear if settings.public_url is not None or beside else None
        click.echo(f"Asking {len(QUESTIONS)} questions of {settings.kotani_base_url}; this takes some minutes.")
        walk = Walk(ask, hears, settings.callback_secrets, quote_seconds, callback_seconds)
        learned = await take(walk)
    now = utc_now()
    pen = Pen(
        Redactor(settings.secret_texts()),
        at=f"{now:%Y-%m-%d %H:%M} UTC",
        host=settings.kotani_base_url,
        version=__version__,
    )
    for one in learned:
        for sentence in one.sentences or [f"not asked: {one.skipped}"]:
            click.echo(f"  {one.number}. {Redactor(settings.secret_texts())(sentence)}")
    for ending, text in (("md", pen.markdown(learned)), ("json", pen.json(learned))):
        path = folder / f"probe-{now:%Y%m%d-%H%M%S}.{ending}"
        write_private(path, text)
        click.echo(f"Written: {path}")
    return 0


def refuse_production(settings: Settings) -> None:
    """Raises `SettingsRefused` unless it is the sandbox, or a simulator on this machine."""
    host = urlsplit(settings.kotani_base_url).hostname or ""
    known = {urlsplit(url).hostname for url in setting_rules.KOTANI_ADDRESSES["sandbox"]}
    if settings.kotani_environment != "sandbox":
        raise SettingsRefused(("KOTANI_ENVIRONMENT: a probe creates transactions, so it asks the sandbox only",))
    if host not in known and not setting_rules.is_loopback(host):
        raise SettingsRefused(("KOTANI_BASE_URL: is not an address of the sandbox; remove the line for a probe",))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsRefused((f"--out: this folder cannot be made: {error.strerror}",)) from error


def write_private(path: Path, text: str) -> None:
    """A new file that only its owner reads. Raises `OSError`."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
