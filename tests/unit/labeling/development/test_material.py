"""Which items an author of functions is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeling.development.bench import open_bench
from labeling.development.material import (
    MOST_DISPUTED,
    MOST_LABELLED,
    MOST_UNCOVERED,
    SHOWN_OF_GOLD,
    choose_material,
    is_disputed,
    labelled_rows,
)
from labeling.types import VoteMatrix
from tests.projects import opened, small_rows, write_project

HALF_KNOWN = "gold: {column: known, use: seed}"

QUARRELS = """
from lfs import keyword

refunds = keyword("refund", "invoice", label="BILL")
parcels = keyword("parcel", label="SHIP")
lamps = keyword("lamp", label="SHIP")
"""


@given(hnp.arrays(np.int8, st.integers(0, 300), elements=st.integers(-1, 3)), st.integers(0, 9))
def test_labelled_rows_are_some_of_each_class(gold: np.ndarray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(gold))
    rows = labelled_rows(gold, order, 4)
    assert len(set(rows.tolist())) == len(rows) <= MOST_LABELLED
    assert (gold[rows] != -1).all()
    for c in range(4):
        assert (gold[rows] == c).sum() <= (gold == c).sum() * SHOWN_OF_GOLD


def test_many_classes_have_one_item_each() -> None:
    gold = np.repeat(np.arange(100, dtype=np.int8), 6)
    assert sorted(gold[labelled_rows(gold, np.arange(600), 100)].tolist()) == list(range(100))


def test_disputed_items_have_votes_for_two_classes() -> None:
    hard = np.array([[0, 0], [0, 1], [-1, 1], [-1, -1], [1, 0]], dtype=np.int8)
    assert is_disputed(VoteMatrix(hard, ("a", "b"), 2)).tolist() == [False, True, False, False, True]
    assert is_disputed(VoteMatrix(np.empty((2, 0), dtype=np.int8), (), 2)).tolist() == [False, False]


def test_material_of_a_project(tmp_path: Path) -> None:
    rows = [{**row, "known": row["label"] if i < 300 else None} for i, row in enumerate(small_rows(600))]
    for row in rows:
        del row["label"]
    config = write_project(tmp_path, rows, functions=QUARRELS, gold=HALF_KNOWN)
    with opened(config) as project:
        bench = open_bench(project)
        material, chosen = choose_material(bench, 0)
        again, same = choose_material(bench, 0)
        other, _ = choose_material(bench, 1)
    assert material.counts == {
        "labelled": 3 * (MOST_LABELLED // 3) - 3,
        "disputed": MOST_DISPUTED,
        "uncovered": MOST_UNCOVERED,
    }
    assert material == again
    assert material != other
    assert chosen.tolist() == same.tolist()
    assert len(set(chosen.tolist())) == len(chosen)
    known = {row["text"]: row["known"] for row in rows}
    assert all(shown.label == known[shown.item.text] is not None for shown in material.labelled)
    assert all(shown.label is None for shown in (*material.disputed, *material.uncovered))
    assert all(set(shown.votes.values()) == {"BILL", "SHIP"} for shown in material.disputed)
    assert all(not shown.votes for shown in material.uncovered)
    assert material.present == ("refunds", "parcels", "lamps")


def test_without_gold_no_label_is_shown(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(60), functions=QUARRELS)
    with opened(config) as project:
        material, _ = choose_material(open_bench(project), 0)
    assert material.labelled == ()
    assert material.counts["uncovered"] == MOST_UNCOVERED
    assert all(shown.label is None for shown in (*material.disputed, *material.uncovered))
