"""An attacked server keeps its memory and goes on serving those who mean well."""

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from .conftest import PATH, Fortress, signed_text

ROOM = 80  # MB above what it weighed before: the limit on bodies times many callers, and Python's own slack


@contextlib.contextmanager
def weighed(fortress: Fortress, most: int = ROOM) -> Iterator[None]:
    before = fortress.weighs_most()
    yield
    after = fortress.weighs_most()
    assert after - before < most, f"{after - before} MB more"


async def answered(reader: asyncio.StreamReader) -> bytes:
    """Whatever comes until the other side closes."""
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""


async def pour(fortress: Fortress, head: bytes, chunk: bytes, chunks: int) -> tuple[bytes, int]:
    """Send as much as the server lets us; what it answered, and how many chunks went."""
    reader, writer = await fortress.connects()
    sent = 0
    with contextlib.suppress(ConnectionError):
        writer.write(head)
        for sent in range(1, chunks + 1):  # noqa: B007
            writer.write(chunk)
            await writer.drain()
            if reader.at_eof():
                break
    answer = await answered(reader)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return answer, sent


async def test_bodies_that_are_too_large(fortress: Fortress) -> None:
    kept = await fortress.kept()
    with weighed(fortress):
        answer = await fortress.http.post(PATH, content=b"x" * 2_000_000)
        assert answer.status_code == 413
        piece = b"%x\r\n" % 65536 + b"x" * 65536 + b"\r\n"
        head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        endless = asyncio.create_task(pour(fortress, head, piece, 3200))  # 200 MB
        await fortress.serves()
        answer_text, _ = await endless
        assert answer_text == b"" or b" 413 " in answer_text.split(b"\r\n")[0]
        # a length that is a lie, and lengths that are none
        for length, expected in ((b"99999999999999999999", 413), (b"-1", 400), (b"1e9", 400)):
            head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: ".encode() + length + b"\r\n\r\n"
            said, _ = await pour(fortress, head, b"", 0)
            assert int(said.split()[1]) in (expected, 400)
        await fortress.serves()
    assert await fortress.kept() == kept + 2


async def test_a_body_that_trickles_in_is_cut_off_and_its_connection_closed(fortress: Fortress) -> None:
    reader, writer = await fortress.connects()
    writer.write(f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n".encode())
    began = time.monotonic()

    async def trickle() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())
    answer = await answered(reader)
    trickling.cancel()
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert time.monotonic() - began < 3, "the connection was closed as well"
    writer.close()
    await fortress.serves()


async def test_a_head_that_never_ends_is_cut_off(fortress: Fortress) -> None:
    reader, writer = await fortress.connects()
    writer.write(f"POST {PATH} HTTP/1.1\r\nhost: x\r\nx-long: ".encode())

    async def trickle() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())
    assert await answered(reader) == b""
    trickling.cancel()
    writer.close()
    await fortress.serves()


@pytest.mark.parametrize("chunk", [b"x" * 65536, b"x-more: 1\r\n" * 6000, b"x" * 65536 + b": 1\r\n"])
async def test_a_head_that_is_too_large_is_cut_off_before_it_fills_the_memory(fortress: Fortress, chunk: bytes) -> None:
    with weighed(fortress, 30):
        head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\nx-long: ".encode()
        _, sent = await pour(fortress, head, chunk, 3000)  # 200 MB
        assert sent < 100
        await fortress.serves()


async def test_a_path_that_never_ends(fortress: Fortress) -> None:
    with weighed(fortress, 30):
        _, sent = await pour(fortress, b"POST /", b"x" * 65536, 3000)
        assert sent < 100
        await fortress.serves()


async def test_rubbish_is_no_request(fortress: Fortress) -> None:
    rubbish = (b"\x16\x03\x01\x02\x00\x01", b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 1000, b"PRI * HTTP/2.0\r\n\r\n")
    await asyncio.gather(*(pour(fortress, one, b"", 0) for one in rubbish))
    await fortress.serves()


@pytest.mark.parametrize(
    "data",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 40_000 + "1" + "}" * 40_000,
        "{" + ",".join(f'"k{number}":1' for number in range(18_000)) + "}",
        "[" + "1," * 100_000 + "1]",
        "9" * 200_000,
    ],
    ids=["nested lists", "nested objects", "many keys", "many numbers", "a long number"],
)
async def test_json_bombs_are_refused_unread_and_signed_ones_are_only_stored(fortress: Fortress, data: str) -> None:
    kept = await fortress.kept()
    body, headers = signed_text(f'{{"event":"x","data":{data}}}')
    with weighed(fortress):
        forged = {"x-kotani-signature": "sha256=" + "0" * 64}
        began = time.monotonic()
        assert (await fortress.http.post(PATH, content=body, headers=forged)).status_code == 401
        assert (await fortress.http.post(PATH, content=body, headers=headers)).status_code == 200
        assert time.monotonic() - began < 2
        await fortress.serves()
    assert await fortress.kept() == kept + 2


@pytest.fixture
def files() -> Iterator[int]:
    """As many open files as the machine gives; how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_more_connections_that_say_nothing_than_are_kept(files: int, fortress: Fortress) -> None:
    """Some are kept for a while, the others turned away; nobody waits for ever, and then all is well."""
    many = min(1000, files - 500)
    with weighed(fortress, 200):
        async with contextlib.AsyncExitStack() as stack:
            opening = (stack.enter_async_context(connection(fortress)) for _ in range(many))
            idle = await asyncio.gather(*opening)
            with contextlib.suppress(httpx.HTTPError):  # turned away
                body, headers = signed_text('{"event":"x","data":{}}')
                busy = await fortress.http.post(PATH, content=body, headers=headers, timeout=5)
                assert busy.status_code in (200, 503)
            # those who say nothing lose their place
            assert await asyncio.wait_for(asyncio.gather(*(answered(reader) for reader, _ in idle)), 20) == [b""] * many
        await fortress.serves()


async def test_five_thousand_requests_at_once(files: int, fortress: Fortress) -> None:
    """Served, or told to come again, or turned away."""
    many = min(5000, files - 500)
    body, headers = signed_text('{"event":"x","data":{}}')
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(body)}\r\n{lines}\r\n"

    async def ask() -> int:
        try:
            async with connection(fortress) as (reader, writer):
                writer.write(head.encode() + body)
                answer = await answered(reader)
        except ConnectionError:
            return 0
        return int(answer.split()[1]) if answer else 0

    with weighed(fortress, 200):
        answers = await asyncio.gather(*(ask() for _ in range(many)))
        assert set(answers) <= {0, 200, 503}
        await fortress.serves()


@contextlib.asynccontextmanager
async def connection(fortress: Fortress) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await fortress.connects()
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
