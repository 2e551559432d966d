"""The rule that takes proposed functions, at its borders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labeling.development import acceptance
from labeling.development.acceptance import apply_rule, objections
from labeling.development.accuracy import Accuracy
from labeling.development.trials import Trial, try_function
from labeling.intervals import wilson_interval
from labeling.types import VoteMatrix

GOOD = Trial(
    votes=50,
    coverage=0.05,
    uncovered=20,
    conflicts=3,
    accuracy=Accuracy(19, 20),
    interval=(0.76, 0.99),
    blind=0.5,
    twin="other",
    shared=0.3,
)


def test_a_good_function_meets_no_objection() -> None:
    assert list(objections(GOOD)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"coverage": 0.0009, "votes": 9}, "votes on 9 items, a share of 0.001 is wanted"),
        ({"accuracy": Accuracy(9, 9)}, "9 of its votes can be judged, 10 are wanted"),
        ({"accuracy": Accuracy(0, 0), "interval": (0.0, 1.0)}, "0 of its votes can be judged, 10 are wanted"),
        ({"interval": (0.69, 0.9)}, "its accuracy may be 0.69, 0.7 is wanted"),
        ({"blind": 0.8}, "its accuracy may be 0.76, and naming the class everywhere has 0.80"),
        ({"shared": 0.9}, "other gives 90% of its votes already"),
    ],
)
def test_each_condition_counts_alone(change: dict[str, object], said: str) -> None:
    assert list(objections(replace(GOOD, **change))) == [said]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"coverage": 0.001},
        {"accuracy": Accuracy(10, 10)},
        {"interval": (0.7, 0.9)},
        {"shared": 0.89},
        {"conflicts": 50},
        {"uncovered": 0},
    ],
)
def test_the_borders_and_conflicts_are_no_objection(change: dict[str, object]) -> None:
    assert list(objections(replace(GOOD, **change))) == []  # type: ignore[arg-type]


def test_ten_of_ten_are_just_enough() -> None:
    assert wilson_interval(10, 10)[0] >= acceptance.LEAST_ACCURACY > wilson_interval(9, 9)[0] - 0.01
    assert wilson_interval(9, 10)[0] < acceptance.LEAST_ACCURACY


def column(*rows: int) -> np.ndarray:
    found = np.full(200, -1, dtype=np.int8)
    found[list(rows)] = 1
    return found


def test_of_two_that_repeat_each_other_the_better_is_taken() -> None:
    gold = np.where(np.arange(200) < 60, 1, 0).astype(np.int8)
    wide, narrow, other = column(*range(62)), column(*range(58)), column(*range(20, 60))
    columns = np.stack([wide, narrow, other], axis=1)
    nobody = VoteMatrix(np.empty((200, 0), dtype=np.int8), (), 2)
    trials = [try_function(columns[:, j], nobody, gold) for j in range(3)]
    found = apply_rule(trials, columns, ["wide", "narrow", "other"], 2)
    assert found == [
        ("narrow, proposed too, gives 94% of its votes",),
        (),
        ("narrow, proposed too, gives 95% of its votes",),
    ]


def test_what_the_rule_refuses_is_no_twin_of_others() -> None:
    gold = np.zeros(200, dtype=np.int8)
    gold[:40] = 1
    silent = np.full(200, -1, dtype=np.int8)
    columns = np.stack([column(*range(40)), column(*range(40)), silent], axis=1)
    nobody = VoteMatrix(np.empty((200, 0), dtype=np.int8), (), 2)
    trials = [try_function(columns[:, j], nobody, gold) for j in range(3)]
    trials[0] = replace(trials[0], shared=1.0, twin="there")
    found = apply_rule(trials, columns, ["a", "b", "c"], 2)
    assert found[1] == ()
    assert found[0] == ("there gives 100% of its votes already",)
    assert len(found[2]) == 2


def test_nothing_proposed_is_nothing_taken() -> None:
    assert apply_rule([], np.empty((5, 0), dtype=np.int8), [], 2) == []


def test_functions_at_the_floor_seldom_pass() -> None:
    rng, passed, draws = np.random.default_rng(0), 0, 4_000
    for _ in range(draws):
        right = int((rng.random(40) < acceptance.LEAST_ACCURACY).sum())
        low, high = (round(float(end), 4) for end in wilson_interval(right, 40))
        passed += not list(objections(replace(GOOD, accuracy=Accuracy(right, 40), interval=(low, high))))
    assert passed / draws < 0.035
