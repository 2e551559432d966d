"""An interruption waits for the end of a write transaction."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from labeling.store import Store, manifest, open_store
from labeling.store.signals import HELD, held_signals

ENTRY = manifest.ManifestEntry("votes", "key", "votes/x", "x", 1, {})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr("labeling.store.database.BUSY_SECONDS", 1.0)
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


def record(store: Store, *, interruptions: int) -> None:
    with store.write() as tx:
        manifest.record(tx, ENTRY)
        for _ in range(interruptions):
            signal.raise_signal(signal.SIGINT)
        manifest.record(tx, ENTRY)


def test_what_was_begun_is_committed_first(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        record(store, interruptions=1)
    with store.read() as tx:
        assert manifest.find(tx, "votes", "key") == ENTRY


def test_a_second_interruption_does_not_wait(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        record(store, interruptions=2)
    with store.read() as tx:
        assert manifest.find(tx, "votes", "key") is None


@pytest.mark.parametrize("number", HELD)
def test_handlers_are_as_they_were(number: signal.Signals) -> None:
    before = {n: signal.getsignal(n) for n in HELD}
    seen: list[int] = []
    signal.signal(number, lambda n, frame: seen.append(n))
    try:
        with held_signals():
            signal.raise_signal(number)
            assert seen == []
        assert seen == [number]
        signal.raise_signal(number)
        assert seen == [number, number]
    finally:
        signal.signal(number, before[number])
    with held_signals():
        pass
    assert {n: signal.getsignal(n) for n in HELD} == before


def test_an_error_within_does_not_swallow_the_interruption() -> None:
    def fails() -> None:
        with held_signals():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("within")

    with pytest.raises(KeyboardInterrupt) as caught:
        fails()
    assert isinstance(caught.value.__context__, ValueError)


def test_other_threads_have_no_signals_to_hold(store: Store) -> None:
    thread = threading.Thread(target=record, args=(store,), kwargs={"interruptions": 0})
    thread.start()
    thread.join()
    with store.read() as tx:
        assert manifest.find(tx, "votes", "key") == ENTRY


def test_an_interruption_at_any_moment_leaves_the_store_open_for_writing(store: Store) -> None:
    def alarm(number: int, frame: object) -> None:
        signal.raise_signal(signal.SIGINT)

    draw, before, finished = random.Random(0), signal.signal(signal.SIGALRM, alarm), -1
    try:
        for i in range(150):
            try:
                signal.setitimer(signal.ITIMER_REAL, draw.uniform(0.0001, 0.006))
                with store.write() as tx:
                    manifest.record(tx, manifest.ManifestEntry("votes", "k", f"votes/{i}", str(i), i, {}))
                finished = i
            except KeyboardInterrupt:
                pass
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        with store.write() as tx:
            manifest.record(tx, ENTRY)
    finally:
        signal.signal(signal.SIGALRM, before)
    with store.read() as tx:
        assert manifest.find(tx, "votes", "key") == ENTRY
        kept = manifest.find(tx, "votes", "k")
    assert kept is not None
    assert kept.rows >= finished >= 0
    assert (kept.path, kept.digest) == (f"votes/{kept.rows}", str(kept.rows))
