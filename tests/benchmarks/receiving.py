"""Callbacks received a second at 32 connections: a bare endpoint, ours, the textbook version, one after the other."""

import asyncio
import hashlib
import hmac
import socket
import sys
from pathlib import Path

import httpx
from load import Load, drive, post
from serve import SECRET

CONNECTIONS = 32
HERE = Path(__file__).parent


def signed(number: int) -> bytes:
    """One callback as the provider sends it, signed over its compact JSON, as a whole HTTP request."""
    text = (
        f'{{"event":"transaction.onramp.status.updated","data":{{"referenceId":"bot-{number:026}","status":"SUCCESSFUL",'
        '"depositStatus":"SUCCESSFUL","onchainStatus":"SUCCESSFUL","cryptoAmount":38.5,"fiatAmount":5000}'
    )
    signature = "sha256=" + hmac.new(SECRET, (text + "}").encode(), hashlib.sha256).hexdigest()
    body = f'{text},"signature":"{signature}"}}'.encode()
    return post("/kotani/callbacks/token-of-the-benchmark", body, {"X-Kotani-Signature": signature})


async def measure(kind: str, folder: Path, requests: int) -> Load:
    """Start one of the servers, load it once to warm it up and once to measure, and end it."""
    port = free_port()
    command = [sys.executable, str(HERE / "serve.py"), kind, str(port), str(folder / f"{kind}.db")]
    server = await asyncio.create_subprocess_exec(*command)
    try:
        await answering(port)
        warm = max(requests // 10, CONNECTIONS)
        await drive(port, signed, connections=CONNECTIONS, requests=warm)
        load = await drive(port, lambda number: signed(number + warm), connections=CONNECTIONS, requests=requests)
    finally:
        server.terminate()
        await server.wait()
    if load.errors:
        raise SystemExit(f"{kind}: {load.errors} of {load.requests} requests were not answered with 200")
    return load


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def answering(port: int, within: float = 20.0) -> None:
    """Wait until something answers on a port."""
    async with asyncio.timeout(within), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/")
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return
