"""Callbacks received a second at 32 connections: a bare endpoint, ours and the textbook version, in turns."""

import hashlib
import hmac
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.load import Load, drive, post
from tests.benchmarks.processes import free_port, listening, python
from tests.benchmarks.serve import SECRET

CONNECTIONS = 32
REQUESTS = {"echo": 20_000, "bare": 8_000, "ours": 6_400, "textbook": 960}


@dataclass(slots=True)
class Received:
    """What all rounds showed, by kind of server."""

    loads: dict[str, list[Load]] = field(default_factory=lambda: {kind: [] for kind in REQUESTS})

    def per_second(self, kind: str) -> float:
        """The median of the rounds, requests a second."""
        return statistics.median(load.per_second for load in self.loads[kind])

    def p99(self, kind: str) -> float:
        """The median of the rounds' 99th percentiles, in seconds."""
        return statistics.median(load.p99 for load in self.loads[kind])

    def ratio(self, kind: str, other: str) -> float:
        """How many times as fast one is as the other: the median over rounds, whose two sides were measured together."""
        pairs = zip(self.loads[kind], self.loads[other], strict=True)
        return statistics.median(one.per_second / two.per_second for one, two in pairs)


async def measure(folder: Path, rounds: int) -> Received:
    """Every round measures each server once, in turning order, each in a new process on a new file."""
    received = Received()
    kinds = list(REQUESTS)
    for number in range(rounds):
        for kind in kinds:
            received.loads[kind].append(await one(kind, folder / f"{kind}-{number}.db", REQUESTS[kind]))
        kinds.append(kinds.pop(0))
    return received


async def one(kind: str, file: Path, requests: int) -> Load:
    """Start a server, load it once to warm it up and once to measure, and end it."""
    port = free_port()
    async with python("-m", "tests.benchmarks.serve", kind, str(port), str(file)) as server:
        await listening(server, port)
        warm = max(requests // 10, 10 * CONNECTIONS)
        await drive(port, signed, connections=CONNECTIONS, requests=warm)
        load = await drive(port, lambda number: signed(number + warm), connections=CONNECTIONS, requests=requests)
    if load.errors:
        raise SystemExit(f"{kind}: {load.errors} of {load.requests} requests were not answered with 200")
    return load


def signed(number: int, secret: bytes = SECRET) -> bytes:
    """One callback as the provider sends it, signed over its compact JSON, as a whole HTTP request."""
    return signed_callback(
        f'{{"referenceId":"bot-{number:026}","status":"SUCCESSFUL","depositStatus":"SUCCESSFUL",'
        '"onchainStatus":"SUCCESSFUL","cryptoAmount":38.5,"fiatAmount":5000}',
        secret,
    )


def signed_callback(data: str, secret: bytes) -> bytes:
    """A status callback with this `data`, as a whole HTTP request."""
    text = f'{{"event":"transaction.onramp.status.updated","data":{data}'
    signature = "sha256=" + hmac.new(secret, (text + "}").encode(), hashlib.sha256).hexdigest()
    body = f'{text},"signature":"{signature}"}}'.encode()
    return post("/kotani/callbacks/token-of-the-benchmark", body, {"X-Kotani-Signature": signature})
