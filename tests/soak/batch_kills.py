"""Kills a run in batches (kill -9) at random moments: nothing is billed twice, all items get one answer.

Usage: ``python -m tests.soak.batch_kills [--kills 20] [--items 500] [--seed 0]``.
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

from labeling.store import Store, open_store
from labeling.store.schema import llm_calls, llm_votes
from tests.messages_documents import read_log
from tests.messages_process import running
from tests.messages_server import KEY

ROOT = Path(__file__).parents[2]
LOSSES = ("ok", "lost", "ok", "drop", "refuse", "lost")
"""What becomes of the answers to the making of batches, over and over."""

PROGRAM = """
import asyncio, sys
from datetime import timedelta
from functools import partial
from integrations.messages.client import open_completer
from labeling.spending import Spending, ask_batches
from labeling.spending import batch_recovery, batch_results, batch_submission, batch_waiting
from labeling.store import lease, open_store
from tests.llm_voters import PlainVoter, texts

batch_recovery.GRACE, batch_recovery.LOOK_SECONDS = timedelta(seconds=1), 0.1
batch_results.CHUNK, batch_waiting.FIRST_SECONDS = 40, 0.05
batch_submission.first_that_fit = partial(batch_submission.first_that_fit, most=120)


async def run(url, store, items):
    with lease.acquire(store, "llm") as held:
        async with open_completer(url, seconds=20) as completer:
            print("ready", flush=True)
            await ask_batches(Spending(store, completer, held), PlainVoter(), texts(items))


url, database, items = sys.argv[1:]
asyncio.run(run(url, open_store(database), int(items)))
"""
"""A run, with small batches and small transactions, so that moments of writing are hit."""


@dataclass
class Kills:
    """Runs over the same items that are killed until one comes to its end.

    Attributes
    ----------
    folder : Path
    items : int
    randomness : random.Random
    seconds : float
        Moments are drawn from so long after the start.
    kills : int
        How many there were.
    """

    folder: Path
    items: int
    randomness: random.Random
    seconds: float
    kills: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def until_done(self, most: int) -> None:
        """Kill up to ``most`` times, then let a run end, and look at what is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log, database = self.folder / "bill.jsonl", f"sqlite:///{self.folder}/state.db"
        losses = ",".join(LOSSES * 20)
        options = ("--batch-seconds", "0.3", "--batch-faults", losses, "--labels", "HAM,SPAM")
        with running(log, *options) as url:
            for _ in range(most):
                if self._killed(url, database):
                    self.kills += 1
                else:
                    break
            else:
                assert not self._killed(url, database, kill=False)
        with _opened(database) as store:
            self._check(store, log)

    def _killed(self, url: str, database: str, *, kill: bool = True) -> bool:
        command = [sys.executable, "-c", PROGRAM, url, database, str(self.items)]
        environment = {**os.environ, "ANTHROPIC_API_KEY": KEY}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            if kill:
                time.sleep(self.randomness.uniform(0.0, self.seconds))
                process.kill()
            _, errors = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), errors
        return process.returncode != 0

    def _check(self, store: Store, log: Path) -> None:
        billed = Counter(row["digest"] for row in read_log(log))
        twice = {digest: n for digest, n in billed.items() if n > 1}
        assert not twice, f"billed twice: {len(twice)} of {len(billed)}"
        assert len(billed) == self.items
        with store.read() as tx:
            voted = Counter(tx.scalars(select(llm_votes.c.item)))
            self.counts = Counter(tx.scalars(select(llm_calls.c.status)))
        assert len(voted) == self.items
        assert set(voted.values()) == {1}
        assert self.counts["answered"] == self.items
        assert self.counts["lost"] == self.counts["intended"] == 0


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
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    randomness, kills = random.Random(given.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        start = 0
        while kills < given.kills:
            soak = Kills(Path(folder) / str(start), given.items, randomness, given.seconds)
            soak.until_done(given.kills - kills)
            kills, start = kills + soak.kills, start + 1
            print(f"start {start}: {soak.kills} kills, calls {dict(soak.counts)}", flush=True)  # noqa: T201
    print(f"{kills} kills: nothing was billed twice, every item has one answer")  # noqa: T201


if __name__ == "__main__":
    main()
