"""How the client sends: what is tried again and what never is, what it holds back, what it keeps to itself."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError, NotSent, RateLimited, Unanswered, Unknown
from bot.kotani.requests import CustomerChange, MobileMoneyPayer, OnrampRequest, WithdrawalRequest
from bot.kotani.signing import Signer

KEY, PHONE = "key-canary-1234", "+254712345678"
ONRAMP = OnrampRequest(
    MobileMoneyPayer(PHONE, "Jane", "MPESA"),
    Decimal(1000),
    "KES",
    "BASE",
    "USDC",
    "0xbeef",
    "bot-1",
    "https://b.example",
)
WITHDRAWAL = WithdrawalRequest("c-1", Decimal(10), "w-1", "bot-2", "https://b.example")
FOUND = {"success": True, "data": {"referenceId": "bot-1", "depositStatus": "PENDING"}}


class Script:
    """A provider that answers with what it is given, one after the other, and counts."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(500),
        httpx.Response(502, text="<html>"),
        httpx.Response(200, text='{"success":tr'),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("closed"),
        ConnectionResetError(),
    ],
)
async def test_reads_are_tried_again(answered, failure: httpx.Response | Exception) -> None:
    script = Script(failure, failure, httpx.Response(200, json=FOUND))

    report = await answered(script).onramp("bot-1")

    assert (report.deposit_status, len(script.seen)) == ("PENDING", 3)


async def test_reads_are_not_tried_for_ever(answered) -> None:
    script = Script(httpx.Response(500))

    with pytest.raises(Unanswered):
        await answered(script).onramp("bot-1")

    assert len(script.seen) == 3


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"success": False, "message": "No"}),
        httpx.Response(401),
        httpx.Response(404, json={"success": False, "message": "Not Found"}),
        httpx.Response(429),
        httpx.Response(200, json={"success": True, "data": {}}),
    ],
)
async def test_a_clear_answer_is_taken_as_it_is(answered, answer: httpx.Response) -> None:
    script = Script(answer)

    with pytest.raises(KotaniError):
        await answered(script).onramp("bot-1")

    assert len(script.seen) == 1


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ConnectTimeout("slow"), NotSent),
        (httpx.PoolTimeout("full"), NotSent),
        (httpx.ReadTimeout("slow"), Unknown),
        (httpx.WriteTimeout("slow"), Unknown),
        (httpx.ReadError("reset"), Unknown),
        (httpx.WriteError("reset"), Unknown),
        (httpx.RemoteProtocolError("closed"), Unknown),
        (ConnectionResetError(), Unknown),
        (httpx.Response(500), Unknown),
    ],
)
async def test_creates_are_made_once(answered, failure: httpx.Response | Exception, expected: type) -> None:
    for create in (lambda k: k.create_onramp(ONRAMP), lambda k: k.create_withdrawal(WITHDRAWAL)):
        script = Script(failure)

        with pytest.raises(KotaniError) as raised:
            await create(answered(script))

        assert (type(raised.value), len(script.seen)) == (expected, 1)


async def test_moving_the_deposit_balance_and_cancelling_are_done_once(answered) -> None:
    for move in (
        lambda k: k.transfer_deposit_balance("w-1"),
        lambda k: k.cancel_offramp("bot-1"),
        lambda k: k.retry_refund("bot-1"),
    ):
        script = Script(httpx.Response(500))
        with pytest.raises(Unknown) as raised:
            await move(answered(script))
        assert raised.value.money_may_have_moved
        assert len(script.seen) == 1


async def test_a_change_that_may_be_repeated_is(answered) -> None:
    script = Script(httpx.Response(500), httpx.Response(200, json={"success": True, "data": {"customer_key": "c-1"}}))

    await answered(script).update_customer("c-1", CustomerChange(network="MTN"))

    assert len(script.seen) == 2


async def test_reads_are_held_back_after_a_429_and_creates_are_not(answered) -> None:
    script = Script(
        httpx.Response(429, headers={"retry-after": "60"}),
        httpx.Response(200, json={"success": True, "data": {"id": "o-1"}}),
    )
    kotani = answered(script)
    with pytest.raises(RateLimited):
        await kotani.onramp("bot-1")

    with pytest.raises(RateLimited) as held:
        await kotani.withdrawal("bot-2")
    assert 59 < held.value.retry_after <= 60
    assert len(script.seen) == 1

    assert (await kotani.create_onramp(ONRAMP)).report.provider_id == "o-1"


