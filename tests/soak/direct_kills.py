"""Kills a direct run (kill -9) at random moments: every item ends with one answer, and every bill is known.

Usage: ``python -m tests.soak.direct_kills [--kills 20] [--items 500] [--seed 0]``.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from integrations.messages.requests import parameters
from labeling.store import Store, open_store
from labeling.store.schema import llm_calls, llm_votes
from tests.llm_voters import PlainVoter, texts
from tests.messages_documents import digest, read_log
from tests.messages_process import running
from tests.messages_server import KEY

ROOT = Path(__file__).parents[2]
VOTER = PlainVoter()
FAULTS = ("--chance", "lost,drop,refuse,429,500", "--rate", "0.05")
"""What goes wrong at the server meanwhile: some of it is billed, and some is not."""

PROGRAM = """
import asyncio, signal, sys
from integrations.messages.client import open_completer
from labeling import cli
from labeling.spending import LEASE, Spending, ask, pacing
from labeling.store import lease, open_store
from tests.ledgers import PRICE
from tests.llm_voters import PlainVoter, texts

pacing.BASE_SECONDS = 0.01
signal.signal(signal.SIGINT, cli._interrupt)


def progress(what, done, total):
    print("asking", flush=True)


async def run(url, store, items):
    with lease.acquire(store, LEASE) as held:
        async with open_completer(url, seconds=20) as completer:
            spending = Spending(store, completer, held, PRICE, 1.0, progress=progress)
            await ask(spending, PlainVoter(), texts(items), total=items)


url, database, items = sys.argv[1:]
try:
    asyncio.run(run(url, open_store(database), int(items)))
except KeyboardInterrupt:
    sys.exit(130)
"""


@dataclass
class DirectKills:
    """Runs over the same items that are ended by a signal until one comes to its end.

    Attributes
    ----------
    folder : Path
    items : int
    randomness : random.Random
    seconds : float
        Moments are drawn from so long after the run is about to ask.
    faults : sequence of str
        Options of the server.
    kills : int
        How many runs were ended.
    statuses : Counter of str
        What became of the calls.
    billed : int
        Requests that the server billed.
    unbilled : int
        Calls that the ledger has as answered or lost and the server did not bill.
    """

    folder: Path
    items: int
    randomness: random.Random
    seconds: float
    faults: tuple[str, ...] = FAULTS
    kills: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    billed: int = 0
    unbilled: int = 0

    def until_done(self, most: int, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to each of ``most`` runs, then let a run end, and look at what is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log, database = self.folder / "bill.jsonl", f"sqlite:///{self.folder}/state.db"
        with running(log, "--latency", "0.02", *self.faults) as url:
            for _ in range(most):
                code = self._run(url, database, number)
                assert code in (0, 130, -signal.SIGKILL)
                self.kills += code != 0
            assert self._run(url, database) == 0
        with _opened(database) as store:
            self._check(store, log)

    def _run(self, url: str, database: str, number: signal.Signals | None = None) -> int:
        with begun(url, database, self.items) as process:
            if number is not None:
                time.sleep(self.randomness.uniform(0.0, self.seconds))
                process.send_signal(number)
            _, errors = process.communicate()
        assert process.returncode in (0, 130, -signal.SIGKILL), errors
        return process.returncode

    def _check(self, store: Store, log: Path) -> None:
        bills = Counter(row["digest"] for row in read_log(log))
        asked = {item.digest: digest(parameters(VOTER.request(item))) for item in texts(self.items)}
        with store.read() as tx:
            voted = Counter(tx.scalars(select(llm_votes.c.item)))
            calls = [
                (row.item, row.status) for row in tx.execute(select(llm_calls.c.item, llm_calls.c.status))
            ]
        self.statuses, self.billed = Counter(status for _, status in calls), bills.total()
        by_item = Counter(calls)
        assert voted == dict.fromkeys(asked, 1)
        assert bills.keys() == set(asked.values())
        assert self.statuses["intended"] == 0
        for item, request in asked.items():
            reached = bills[request] - by_item[item, "answered"]
            assert by_item[item, "answered"] == 1
            assert 0 <= reached <= by_item[item, "lost"], f"{item}: {bills[request]} bills"
        self.unbilled = sum(self.statuses[status] for status in ("answered", "lost")) - self.billed


@contextmanager
def begun(url: str, database: str, items: int) -> Iterator[subprocess.Popen[str]]:
    """Begin a run in a process of its own, and wait until it is about to ask."""
    command = [sys.executable, "-c", PROGRAM, url, database, str(items)]
    environment = {**os.environ, "ANTHROPIC_API_KEY": KEY}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


@contextmanager
def _opened(database: str) -> Iterator[Store]:
    store = open_store(database)
    try:
        yield store
    finally:
        store.close()


def main() -> None:
    """Kill as often as was asked, over as many fresh starts as that takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    randomness, kills, start = random.Random(given.seed), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        while kills < given.kills:
            soak = DirectKills(Path(folder) / str(start), given.items, randomness, given.seconds)
            soak.until_done(min(5, given.kills - kills))
            kills, start = kills + soak.kills, start + 1
            sys.stdout.write(
                f"start {start}: {soak.kills} kills, {soak.billed} bills, calls {dict(soak.statuses)}, "
                f"{soak.unbilled} of them not billed\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"{kills} kills: every item has one answer, every bill a call in the ledger\n")


if __name__ == "__main__":
    main()
