"""What changed between two sets of votes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeling.development.moves import Change, MovedItem, describe_change, moved

NAMES = ("HAM", "SPAM")


def described(before: list[int], after: list[int], gold: list[int], limit: int = 5) -> Change:
    columns = [np.array(column, dtype=np.int8) for column in (before, after, gold)]
    return describe_change(
        *columns,
        name=lambda code: None if code < 0 else NAMES[code],
        show=lambda i: MovedItem(f"r{i}", f"text {i}", None if gold[i] < 0 else NAMES[gold[i]]),
        limit=limit,
    )


def test_moves_are_grouped_by_class() -> None:
    change = described([-1, -1, 0, 1, 0, 1], [1, 1, -1, 0, 0, 1], [1, 0, -1, -1, 0, 0])
    assert [(m.before, m.after, m.total) for m in change.moves] == [
        (None, "SPAM", 2),
        ("HAM", None, 1),
        ("SPAM", "HAM", 1),
    ]
    assert (change.gained, change.lost, change.flipped) == (2, 1, 1)
    assert (change.accuracy_before.right, change.accuracy_before.judged) == (1, 2)
    assert (change.accuracy_after.right, change.accuracy_after.judged) == (2, 4)


def test_items_with_gold_are_shown_first() -> None:
    [move] = described([-1] * 4, [0] * 4, [-1, -1, 0, 1], limit=3).moves
    assert [item.id for item in move.items] == ["r2", "r3", "r0"]
    assert move.total == 4


def test_nothing_changed() -> None:
    change = described([0, -1], [0, -1], [-1, -1])
    assert change.moves == ()
    assert change.to_dict()["accuracy_after"] == {"right": 0, "judged": 0, "accuracy": None}


def test_no_limit_hides_the_counts() -> None:
    assert described([0], [1], [1], limit=0).moves[0].total == 1


@given(hnp.arrays(np.int8, (2, 40), elements=st.integers(-1, 3)))
def test_every_item_that_changed_is_in_one_move(pair: np.ndarray) -> None:
    before, after = pair
    found = moved(before, after)
    rows = np.concatenate([r for *_, r in found]) if found else np.empty(0, dtype=int)
    assert sorted(rows) == np.flatnonzero(before != after).tolist()
    for old, new, members in found:
        assert (before[members] == old).all()
        assert (after[members] == new).all()
    sizes = [len(r) for *_, r in found]
    assert sizes == sorted(sizes, reverse=True)
