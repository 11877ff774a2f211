"""`make bench`: everything is measured beside a peer and a limit of the machine, and held to its target.

The exit code is 0 when all targets are met. Take figures on an otherwise idle machine.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bot.memory import calm
from tests.benchmarks import assistant, limits, receiving, settling
from tests.benchmarks.processes import ROOT

SETTLED, SETTLED_PLAINLY = 3_000, 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `met` is None for what is there to compare with."""

    what: str
    figure: str
    target: str = ""
    met: bool | None = None


def main() -> int:
    """Measure, print, and say whether all targets are met."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of alternating servers (default: 5)")
    parser.add_argument("--folder", type=Path, default=ROOT / ".benchmarks", help="where databases are written")
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    calm()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        return uvloop.run(_measure(Path(folder), given.rounds))


async def _measure(folder: Path, rounds: int) -> int:
    began = time.monotonic()
    print(limits.machine(folder), flush=True)
    met = True
    for part in (_whole, _receiving, _settling):
        print(flush=True)
        for line in await part(folder, rounds):
            met &= line.met is not False
            verdict = {True: "met", False: "NOT MET", None: ""}[line.met]
            print(f"{line.what:<58} {line.figure:>12}  {line.target:<18} {verdict}".rstrip(), flush=True)
    print(
        f"\n{'All targets are met' if met else 'Some targets are not met'}, in {time.monotonic() - began:.0f} seconds."
    )
    return 0 if met else 1


async def _receiving(folder: Path, rounds: int) -> Iterator[Line]:
    flushes, commits = limits.flushes(folder), limits.commits(folder)
    found = await receiving.measure(folder, rounds)
    of_bare, of_textbook = found.ratio("ours", "bare"), found.ratio("ours", "textbook")
    p99 = found.p99("ours")
    return iter(
        (
            Line(f"Callbacks received, {receiving.CONNECTIONS} connections: ours", _rate(found.per_second("ours"))),
            Line("  the slowest of a hundred (p99)", _milliseconds(p99), "below 20 ms", p99 < 0.020),
            Line("  beside a bare Starlette endpoint", f"{of_bare:.2f} of it", "at least 0.4", of_bare >= 0.4),
            Line("  beside the textbook version", f"{of_textbook:.1f} times", "at least 8 times", of_textbook >= 8),
            Line("Peer: a bare Starlette endpoint, which keeps nothing", _rate(found.per_second("bare"))),
            Line("  p99", _milliseconds(found.p99("bare"))),
            Line("Peer: the textbook version, one commit a request", _rate(found.per_second("textbook"))),
            Line("  p99", _milliseconds(found.p99("textbook"))),
            Line("Limit: the same load answered without HTTP", _rate(found.per_second("echo"))),
            Line("Limit: commits of one row, sqlite3 alone", _rate(commits)),
            Line("Limit: flushes of one page to this disk", _rate(flushes)),
        )
    )


async def _settling(folder: Path, rounds: int) -> Iterator[Line]:
    ours: list[float] = []
    ratios: list[float] = []
    commits = 0
    for number in range(min(rounds, 3)):
        rate, commits = await settling.ours(folder / f"settling-{number}.db", SETTLED)
        plain = await settling.textbook(folder / f"settling-plainly-{number}.db", SETTLED_PLAINLY)
        ours.append(rate)
        ratios.append(rate / plain)
    settled, ratio = statistics.median(ours), statistics.median(ratios)
    return iter(
        (
            Line("Payments settled: ours", _rate(settled), "at least 1,500/s", settled >= 1500),
            Line("  beside the textbook version", f"{ratio:.1f} times", "at least 5 times", ratio >= 5),
            Line("Peer: the textbook version, one commit a payment", _rate(settled / ratio)),
            Line("  payments in one commit of ours", f"{SETTLED / commits:.0f}"),
        )
    )


async def _whole(folder: Path, _rounds: int) -> Iterator[Line]:
    found = await assistant.measure(folder)
    if found.load.errors:
        raise SystemExit(f"{found.load.errors} callbacks were not taken by the assistant")
    return iter(
        (
            Line("Start to ready, on a new database", f"{found.start:.2f} s", "below 2 s", found.start < 2),
            Line("Memory once ready", f"{found.idle_memory:.0f} MB"),
            Line(
                f"Memory after {assistant.CALLBACKS:,} callbacks, {assistant.PURCHASES} purchases",
                f"{found.memory:.0f} MB",
                "below 150 MB",
                found.memory < 150,
            ),
            Line(
                "Callback sent to outcome in the chat, receipt included",
                _milliseconds(found.told_median),
                "below 100 ms",
                found.told_median < 0.1,
            ),
            Line("  the slowest of them", _milliseconds(found.told_worst)),
            Line("Callbacks received by the whole assistant, while applying", _rate(found.load.per_second)),
        )
    )


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}/s"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
