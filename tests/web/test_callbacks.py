"""The endpoint for callbacks: what is genuine is on disk before its 200, and nothing else leaves a trace."""

import asyncio
import base64
import hashlib
import hmac
import logging
import sqlite3

import psycopg
import pytest
from sqlalchemy import make_url

from storage.crypto import Keyring
from storage.database import Database

from .conftest import PATH, SECRET, door, signed, signed_text

TEXT = '{"event":"transaction.onramp.status.updated","data":{"referenceId":"r1","status":"SUCCESSFUL"}}'


async def test_what_was_answered_is_stored_byte_for_byte(database: Database, keyring: Keyring) -> None:
    bodies = [
        signed({"referenceId": "r1", "status": "SUCCESSFUL", "amount": 100.5, "name": "Aïssa \u2028 <b>"}),
        signed({"referenceId": "r2", "deep": [[[{"a": None}]]]}),
    ]
    spaced = bodies[0][0].replace(b'","', b'" ,\r\n\t"')  # printed anew on the way
    async with door(database, keyring) as entry:
        for body, headers in [*bodies, (spaced, bodies[0][1])]:
            assert await entry.post(body, headers) == 200
        assert sorted(await entry.kept()) == sorted([bodies[0][0], bodies[1][0], spaced])


async def test_fifty_at_once_are_stored_once_and_all_answered(database: Database, keyring: Keyring) -> None:
    body, headers = signed({"referenceId": "r1"})
    async with door(database, keyring) as one, door(database, keyring) as other:  # as two replicas do
        answers = await asyncio.gather(*((one, other)[turn % 2].post(body, headers) for turn in range(50)))
        assert set(answers) == {200}
        assert await one.kept() == [body]


@pytest.mark.parametrize("secrets", [(SECRET,), ()])
async def test_what_can_be_no_token_harms_nobody_else(
    database: Database, keyring: Keyring, secrets: tuple[str, ...]
) -> None:
    """PostgreSQL keeps no NUL, and callbacks that come together are kept together."""
    async with door(database, keyring, secrets) as entry:
        sent = [(*signed({"referenceId": f"r{turn}"}), turn) for turn in range(12)]
        places = [
            f"{PATH.rpartition('/')[0]}/{'%00' if turn % 3 == 0 else 'x' * 300 if turn % 3 == 1 else 'good'}"
            for *_, turn in sent
        ]
        answers = await asyncio.gather(
            *(entry.post(body, headers, place) for (body, headers, _), place in zip(sent, places, strict=True))
        )
        assert answers == [404, 404, 200 if secrets else 404] * 4
        assert len(await entry.kept()) == (4 if secrets else 0)


def _mac(text: str, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        "sha256=" + _mac(TEXT).hex()[:-1],
        "sha256=" + _mac(TEXT).hex() + "0",
        "sha256=" + base64.b64encode(_mac(TEXT)).decode(),
        "sha1=" + _mac(TEXT).hex(),
        "sha256=" + _mac(TEXT, "another secret").hex(),
        "sha256=" + _mac(TEXT, "").hex(),
        "sha256=" + _mac(TEXT.replace(":", ": ")).hex(),
        "sha256=" + _mac(TEXT.replace("SUCCESSFUL", "FAILED")).hex(),
        "sha256=" + "0" * 64,
    ],
)
async def test_a_forgery_is_refused_and_leaves_nothing(sqlite_url: str, keyring: Keyring, header: str | None) -> None:
    database = Database(sqlite_url)
    await database.start()
    async with door(database, keyring) as entry:
        assert await entry.post(TEXT.encode(), {} if header is None else {"x-kotani-signature": header}) == 401
        assert await entry.kept() == []
    await database.stop()


async def test_of_two_secrets_both_are_taken_and_then_the_old_one_is_not(database: Database, keyring: Keyring) -> None:
    old, new = signed({"referenceId": "r1"}, "the old one"), signed({"referenceId": "r2"}, "the new one")
    async with door(database, keyring, ("the new one", "the old one")) as entry:
        assert [await entry.post(*old), await entry.post(*new)] == [200, 200]
    async with door(database, keyring, ("the new one",)) as entry:
        assert [await entry.post(*old), await entry.post(*new)] == [401, 200]


async def test_odd_ways_in_are_closed_and_what_was_in_the_address_is_not_logged(
    sqlite_url: str, keyring: Keyring, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    database = Database(sqlite_url)
    await database.start()
    body, headers = signed({"referenceId": "r1"})
    unsigned = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    async with door(database, keyring) as entry:
        port = entry.address.rsplit(":", 1)[1]
        for target, given, expected in (
            (f"{PATH}?secret=canary-in-a-query&signature={headers['x-kotani-signature']}", {}, 401),
            (PATH, unsigned, 401),
            ("/kotani/callbacks/../../etc/canary-passwd", headers, 404),
            ("/kotani/callbacks/..%2f..%2fetc%2fcanary-passwd", headers, 404),
            ("/kotani/callbacks/%2e%2e/canary", headers, 404),
            ("/kotani/callbacks/", headers, 404),
            ("/kotani/callbacks", headers, 404),
            ("/kotani//callbacks/canary", headers, 404),
        ):
            assert await _raw(int(port), "POST", target, body, given) == expected, target
        assert await _raw(int(port), "GET", PATH, b"", {}) == 405
        assert await _raw(int(port), "PUT", PATH, body, headers) == 405
        assert await entry.kept() == []
    await database.stop()
    assert "canary" not in caplog.text
    assert "evil.example" not in caplog.text
    assert headers["x-kotani-signature"][10:] not in caplog.text


async def _raw(port: int, method: str, target: str, body: bytes, headers: dict[str, str]) -> int:
    """A request whose address no client library has tidied up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{method} {target} HTTP/1.1", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in ({"host": "127.0.0.1"} | headers).items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1])


# the database


async def test_a_locked_file_is_503_until_it_is_free(
    sqlite_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite_connect.BUSY_SECONDS", 0.1)
    database = Database(sqlite_url)
    await database.start()
    path = make_url(sqlite_url).database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    body, headers = signed({"referenceId": "r1"})
    async with door(database, keyring) as entry:
        other.execute("BEGIN IMMEDIATE")
        assert await entry.post(body, headers) == 503
        assert await entry.kept() == []
        other.execute("ROLLBACK")
        assert await entry.post(body, headers) == 200
        assert await entry.kept() == [body]
    other.close()
    await database.stop()


async def test_a_server_that_is_down_is_503_until_it_is_back(postgres_url: str, keyring: Keyring) -> None:
    database = Database(postgres_url, wait_seconds=0.5)
    await database.start()
    address = make_url(postgres_url)
    body, headers = signed({"referenceId": "r1"})
    admin = psycopg.connect(
        address.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False), autocommit=True
    )
    async with door(database, keyring) as entry:
        admin.execute(f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS false".encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (address.database,))
        assert await entry.post(body, headers) == 503
        admin.execute(f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS true".encode())
        async with asyncio.timeout(10):
            while await entry.post(body, headers) != 200:  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.05)
        assert await entry.kept() == [body]
    admin.close()
    await database.stop()


async def test_a_database_that_was_stopped_is_503(sqlite_url: str, keyring: Keyring) -> None:
    database = Database(sqlite_url)
    async with door(database, keyring) as entry:
        assert await entry.post(*signed_text(TEXT)) == 503
