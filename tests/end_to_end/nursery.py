"""Assistants as processes of their own, which may be told to kill themselves between two steps of their work.

Run as a program this imports the assistant once and then forks a child for every line on its standard input, because
importing takes longer than everything else that a crash test does. A child is the command line's `run` with the settings
that the line names, brisk in speaking, and stopped by SIGKILL where the line says so: when a write of a certain name was
made and is *before* its commit, or *after* it. What it writes to its log and the names of its steps go to files.
"""

import functools
import gc
import importlib
import json
import os
import selectors
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

PACE = timedelta(milliseconds=20)
_FACTS = (
    "SELECT CASE WHEN position = 0 THEN 'order' ELSE kind END, state FROM leg",
    "SELECT CASE WHEN position = 0 THEN 'order' ELSE kind END, 'taken' FROM leg WHERE lease_until IS NOT NULL",
    "SELECT 'payment', state FROM payment",
    "SELECT kind, state FROM notice WHERE state <> 'superseded'",
    "SELECT kind, 'taken' FROM notice WHERE lease_until IS NOT NULL",
    "SELECT 'question', question FROM dialogue",
    "SELECT 'update', count(*) FROM update_received HAVING count(*) > 0",
    "SELECT 'update', 'taken' FROM update_received WHERE lease_until IS NOT NULL",
    "SELECT 'callback', count(*) FROM callback_received HAVING count(*) > 0",
    "SELECT 'callback', 'applied' FROM callback_received WHERE due_at IS NULL",
)


def main() -> int:
    """Fork a child for every line, and tell `started PID` and `ended PID STATUS`; the end of the input ends them all."""
    import_everything()
    share_everything()
    children: set[int] = set()
    ears, mouth = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(mouth)
    selector = selectors.DefaultSelector()
    commands = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 (what is read ahead would not be selected)
    selector.register(commands, selectors.EVENT_READ)
    selector.register(ears, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            if key.fd == ears:
                os.read(ears, 4096)
                _bury(children)
                continue
            line = commands.readline()
            if not line:
                for child in children:
                    os.kill(child, signal.SIGKILL)
                return 0
            child = os.fork()
            if child == 0:
                _live(json.loads(line))
            children.add(child)
            print(f"started {child}", flush=True)


def import_everything() -> None:
    """All that a child will need, also what is imported at the first use only."""
    for name in (
        "anyio._backends._asyncio",
        "apscheduler.triggers.interval",
        "bot.__main__",
        "bot.app",
        "bot.log",
        "h11",
        "httpcore",
        "phonenumbers.data.region_KE",
        "uvloop",
    ):
        importlib.import_module(name)


def share_everything() -> None:
    """What all children have and none of them changes is made once, and no collector walks through it."""
    import mimetypes

    import babel.localedata
    import httpx

    mimetypes.init()
    babel.localedata.load("en")
    httpx.create_ssl_context = functools.cache(httpx.create_ssl_context)
    httpx.create_ssl_context(trust_env=False)
    gc.collect()
    gc.freeze()


def _bury(children: set[int]) -> None:
    while children:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        children.discard(child)
        print(f"ended {child} {os.waitstatus_to_exitcode(status)}", flush=True)


def _live(life: dict[str, Any]) -> None:
    """Be the assistant, until the end of the process."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(life["folder"])
    log = os.open(life["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for was, here in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(was, here)
    os.environ.update(life["environment"])
    code = 70
    try:
        if os.environ["DATABASE_URL"].startswith("sqlite"):
            watch_steps(Path(life["steps"]), life["kill"])
        speak_briskly()
        from bot.__main__ import main as command_line

        command_line(["run"], standalone_mode=True)
    except SystemExit as end:
        code = int(end.code or 0)
    except Exception:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def speak_briskly() -> None:
    """Nobody waits to read, nobody looks at the command menu, and what is left at the end goes with the process."""
    import bot.app
    import bot.engine.operators.bulk_running
    from bot.telegram.pacing import Pace

    async def no_introduction(*_given: Any) -> None:
        return

    bot.app.introduce = no_introduction  # type: ignore[assignment]
    bot.app.thaw = lambda: None
    bulk = bot.engine.operators.bulk_running
    bulk._SOON = bulk._LATER = PACE  # type: ignore[misc]
    bulk.PIECE, bulk.FEW = 4, 1  # type: ignore[misc]
    bot.app.Assistant = functools.partial(bot.app.Assistant, pace=Pace(in_chat=PACE))  # type: ignore[assignment,misc]


def watch_steps(steps: Path, kill: list[str] | None) -> None:
    """Note the name of every write that changes something, and end the process at the one that `kill` names.

    `kill` is the name of a step and "before" or "after": its commit. A name that comes again is numbered.
    """
    from storage.database import Database

    write = Database.write
    record = steps.open("a", buffering=1)
    seen: Counter[str] = Counter()

    async def watched(self: Database, work: Callable[[Session], Any]) -> Any:
        name = None

        def step(session: Session) -> Any:
            nonlocal name
            before = _picture(session)
            result = work(session)
            name = _name(work, before, _picture(session))
            if name is not None:
                seen[name] += 1
                name = name if seen[name] == 1 else f"{name} ({seen[name]})"
            if name is not None and kill == [name, "before"]:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        result = await write(self, step)
        if name is not None:
            if kill == [name, "after"]:
                os.kill(os.getpid(), signal.SIGKILL)
            record.write(f"{name}\n")
        return result

    Database.write = watched  # type: ignore[method-assign]


def _picture(session: Session) -> tuple[int, list[tuple[str, ...]]]:
    connection = session.connection()
    raw: Any = connection.connection.dbapi_connection
    return raw.total_changes, [tuple(row) for query in _FACTS for row in connection.execute(text(query))]


def _name(work: Any, before: tuple[int, list[Any]], after: tuple[int, list[Any]]) -> str | None:
    """What stands there now that did not before; None for a write that changed nothing."""
    if before[0] == after[0]:
        return None
    known = list(before[1])
    news = set()
    for fact in after[1]:
        if fact in known:
            known.remove(fact)
        else:
            news.add(" ".join(map(str, fact)))
    return ", ".join(sorted(news)) or str(work.__qualname__)


if __name__ == "__main__":
    sys.exit(main())