async def test_a_short_wait_is_waited(answered) -> None:
    script = Script(httpx.Response(429, headers={"retry-after": "1"}), httpx.Response(200, json=FOUND))
    kotani = answered(script)
    with pytest.raises(RateLimited):
        await kotani.create_onramp(ONRAMP)
    started = time.monotonic()

    await kotani.onramp("bot-1")

    assert time.monotonic() - started > 0.9


async def test_no_call_lasts_longer_than_its_deadline(answered) -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    kotani = answered(never, deadline=0.3)
    for call, expected in ((kotani.create_onramp(ONRAMP), Unknown), (kotani.onramp("bot-1"), Unanswered)):
        started = time.monotonic()
        with pytest.raises(expected):
            await call
        assert time.monotonic() - started < 0.6


async def test_an_answer_that_trickles_in_does_not_outlast_the_deadline(answered) -> None:
    class Trickle(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.02)
                yield b" "

    started = time.monotonic()
    with pytest.raises(Unknown):
        await answered(lambda request: httpx.Response(200, stream=Trickle()), deadline=0.3).create_onramp(ONRAMP)
    assert time.monotonic() - started < 1


async def test_a_giant_answer_is_not_read_to_its_end(answered) -> None:
    class Giant(httpx.AsyncByteStream):
        given = 0

        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                self.given += 1 << 20
                yield b" " * (1 << 20)

    giant = Giant()
    with pytest.raises(Unknown, match="too long"):
        await answered(lambda request: httpx.Response(200, stream=giant)).create_onramp(ONRAMP)
    assert giant.given < 10 << 20


async def test_a_packed_answer_is_not_unfolded(answered) -> None:
    def packed(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"\x1f\x8b"))

    with pytest.raises(Unknown):
        await answered(packed).create_onramp(ONRAMP)


async def test_nobody_listening_means_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with Kotani(base_url=f"http://127.0.0.1:{port}", api_key=KEY) as kotani:
        with pytest.raises(NotSent) as raised:
            await kotani.create_onramp(ONRAMP)

    assert (raised.value.money_may_have_moved, raised.value.retry_safe) == (False, True)


async def test_someone_who_takes_the_call_and_hangs_up_means_unknown() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Kotani(base_url=f"http://127.0.0.1:{port}", api_key=KEY) as kotani:
            with pytest.raises(Unknown):
                await kotani.create_onramp(ONRAMP)


