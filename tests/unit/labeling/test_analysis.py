"""The voters' table says what snorkel's says, and what snorkel leaves open it says in words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from snorkel.labeling import LFAnalysis

from labeling.analysis import (
    accuracies,
    conflicts,
    coverage,
    covered_share,
    overlaps,
    polarity,
    summarise_voters,
    totals,
    voter_shares,
)
from labeling.calibration.reliability import measure_reliability
from labeling.types import LabelClass, LabelSchema, VoteMatrix
from labeling.votes.applied import AppliedVotes, VoterRun, join_votes, take_recorded

SCHEMA = LabelSchema((LabelClass("A"), LabelClass("B"), LabelClass("C")))
MATRICES = st.tuples(st.integers(1, 30), st.integers(2, 5)).flatmap(
    lambda shape: arrays(np.int8, shape, elements=st.integers(-1, 2))
)


def matrix(hard: npt.NDArray[np.int8]) -> VoteMatrix:
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(hard.shape[1])), 3)


# The warning is of snorkel's own call into scipy.
@pytest.mark.filterwarnings("ignore:Input has data type:FutureWarning")
@settings(max_examples=60, deadline=None)
@given(MATRICES)
def test_shares_are_those_of_snorkel(hard: npt.NDArray[np.int8]) -> None:
    votes, theirs = matrix(hard), LFAnalysis(hard.astype(int))
    assert coverage(votes) == pytest.approx(theirs.lf_coverages())
    assert overlaps(votes) == pytest.approx(theirs.lf_overlaps())
    assert conflicts(votes) == pytest.approx(theirs.lf_conflicts())
    assert covered_share(votes.covered) == pytest.approx(theirs.label_coverage())
    together = totals(votes, SCHEMA.names)
    assert together.coverage == pytest.approx(theirs.label_coverage())
    assert together.overlaps == pytest.approx(theirs.label_overlap())
    assert together.conflicts == pytest.approx(theirs.label_conflict())
    assert together.polarity == polarity(hard, SCHEMA.names)
    named = [[SCHEMA.names[c] for c in classes] for classes in theirs.lf_polarities()]
    assert [list(polarity(hard[:, j], SCHEMA.names)) for j in range(hard.shape[1])] == named


@settings(max_examples=60, deadline=None)
@given(MATRICES, st.integers(0, 2**32 - 1))
def test_accuracies_are_those_of_snorkel(hard: npt.NDArray[np.int8], seed: int) -> None:
    gold = np.random.default_rng(seed).integers(0, 3, len(hard)).astype(np.int8)
    ours, judged = accuracies(matrix(hard), gold)
    voted = (hard != -1).any(axis=0)
    with np.errstate(invalid="ignore"):
        theirs = LFAnalysis(hard.astype(int)).lf_empirical_accuracies(gold)
    assert ours[voted] == pytest.approx(theirs[voted])
    assert np.isnan(ours[~voted]).all()
    assert judged.tolist() == (hard != -1).sum(axis=0).tolist()


def test_items_without_gold_are_not_judged() -> None:
    hard = np.array([[0], [0], [1]], dtype=np.int8)
    shares, judged = accuracies(matrix(hard), np.array([0, -1, 0], dtype=np.int8))
    assert (shares.tolist(), judged.tolist()) == ([0.5], [2])


def test_a_voter_that_is_never_judged_has_no_accuracy_and_no_weight() -> None:
    hard = np.array([[0, -1], [1, -1]], dtype=np.int8)
    applied = AppliedVotes(matrix(hard), (VoterRun("v0", "f"), VoterRun("v1", "g")))
    gold, weights = np.array([0, -1], dtype=np.int8), np.array([0.7, np.nan])
    first, silent = summarise_voters(applied, gold, weights, SCHEMA)
    assert (first.accuracy, first.judged, first.weight, first.polarity) == (1.0, 1, 0.7, ("A", "B"))
    assert (silent.accuracy, silent.judged, silent.weight, silent.polarity) == (None, 0, None, ())
    assert silent.to_dict()["polarity"] == []
    assert (silent.accuracy_interval, silent.to_dict()["accuracy_interval"]) == (None, None)
    assert first.to_dict()["accuracy_interval"] == [0.2065, 1.0]


@settings(max_examples=60, deadline=None)
@given(MATRICES, st.integers(0, 2**32 - 1))
def test_an_interval_holds_its_accuracy_and_shrinks_with_what_is_judged(
    hard: npt.NDArray[np.int8], seed: int
) -> None:
    gold = np.random.default_rng(seed).integers(-1, 3, len(hard)).astype(np.int8)
    once = voter_shares(matrix(hard), gold, SCHEMA.names)
    often = voter_shares(matrix(np.tile(hard, (9, 1))), np.tile(gold, 9), SCHEMA.names)
    for few, many in zip(once, often, strict=True):
        assert (few.accuracy is None) == (few.accuracy_interval is None) == (few.judged == 0)
        if few.accuracy_interval is None or many.accuracy_interval is None:
            continue
        low, high = few.accuracy_interval
        assert 0 <= low <= few.accuracy <= high <= 1
        assert many.accuracy_interval[1] - many.accuracy_interval[0] < high - low


def test_a_refused_function_says_why() -> None:
    runs = (VoterRun("v0", "f", refused="fails an example"), VoterRun("v1", "g", ran=2))
    applied = AppliedVotes(matrix(np.array([[-1, 0], [-1, 1]], dtype=np.int8)), runs)
    refused, other = summarise_voters(applied, np.array([-1, -1], np.int8), np.array([0.5, 0.5]), SCHEMA)
    assert (refused.refused, refused.weight, refused.to_dict()["refused"]) == (
        "fails an example",
        None,
        "fails an example",
    )
    assert (other.refused, other.ran) == (None, 2)


def test_no_items_and_no_voters_are_no_error() -> None:
    none = VoteMatrix(np.empty((0, 2), dtype=np.int8), ("a", "b"), 3)
    assert coverage(none).tolist() == overlaps(none).tolist() == conflicts(none).tolist() == [0, 0]
    assert covered_share(none.covered) == 0
    assert totals(none, SCHEMA.names).to_dict() == {
        "polarity": [],
        "coverage": 0.0,
        "overlaps": 0.0,
        "conflicts": 0.0,
    }
    nobody = VoteMatrix(np.empty((2, 0), dtype=np.int8), (), 3)
    assert coverage(nobody).shape == conflicts(nobody).shape == (0,)


def test_columns_of_several_sources_stand_side_by_side() -> None:
    first = take_recorded({"a": np.array([0, -1], dtype=np.int8)}, 2, 3)
    second = take_recorded({"b": np.array([1, 2], dtype=np.int8)}, 2, 3)
    joined = join_votes([first, second], 2, 3)
    assert joined.votes.hard.tolist() == [[0, 1], [-1, 2]]
    assert joined.votes.voters == ("a", "b")
    assert (joined.ran, joined.cached) == (0, 0)
    assert joined.digest != join_votes([second, first], 2, 3).digest
    assert join_votes([], 2, 3).votes.hard.shape == (2, 0)


def test_a_recorded_vote_that_changes_changes_the_version() -> None:
    versions = {
        take_recorded({"a": np.array(codes, dtype=np.int8)}, 2, 3).digest
        for codes in ([0, 1], [0, 2], [0, -1])
    }
    assert len(versions) == 3


def test_a_language_models_reliability_is_told_in_its_line() -> None:
    applied = AppliedVotes(
        matrix(np.array([[0, 1]], dtype=np.int8)), (VoterRun("v0", "f"), VoterRun("v1", "g"))
    )
    stated = measure_reliability(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]))
    summary = summarise_voters(
        applied, np.array([-1], np.int8), np.array([0.5, 0.5]), SCHEMA, {"v1": {"stated": stated}}
    )
    told = [line.to_dict() for line in summary]
    assert told[0]["reliability"] == {}
    assert told[1]["reliability"]["stated"]["ece"] == pytest.approx(0.4)
