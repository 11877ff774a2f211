"""Logs that could be published: one line for people or machines on standard error, with everything secret taken out.

Redaction sits on the root handler, so it covers messages, arguments, bound values, tracebacks and what other libraries
log: once on each value, before quoting and colours change its look, and once on the whole line. Personal data is
masked by its form (`bot.redaction`), configured secrets by what they are. Exceptions that nobody caught are logged
too, instead of being printed raw.
"""

import logging
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from bot.redaction import STARS, Redactor

Level = Literal["debug", "info", "warning", "error"]

QUIET: Final = (  # they log addresses with tokens in them, statements with values in them, or every tick
    "alembic",
    "apscheduler",
    "asyncio",
    "hpack",
    "httpcore",
    "httpx",
    "PIL",
    "psycopg",
    "sqlalchemy",
    "telegram",
    "tzlocal",
    "uvicorn",
)
ACCESS_LOG: Final = "uvicorn.access"  # paths contain the tokens of callbacks
_log = logging.getLogger(__name__)


class RedactingFormatter(logging.Formatter):
    """Redacts the whole of what another formatter made."""

    def __init__(self, inner: logging.Formatter, redactor: Redactor) -> None:
        super().__init__()
        self._inner = inner
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines with a traceback, as they may be written."""
        return self._redactor(self._inner.format(record))

    def hide(self, secrets: Iterable[str]) -> None:
        """Redact these texts too."""
        self._redactor.add(secrets)


class QuietHandler(logging.StreamHandler[TextIO]):
    """Writes lines. A line that cannot be written is reported without what it was about: logging itself shows all."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Say which line of the program could not be logged."""
        with suppress(OSError, ValueError):
            self.stream.write(f"a log line could not be written: {record.pathname}:{record.lineno}\n")


def configure(
    *, level: Level = "info", as_json: bool = False, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> Redactor:
    """Send all logs of the process to `stream` (standard error), redacted.

    May be called again; the last call counts. `secrets` are never shown, whatever their form; `hide` takes those that
    are made later. Returns the redactor.
    """
    stream = stream or sys.stderr
    redactor = Redactor(secrets)
    handler = QuietHandler(stream)
    handler.setFormatter(RedactingFormatter(_formatter(redactor, as_json=as_json, colors=stream.isatty()), redactor))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    access = logging.getLogger(ACCESS_LOG)
    access.handlers.clear()
    access.propagate = False
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable
    return redactor


def hide(secrets: Iterable[str]) -> None:
    """Never show these texts in a log from now on. Nothing happens before `configure`."""
    secrets = tuple(secrets)
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, RedactingFormatter):
            handler.formatter.hide(secrets)


def _shared() -> Sequence[Processor]:
    return (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    )


def _formatter(redactor: Redactor, *, as_json: bool, colors: bool) -> logging.Formatter:
    def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return _redacted_fields(event, redactor)

    render: Processor
    if as_json:
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        render = structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=0)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,  # a plain traceback: other kinds show local variables
            redact,
            render,
        ],
    )


def _redacted_fields(fields: Mapping[str, object], redactor: Redactor) -> dict[str, object]:
    return {name: STARS if redactor.hides(str(name)) else _redacted(value, redactor) for name, value in fields.items()}


def _redacted(value: object, redactor: Redactor) -> object:
    match value:
        case None | bool():
            return value
        case int() | float():
            shown = redactor(str(value))
            return value if shown == str(value) else shown
        case Mapping():
            return _redacted_fields(value, redactor)
        case list() | tuple() | set() | frozenset():
            return [_redacted(item, redactor) for item in value]
        case _:
            return redactor(str(value))


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _log.critical("an error that nobody expected ended the program", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log.critical("an error that nobody expected ended a thread", exc_info=args.exc_value)


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        _log.error("an error that nobody could be told", exc_info=args.exc_value)