async def test_the_environment_sets_no_proxy(monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async with Kotani(base_url=provider, api_key="test-key") as kotani:
        assert (await kotani.health()).ok


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"base_url": "http://api.kotanipay.com"}, "https"),
        ({"base_url": "ftp://api.kotanipay.com"}, "https"),
        ({"base_url": "api.kotanipay.com"}, "https"),
        ({"base_url": "https://user:word@api.kotanipay.com"}, "host alone"),
        ({"base_url": "https://api.kotanipay.com/api/v3"}, "host alone"),
        ({"api_key": ""}, "API key"),
        ({"api_key": "with newline\n"}, "API key"),
        ({"api_key": "ключ"}, "API key"),
        ({"api_secret": ""}, "API secret"),
        ({"api_secret": " "}, "API secret"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(settings: dict[str, str], said: str) -> None:
    good = {"base_url": "https://sandbox-api.kotanipay.com", "api_key": KEY}

    with pytest.raises(ValueError, match=said) as refused:
        Kotani(**(good | settings))  # type: ignore[arg-type]

    assert all(value not in str(refused.value) for name, value in settings.items() if value.strip() and "key" in name)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"success": False, "message": f"{PHONE} is wrong", "data": {"errors": [PHONE]}}),
        httpx.Response(403, json={"success": False, "message": f"Customer {PHONE} is suspended"}),
        httpx.Response(500, text=PHONE),
        httpx.ConnectError(f"no way to {PHONE}"),
        httpx.ReadTimeout(f"waited for {KEY}"),
    ],
)
async def test_errors_and_logs_name_no_key_and_no_phone(
    answer: httpx.Response | Exception, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    kotani = Kotani(
        base_url="https://provider.example",
        api_key=KEY,
        api_secret="secret-canary",
        transport=httpx.MockTransport(Script(answer)),
    )
    texts: list[str] = [repr(kotani), repr(vars(kotani))]
    with caplog.at_level(logging.DEBUG, "bot"):
        for call in (kotani.create_onramp(ONRAMP), kotani.customer_of_phone(PHONE)):
            with pytest.raises(KotaniError) as raised:
                await call
            texts += [repr(raised.value), str(raised.value), repr(raised.value.__cause__)]
            assert raised.value.__cause__ is None or raised.value.__suppress_context__
    texts += [caplog.text, *capsys.readouterr()]

    assert not any(canary in text for text in texts for canary in (KEY, "secret-canary", PHONE, PHONE[1:]))


async def test_the_observer_hears_of_every_call(answered) -> None:
    heard: list[tuple[str, str]] = []
    script = Script(httpx.Response(200, json=FOUND), httpx.Response(500))
    kotani = answered(script, observer=lambda operation, outcome, seconds: heard.append((operation, outcome)))

    await kotani.onramp("bot-1")
    with pytest.raises(Unknown):
        await kotani.create_onramp(ONRAMP)

    assert heard == [("onramp.status", "ok"), ("onramp.create", "Unknown")]


async def test_a_client_from_outside_stays_open_and_lends_nothing_of_its_own() -> None:
    script = Script(httpx.Response(200, json=FOUND, headers={"set-cookie": "a=b"}))
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(script), auth=("user", "word"), headers={"x-mine": "1"}, follow_redirects=True
    ) as http:
        async with Kotani(base_url="https://provider.example/", api_key=KEY, http=http) as kotani:
            await kotani.onramp("bot-1")
            await kotani.onramp("bot-1")
        assert not http.is_closed

    for request in script.seen:
        assert str(request.url) == "https://provider.example/api/v3/onramp/bot-1"
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert not {"cookie", "x-mine"} & set(request.headers)


async def test_a_redirect_is_not_followed_with_the_key() -> None:
    script = Script(httpx.Response(302, headers={"location": "https://elsewhere.example/"}))
    transport = httpx.MockTransport(script)
    async with httpx.AsyncClient(transport=transport, follow_redirects=True) as http:
        kotani = Kotani(base_url="https://provider.example", api_key=KEY, http=http)
        with pytest.raises(Unknown):
            await kotani.create_onramp(ONRAMP)

    assert len(script.seen) == 1


class TestSigning:
    """Kotani docs, request signing."""

    def signer(self) -> Signer:
        nonces = iter(["nonce-1", "nonce-2"])
        return Signer("api-secret", lambda: datetime(2026, 11, 24, 12, tzinfo=UTC), lambda: next(nonces))

    @pytest.mark.parametrize(
        ("method", "path", "body", "what"),
        [
            ("POST", "/api/v3/onramp", b'{"a":1}', b'{"a":1}'),
            ("PATCH", "/api/v3/integrator/webhook", b"{}", b"{}"),
            ("GET", "/api/v3/wallets/fiat/64a1", b"", b"64a1"),
            ("GET", "/api/v3/customer/support/countries?serviceType=DEPOSIT", b"", b"countries"),
            ("GET", "/api/v3/customer/mobile-money/phone/%2B254712345678", b"", b"%2B254712345678"),
        ],
    )
    def test_what_is_signed(self, node, method: str, path: str, body: bytes, what: bytes) -> None:
        headers = self.signer().headers(method, path, body)

        assert headers == {
            "x-timestamp": "1795521600",
            "x-nonce": "nonce-1",
            "x-signature": node.ask({"hmac": f"1795521600.nonce-1.{what.decode()}", "secret": "api-secret"})["hex"],
        }

    def test_every_request_has_a_nonce_of_its_own(self) -> None:
        signer = Signer("s", lambda: datetime.now(UTC))
        first, second = (signer.headers("GET", "/health", b"")["x-nonce"] for _ in range(2))

        assert first != second
        assert "api-secret" not in repr(self.signer())
