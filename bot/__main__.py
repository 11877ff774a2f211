"""The command line: it reads what was asked for and calls it. Everything heavy is imported only when its command runs.

Exit codes: 0 for a clean end (Ctrl-C and SIGTERM too), 1 for a failure, 2 for settings that cannot be used.
"""

import asyncio
import errno
import logging
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path

import click
import uvloop

from bot import __version__
from bot.memory import frugal
from bot.settings import Settings, SettingsRefused, fresh_keys, read_settings
from storage.ahead import begin_migration
from storage.errors import NoDatabase, StorageError, StorageMisconfigured

_log = logging.getLogger(__name__)

FAILED = 1
MISCONFIGURED = 2
CANNOT_LISTEN = frozenset({errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES})


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """A Telegram assistant that moves money through Kotani Pay. Without a command: run."""
    if context.invoked_subcommand is None:
        context.invoke(run)


@main.command()
def run() -> None:
    """Run the assistant; without credentials as a demonstration, against the simulator."""
    frugal()
    settings = _settings()
    _start_logs(settings)
    if not settings.is_demo and settings.support_contact is None:
        _log.warning("SUPPORT_CONTACT is not set: the help tells customers of nobody whom they can turn to")
    migrating = None if settings.is_demo else begin_migration(settings.database_url.get_secret_value())
    from bot.app import run as run_app

    _end(run_app(settings, migrating=migrating))


@main.command()
@click.option("--port", default=8090, show_default=True, help="The port on loopback; 0 takes a free one.")
@click.option("--token", help="The bot's token; a fresh one when not given.")
@click.option("--api-key", help="The key of the simulated Kotani Pay; a fresh one when not given.")
@click.option("--webhook-secret", help="Signs its callbacks; a fresh one when not given.")
def simulate(port: int, **given: str | None) -> None:
    """Run the simulated Telegram and Kotani Pay alone, on loopback, and print the settings that lead an assistant there."""
    from bot.simulator.world import Credentials
    from bot.simulator.world import run as run_world

    credentials = Credentials(**{name: value for name, value in given.items() if value is not None})
    _end(run_world(port=port, credentials=credentials))


@main.command()
def tour() -> None:
    """Play a customer through every journey, against the simulator, and print the conversation."""
    from bot.tour import play

    _end(play())


@main.command()
def migrate() -> None:
    """Bring the database's tables up to this program, and stop."""
    settings = _settings()
    _start_logs(settings)
    from storage.database import Database

    async def bring_up() -> int:
        database = Database(settings.database_url.get_secret_value())
        await database.migrate()
        return 0

    _end(bring_up())


@main.command()
def attention() -> None:
    """List what waits for a person. The assistant may be running."""
    settings = _settings()
    from storage.attention import open_attention
    from storage.database import Database

    async def show() -> int:
        click.echo(_place(settings))
        cases = await Database(settings.database_url.get_secret_value()).look_inside(open_attention)
        for case in cases:
            about = f"payment {case.code} ({case.state})" if case.code else "no payment"
            click.echo(f"{case.opened_at:%Y-%m-%d %H:%M} UTC  {case.concern}  {about}: {case.detail}")
        click.echo(f"{len(cases)} waiting for a person." if cases else "Nothing waits for a person.")
        return 0

    _end(show())


@main.command()
def books() -> None:
    """Print what stands on every account of the books, and what is owed to whom. The assistant may be running."""
    settings = _settings()
    from bot.engine.books import look_into
    from storage.database import Database

    async def show() -> int:
        environment, keyring = settings.kotani_environment, settings.keyring()
        click.echo(_place(settings))
        found = await Database(settings.database_url.get_secret_value()).look_inside(
            lambda session: look_into(session, keyring, environment=environment)
        )
        for standing in found.balances.accounts:
            click.echo(f"{standing.account.replace('_', ' '):<18} {standing.money}")
        for turnover in found.balances.customers:
            click.echo(f"customers, {turnover.movement.replace('_', ' ')}: {turnover.money}")
        for one in found.owed:
            to = one.to or "somebody who paid by bank"
            since = f"{one.since:%Y-%m-%d %H:%M} UTC"
            click.echo(f"owed {one.money} to {to} since {since}: payment {one.code} ({one.kind}, {one.state})")
        click.echo(f"{len(found.owed)} payments owe something." if found.owed else "Nothing is owed to customers.")
        for fault in found.faults:
            click.echo(f"WRONG: {fault}")
        return FAILED if found.faults else 0

    _end(show())


