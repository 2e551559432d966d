"""A ledger on disk with its lease, and back-off that takes no time."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from labeling.spending import LEASE, Spending, opening
from labeling.spending.pacing import Pace
from labeling.store import Store, lease, open_store
from tests.fakes import ReplayCompleter
from tests.ledgers import PRICE, Ledger


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its schema, which takes longer to make than to copy."""
    path = tmp_path_factory.mktemp("spending") / "state.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    shutil.copy(empty_database, tmp_path / "state.db")
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


@pytest.fixture
def ledger(store: Store) -> Iterator[Ledger]:
    with lease.acquire(store, LEASE) as held:
        yield Ledger(store, Spending(store, ReplayCompleter(), held, PRICE, in_flight=4))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that runs wait, which take no time; jitter takes the middle."""
    seconds: list[float] = []
    now = [1000.0]

    async def sleep(wait: float) -> None:
        seconds.append(wait)
        now[0] += wait
        await asyncio.sleep(0)

    def pace(most: int) -> Pace:
        now[0] += 1.0
        return Pace(most, clock=lambda: now[0], sleep=sleep, draw=lambda: 0.5)

    monkeypatch.setattr(opening, "Pace", pace)
    return seconds
