"""Answers of people in the form of votes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import InputError
from labeling.label_models import answers as module
from labeling.label_models.answers import votes_from_answers

TRIPLES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz"), st.sampled_from(["no", "yes"])), min_size=1
)


@given(TRIPLES)
def test_each_answer_is_a_vote(triples: list[tuple[str, str, str]]) -> None:
    found = votes_from_answers(*map(list, zip(*triples, strict=True)), classes=["no", "yes"])
    told: dict[tuple[str, str], set[str]] = {}
    for item, worker, label in triples:
        told.setdefault((item, worker), set()).add(label)
    for i, item in enumerate(found.items):
        for j, worker in enumerate(found.votes.voters):
            said = told.get((item, worker), set())
            expected = found.classes.index(next(iter(said))) if len(said) == 1 else -1
            assert found.votes.hard[i, j] == expected
    assert found.conflicts == sum(len(said) > 1 for said in told.values())


def test_classes_are_those_found_or_those_given() -> None:
    found = votes_from_answers(["1", "2"], ["w", "w"], ["b", "a"])
    assert found.classes == ("a", "b")
    np.testing.assert_array_equal(found.votes.hard, [[1], [0]])
    given_first = votes_from_answers(["1"], ["w"], ["b"], ["b", "a", "c"])
    assert (given_first.votes.n_classes, given_first.votes.hard[0, 0]) == (3, 0)


def test_what_is_wrong_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="expected at least one, got none"):
        votes_from_answers([], [], [])
    with pytest.raises(InputError, match="expected one of no, yes, got 'maybe'"):
        votes_from_answers(["1"], ["w"], ["maybe"], ["no", "yes"])
    many = [str(i) for i in range(128)]
    with pytest.raises(InputError, match="at most 127 classes, got 128"):
        votes_from_answers(many, many, many)
    monkeypatch.setattr(module, "MOST_CELLS", 3)
    with pytest.raises(InputError, match="got 2 items by 2 workers"):
        votes_from_answers(["1", "2"], ["v", "w"], ["a", "a"])
