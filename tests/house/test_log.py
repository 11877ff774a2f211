"""Canaries: whatever is logged, however, no secret and nothing personal reaches the log."""

import io
import json
import logging
import re
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress

import pytest
import structlog

from bot import log
from bot.redaction import Redactor
from bot.settings import Settings, fresh_keys

TOKEN = "8123456789:AAF-canary_canary_canary_canary_canary"
SETTINGS = Settings(
    telegram_token=TOKEN,
    kotani_api_key='kp-canary-key"with\\odd/characters',
    kotani_api_secret="kp-canary-api-secret",
    kotani_webhook_secret="kp-canary-webhook-secret",
    kotani_webhook_secret_previous="kp-canary-earlier-secret",
    database_url="postgresql://assistant:pg-canary%2Fpassword@db.internal/assistant",
    **{name.lower(): value for name, value in fresh_keys().items()},
)
PERSONAL = {
    "an international number": "+254712345678",
    "one with spaces": "+254 712 345 678",
    "one with a bracket": "(0712) 345-678",
    "a local number": "0712345678",
    "one in an address": "%2B254712345678",
    "one behind letters": "msisdn254712345678",
    "one in other digits": "٠٧١٢٣٤٥٦٧٨",
    "a bank account": "01108765432100",
    "an EVM address": "0x52908400098527886E0F7030069857D2E4169EE7",
    "a Tron address": "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE",
    "a Solana address": "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",
    "a Bitcoin address": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "a legacy Bitcoin address": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    "a Stellar address": "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ",
    "a Hedera account": "0.0.1234567",
    "another bot's token": "7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
    "a callback's token": "/kotani/callbacks/Zm9v-YmFy_cXV4LWZvb2JhcnF1eC1m",
    "a bearer key": "Authorization: Bearer abc.def-ghi",
    "a header": "{'x-kotani-signature': 'sha256=0011aabb'}",
    "a header of Telegram's": "X-Telegram-Bot-Api-Secret-Token: short",
    "a name": "account_name='Wanjiru Kamau'",
    "a name in JSON": '{"accountName": "Wanjiru Kamau"}',
    "a short account": '"account_number": "ACC-77"',
    "an id number": "id_number=A123",
    "a password in an address": "mysql://root:hunter2@localhost/db",
}
SHOWN_OF_PERSONAL = (
    *("712345", "0712", "254712", "٠٧١٢", "0110876", "9085278", "Y2khEs", "SYGxXy", "0srrr7", "SLRHtK", "YNF7SO"),
    *("1234567", "AAHdqT", "Zm9v", "abc.def", "0011aabb", "short", "Wanjiru", "ACC-77", "A123", "hunter2"),
)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(params=["text", "json", "terminal"])
def stream(request: pytest.FixtureRequest) -> io.StringIO:
    """Where everything goes, at the most talkative level, in each of the forms."""
    stream = _Terminal() if request.param == "terminal" else io.StringIO()
    log.configure(level="debug", as_json=request.param == "json", secrets=SETTINGS.secret_texts(), stream=stream)
    return stream


def _ways_to_log(text: str) -> list[Callable[[], object]]:
    plain, bound = logging.getLogger("somewhere"), structlog.get_logger("bot.engine.somewhere")
    return [
        lambda: plain.debug(text),
        lambda: plain.info("an argument: %s", text),
        lambda: plain.info("a container: %r", {"body": [text]}),
        lambda: plain.warning("extra", extra={"detail": text}),
        lambda: bound.info(text),
        lambda: bound.info("a value", detail=text),
        lambda: bound.bind(detail=text).warning("a bound value"),
        lambda: logging.getLogger("httpx").warning('HTTP Request: POST https://example.com/x?q=%s "200"', text),
        lambda: warnings.warn(text, stacklevel=1),
        lambda: _raised(text, lambda: plain.exception("it failed")),
        lambda: _raised(text, lambda: bound.exception("it failed")),
    ]


def _raised(text: str, report: Callable[[], object]) -> None:
    try:
        try:
            raise ValueError(text)
        except ValueError as error:
            raise RuntimeError(f"because of {text}") from error
    except RuntimeError:
        report()


@pytest.mark.filterwarnings("default")
def test_no_secret_is_logged_however_it_is_logged(stream: io.StringIO) -> None:
    secrets = {*SETTINGS.secret_texts(), f"https://api.telegram.org/bot{TOKEN}/sendMessage"}
    for secret in secrets:
        for log_it in _ways_to_log(secret):
            log_it()
    structlog.get_logger("x").info("settings", settings=SETTINGS, dumped=SETTINGS.model_dump())
    written = stream.getvalue()
    assert "canary" not in written
    assert not [secret for secret in SETTINGS.secret_texts() if secret in written]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("text", PERSONAL.values(), ids=PERSONAL.keys())
