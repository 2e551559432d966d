from __future__ import annotations

from labeling.store import Store, rounds


def test_rounds_are_numbered_and_found_by_their_inputs(store: Store) -> None:
    with store.write() as tx:
        assert rounds.latest(tx) is None
        assert rounds.find(tx, "in 1") is None
        first = rounds.record(tx, inputs="in 1", scorer="s", score_table="t", summary={"items": 3})
        second = rounds.record(tx, inputs="in 2", scorer="s", score_table="t", summary={})
        assert (first.number, second.number) == (1, 2)
        assert rounds.find(tx, "in 1") == first
        assert rounds.latest(tx) == second
        assert (rounds.numbered(tx, 1), rounds.numbered(tx, 3)) == (first, None)
    assert first.summary == {"items": 3}


def test_the_same_inputs_give_the_same_round(store: Store) -> None:
    with store.write() as tx:
        first = rounds.record(tx, inputs="in 1", scorer="s", score_table="t", summary={})
        assert rounds.record(tx, inputs="in 1", scorer="s", score_table="t", summary={"x": 1}) == first
        assert rounds.latest(tx) == first


def test_all_rounds_come_in_order(store: Store) -> None:
    with store.write() as tx:
        assert rounds.all_rounds(tx) == []
        made = [
            rounds.record(tx, inputs=f"in {i}", scorer="s", score_table="t", summary={"labels": i})
            for i in range(3)
        ]
        assert rounds.all_rounds(tx) == made