@main.command()
@click.option("--set-webhook", is_flag=True, help="Set the address and the secret of callbacks at Kotani Pay instead.")
def check(*, set_webhook: bool) -> None:
    """Look whether everything is ready: keys, wallets, callbacks, database, clock. The assistant may be running.

    The exit code is 0 when nothing is at fault (warnings do not count), 1 for a fault, 2 for settings that cannot be used.
    """
    settings = _settings()
    if settings.is_demo:
        sys.exit(_told(SettingsRefused(("TELEGRAM_TOKEN, KOTANI_API_KEY: are missing, so there is nothing to check",))))
    _start_logs(settings.model_copy(update={"log_level": "error"}))  # what is found is printed
    from bot.checks.command import run as run_checks

    _end(run_checks(settings, setting_webhook=set_webhook))


@main.command()
def keys() -> None:
    """Print fresh ENCRYPTION_KEYS and DIGEST_KEY lines for the .env file."""
    for name, value in fresh_keys().items():
        click.echo(f"{name}={value}")


@main.command()
@click.option(
    "--out",
    default=".",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for what it writes; made where it is not there.",
)
@click.option(
    "--patience", default=180, show_default=True, help="Seconds to wait for callbacks, and for their repeats."
)
def probe(out: Path, patience: int) -> None:
    """Ask Kotani Pay's sandbox what its documentation leaves open, and write down what it answers. Never production.

    It creates a customer and a few small transactions there. The assistant must not run on this port meanwhile, since
    callbacks are heard in its place.
    The exit code is 0, 1 when the sandbox does not answer or refuses the key, 2 for other settings.
    """
    settings = _settings()
    if settings.is_demo:
        sys.exit(_told(SettingsRefused(("TELEGRAM_TOKEN, KOTANI_API_KEY: are missing, so there is nobody to ask",))))
    from bot.probe.command import run as run_probe

    _end(run_probe(settings, out, callback_seconds=patience))


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(__version__)


def _settings() -> Settings:
    try:
        return read_settings()
    except SettingsRefused as refused:
        sys.exit(_told(refused))


def _place(settings: Settings) -> str:
    """Which database is looked at: an all-clear is only about that one."""
    from sqlalchemy import make_url

    url = make_url(settings.database_url.get_secret_value())
    where = url.database if url.host is None else f"{url.database} at {url.host}"
    whose = "a demonstration" if settings.is_demo else settings.kotani_environment
    return f"Looking at the database {where} ({whose})."


def _told(refused: SettingsRefused) -> int:
    """List the problems; gives the exit code."""
    click.echo("The settings cannot be used (from the environment and .env):", err=True)
    for problem in refused.problems:
        click.echo(f"  - {problem}", err=True)
    return MISCONFIGURED


def _start_logs(settings: Settings) -> None:
    from bot import log

    log.configure(level=settings.log_level, as_json=settings.log_format == "json", secrets=settings.secret_texts())


def _end(work: Coroutine[object, object, int]) -> None:
    """Run `work` to its end and leave with its exit code; a signal cancels it, which is a clean end."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code = runner.run(_until_signal(work))
    except SettingsRefused as refused:
        code = _told(refused)
    except StorageError as error:
        click.echo(str(error), err=True)
        unusable = isinstance(error, StorageMisconfigured) and not isinstance(error, NoDatabase)
        code = MISCONFIGURED if unusable else FAILED
    except OSError as error:
        if error.errno not in CANNOT_LISTEN:
            raise
        code = _told(SettingsRefused((f"HOST, PORT: cannot listen there: {error.strerror}; choose others",)))
    sys.exit(code)


async def _until_signal(work: Coroutine[object, object, int]) -> int:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


if __name__ == "__main__":
    main(prog_name="python -m bot")