def test_nothing_personal_is_logged_however_it_is_logged(stream: io.StringIO, text: str) -> None:
    for log_it in _ways_to_log(text):
        log_it()
    written = re.sub(r"T[0-9:.]+Z", "", stream.getvalue())  # the time of day may have any digits
    assert len(written.splitlines()) >= len(_ways_to_log(text))
    assert not [part for part in SHOWN_OF_PERSONAL if part in written]


def test_an_error_that_nobody_caught_is_redacted_too(stream: io.StringIO) -> None:
    with suppress(RuntimeError):
        _raised(TOKEN, lambda: sys.excepthook(*sys.exc_info()))
    thread = threading.Thread(target=lambda: _fail(f"call {TOKEN} back at +254712345678"))
    thread.start()
    thread.join()
    written = stream.getvalue()
    assert "nobody expected" in written
    assert written.count("RuntimeError") >= 2
    assert "canary" not in written
    assert "712345" not in written


def _fail(text: str) -> None:
    raise RuntimeError(text)


def test_what_operators_need_stays_readable() -> None:
    redact = Redactor()
    for line in (
        "2026-11-24T20:50:11.123456Z [info] payment opened",
        "2026-11-24 20:50:11,123 update_id=812345678 took 0.123456789 s from 192.168.100.200:54321",
        "payment=000644f0c1d2ab0000001a7be49c01d2 reference=bot-01KAV4XJ2N8QK7F39QX2ABCDEF code=K7F3-9QX2",
        "pay 2,500 KES, fee 62.50 KES, receive 19.123456 USDC token=USDC chain=BASE",
        "leg 4440cb6a-f7c7-11ed-b67e-024211201234 order 507f1f77bcf86cd799439011",
        "phone +254•••••678",
        'File "/srv/assistant/bot/engine/advancing.py", line 120, in advance',
    ):
        assert redact(line) == line


def test_a_masked_thing_can_still_be_recognised() -> None:
    redact = Redactor()
    assert redact("called +254 712 345 678 back") == "called •••678 back"
    assert redact("to 0x52908400098527886E0F7030069857D2E4169EE7.") == "to 0x5290…9EE7."


@pytest.mark.parametrize("piece", ["x-", "x-token", "0.", "phone ", "1 ", "a@"])
def test_no_text_takes_long_to_be_redacted(piece: str) -> None:
    """Others choose what is quoted in a line: hundreds of times the length must not take thousands of times as long."""
    began = time.monotonic()
    Redactor()(piece * (60_000 // len(piece)))
    assert time.monotonic() - began < 5


def test_secrets_made_later_are_hidden_too() -> None:
    redact = Redactor()
    redact.add(["made-at-run-time"])
    assert redact("it is made-at-run-time") == "it is ***"


@pytest.mark.filterwarnings("default")
def test_each_line_of_json_is_json() -> None:
    stream = io.StringIO()
    log.configure(level="info", as_json=True, secrets=SETTINGS.secret_texts(), stream=stream)
    structlog.contextvars.bind_contextvars(payment="p1")
    try:
        for log_it in _ways_to_log('a "quoted" thing, C:\\new, and kp-canary-key"with\\odd/characters'):
            log_it()
        structlog.get_logger("x").info("numbers", account_number=77, phone=254712345678, nested=[{"pin_secret": 1}])
    finally:
        structlog.contextvars.clear_contextvars()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines[-1]["nested"] == [{"pin_secret": "***"}]
    assert lines[-1]["account_number"] == lines[-1]["phone"] == "***"
    assert all(line["payment"] == "p1" and {"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)


def test_a_line_that_cannot_be_formatted_is_reported_without_its_arguments() -> None:
    stream = io.StringIO()
    log.configure(stream=stream)
    logging.getLogger("somewhere").error("wrong %d", TOKEN)
    assert "could not be written" in stream.getvalue()
    assert "canary" not in stream.getvalue()


def test_libraries_that_log_addresses_are_quiet_even_when_everything_is_logged() -> None:
    stream = io.StringIO()
    log.configure(level="debug", stream=stream)
    for name in ("httpx", "httpcore.http11", "telegram.ext.Application", "sqlalchemy.engine.Engine", "uvicorn.access"):
        logging.getLogger(name).info("GET /a/path")
    assert stream.getvalue() == ""
