"""Names, labels and accuracy on a writer's bench."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.development.accuracy import judge
from labeling.development.bench import argmax_labels, check_voters
from labeling.errors import InputError
from labeling.types import ABSTAIN, VoteMatrix


def test_labels_are_the_most_probable_class_where_somebody_votes() -> None:
    votes = VoteMatrix(np.array([[0], [1], [-1]], dtype=np.int8), ("one",), 2)
    posterior = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    labels = argmax_labels(posterior, votes)
    assert labels.tolist() == [0, 1, ABSTAIN]
    assert labels.dtype == np.int8


def test_unknown_voters_are_all_named() -> None:
    check_voters([], [])
    check_voters(["links"], ["links", "love"])
    with pytest.raises(InputError) as caught:
        check_voters(["lnks", "links", "zzz"], ["links", "love"])
    assert caught.value.problems == (
        "'lnks': expected the name of a voter. Did you mean links?",
        "'zzz': expected the name of a voter. There are links, love.",
    )
    with pytest.raises(InputError, match="There are none"):
        check_voters(["links"], [])


def test_accuracy_counts_what_has_a_vote_and_gold() -> None:
    found = judge(np.array([0, 1, 1, -1], dtype=np.int8), np.array([0, 0, -1, 1], dtype=np.int8))
    assert found.to_dict() == {"right": 1, "judged": 2, "accuracy": 0.5}
    nothing = np.empty(0, dtype=np.int8)
    assert judge(nothing, nothing).share is None
