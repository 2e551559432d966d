"""Pre-labels against the vendor's plain client on one local server; all asked before; in memory."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import anthropic

from integrations.messages.client import open_completer
from integrations.messages.requests import parameters
from labeling.spending import LEASE, Spending, ask
from labeling.store import Store, lease, open_store
from tests.benchmarks.harness import REPEATS, Benchmark, Result
from tests.benchmarks.scale import Run, against, command
from tests.ledgers import PRICE
from tests.llm_projects import write_llm_project
from tests.llm_voters import PlainVoter, texts
from tests.messages_process import running
from tests.messages_server import KEY

IN_FLIGHT = 32
PAIRS = 5
TURN = 500
RATE_FLOOR = 0.8
AGAIN_SECONDS = 2.0
MEMORY_FLOOR = 0.9
VOTER = PlainVoter()

ASKING = """
import asyncio, sys
from labeling.store import open_store
from tests.benchmarks.prelabels import ours
url, database, rows = sys.argv[1:]
asyncio.run(ours(url, open_store(database), int(rows)))
print("{}")
"""


@contextmanager
def server() -> Iterator[tuple[str, Path]]:
    """Run a server as a process, with a folder for its log and ours; it tells no limits of its rate."""
    with (
        tempfile.TemporaryDirectory() as name,
        mock.patch.dict(os.environ, {"ANTHROPIC_API_KEY": KEY}),
        running(Path(name, "log"), "--kind", "vllm") as url,
    ):
        yield url, Path(name)


async def ours(url: str, store: Store, rows: int, start: int = 0) -> float:
    """Ask with ledger, budget and pacing; give the seconds."""
    async with open_completer(url) as completer:
        with lease.acquire(store, LEASE) as held:
            spending = Spending(store, completer, held, PRICE, budget=1000.0, in_flight=IN_FLIGHT)
            begun = time.perf_counter()
            tally = await ask(spending, VOTER, texts(rows, start))
            seconds = time.perf_counter() - begun
    assert tally.requests == tally.answered == rows
    return seconds


async def plain(url: str, rows: int, start: int = 0) -> float:
    """Ask with the vendor's client and a semaphore; give the seconds."""
    gate = asyncio.Semaphore(IN_FLIGHT)
    async with anthropic.AsyncAnthropic(api_key=KEY, base_url=url) as client:

        async def one(given: dict[str, object]) -> str:
            async with gate:
                message = await client.messages.create(**given)  # type: ignore[call-overload]
                return "".join(block.text for block in message.content if block.type == "text")

        begun = time.perf_counter()
        said = await asyncio.gather(*(one(parameters(VOTER.request(item))) for item in texts(rows, start)))
        seconds = time.perf_counter() - begun
    assert len(said) == rows
    return seconds


def pair(url: str, store: Store, rows: int) -> tuple[float, float]:
    """Give the seconds of both sides, which take turns: what else the machine does meets both alike."""
    turns = [
        (asyncio.run(ours(url, store, TURN, start)), asyncio.run(plain(url, TURN, start)))
        for start in range(0, rows, TURN)
    ]
    mine, peer = (sum(side) for side in zip(*turns, strict=True))
    return mine, peer


def rate(rows: int) -> Result:
    """Requests per second with 32 in flight: the median of five pairs, each side by side."""
    pairs = []
    with server() as (url, folder):
        asyncio.run(plain(url, rows // 10))
        for i in range(PAIRS):
            store = open_store(f"sqlite:///{folder}/{i}.db")
            pairs.append(pair(url, store, rows))
            store.close()
    mine, peer = (rows / statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    return Result(round(mine, 1), round(peer, 1), round(ratio, 3), RATE_FLOOR, True, "requests/s")


def again(rows: int) -> Result:
    """The command where all is answered: over its start, which is the command on one row."""
    with server() as (url, folder):
        asked = {n: llm_run(folder, url, n) for n in (rows, 1)}
        once = [{n: llm_run(folder, url, n) for n in (rows, 1)} for _ in range(REPEATS)]
    seconds = {n: min(runs[n].seconds for runs in once) for n in (rows, 1)}
    equal = asked[rows].report["answered"] == rows and all(
        (runs[rows].report["requests"], runs[rows].report["cached"]) == (0, rows) for runs in once
    )
    return against(max(seconds[rows] - seconds[1], 0.001), AGAIN_SECONDS, equal)


def llm_run(folder: Path, url: str, rows: int) -> Run:
    """Run `quorum llm run` on a project of so many rows."""
    folder = folder / f"{rows}"
    if not folder.is_dir():
        folder.mkdir()
        texts = [
            {"id": f"{i}", "text": f"message {i}: where is my parcel?", "label": "SHIP"} for i in range(rows)
        ]
        write_llm_project(folder, url, rows=texts, section="budget: 1000.0")
    return command(folder, ("-m", "labeling.cli", "llm", "run", "--json"))


def memory(rows: int) -> Result:
    """Peak memory of a run over many items against one over a tenth of them."""
    with server() as (url, folder):
        peaks = [
            command(folder, ("-c", ASKING, url, f"sqlite:///{folder}/{n}.db", f"{n}")).megabytes
            for n in (rows, rows // 10)
        ]
    mine, peer = peaks
    return Result(round(mine, 1), round(peer, 1), round(peer / mine, 3), MEMORY_FLOOR, True, "MB")


BENCHMARKS: dict[str, Benchmark] = {
    "pre-labels, requests per second with 32 in flight, floor .8": (rate, 500, 3000),
    "pre-labels, all answered, limit 2 s over the start": (again, 1_000, 10_000),
    "pre-labels, peak memory against a tenth of the items, floor .9": (memory, 2_000, 50_000),
}
