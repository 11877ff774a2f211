"""Other processes under measurement: started, waited for until they answer, looked at, and ended."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def python(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python ARGUMENTS` from the root of the project, silent unless it complains; ended with SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def listening(process: asyncio.subprocess.Process, port: int, within: float = 30.0) -> None:
    """Wait until the process takes connections on a port of loopback."""
    async with asyncio.timeout(within):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                alive(process)
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


def alive(process: asyncio.subprocess.Process) -> None:
    """End the benchmark when the process has ended."""
    if process.returncode is not None:
        raise SystemExit(f"a process that was to be measured ended with {process.returncode}")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def memory(process: asyncio.subprocess.Process) -> float:
    """What the process holds in memory now, in megabytes of a million bytes (Linux; elsewhere `ps` says it)."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        kilobytes = int(line.split()[1])
    else:
        kilobytes = int(
            subprocess.run(["ps", "-o", "rss=", "-p", str(process.pid)], capture_output=True, check=True).stdout
        )
    return kilobytes * 1024 / 1_000_000
