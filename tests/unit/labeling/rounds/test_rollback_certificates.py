"""Which certificates are in force after releases were rolled back and promoted again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from labeling.rounds.rollback import reason_of, reinstated, set_aside
from labeling.store import Store, certificates, frames, open_store, promotions, releases, rounds
from labeling.store.promotions import How

TESTS = (1, 2, 3)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Release n rests on certificate n - 1; the first on none."""
    folder: Path = tmp_path_factory.mktemp("rollback")
    store = open_store(f"sqlite:///{folder}/state.db")
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
        turn = rounds.record(tx, inputs="in", scorer="s", score_table="t", summary={})
        releases.publish(tx, None, "t", identity="0", made_of={})
        for number in TESTS:
            certificates.record_test(
                tx,
                frame=1,
                round_number=turn.number,
                scorer="s",
                score_table="t",
                passed=True,
                result={"answers": {}},
            )
            releases.publish(tx, number, "t", identity=str(number), made_of={})
    yield store
    store.close()


def change(tx: Connection, number: int, how: How) -> None:
    release = releases.find(tx, number)
    assert release is not None
    reinstated(tx, release)
    aside = set_aside(tx, release) if how == How.ROLLED_BACK else []
    promotions.record(tx, number, how, "ada@desk", set_aside=aside)


def champion(tx: Connection) -> int | None:
    found = certificates.champion(tx)
    return found.number if found else None


@contextmanager
def undone(store: Store) -> Iterator[Connection]:
    """Open a transaction that leaves no trace."""

    class UndoneError(Exception):
        pass

    with suppress(UndoneError), store.write() as tx:
        yield tx
        raise UndoneError


@given(st.lists(st.sampled_from([1, 2, 3, 4]), min_size=1, max_size=6))
def test_the_certificate_in_force_is_the_one_of_the_release(store: Store, numbers: list[int]) -> None:
    with undone(store) as tx:
        for number in numbers:
            change(tx, number, How.ROLLED_BACK)
            assert champion(tx) == (number - 1 or None)
        change(tx, 4, How.PROMOTED)
        assert champion(tx) == 3


def test_a_certificate_that_fell_for_another_reason_stays_down(store: Store) -> None:
    with undone(store) as tx:
        certificates.void(tx, 3, "answers were edited")
        change(tx, 2, How.ROLLED_BACK)
        change(tx, 4, How.PROMOTED)
        assert champion(tx) == 2


def test_what_is_set_aside_says_by_what(store: Store) -> None:
    with undone(store) as tx:
        change(tx, 2, How.ROLLED_BACK)
        entry = promotions.latest(tx)
        assert entry is not None
        assert entry.set_aside == (2, 3)
        fallen = certificates.find(tx, 3)
        assert fallen is not None
        assert fallen.void_reason == reason_of(2) == "set aside by the rollback to release 2"
