"""Candidate keywords, on texts made for it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from labeling.development.keywords import (
    Keyword,
    candidate_keywords,
    distinct_terms,
    gold_estimate,
    posterior_estimate,
    voted_already,
)
from labeling.types import ABSTAIN, VoteMatrix

HAM, SPAM = 0, 1
TEXTS = [*["subscribe now"] * 20, *["subscribe please"] * 20, *["lovely song"] * 40]
GOLD = np.array([SPAM] * 40 + [HAM] * 40, dtype=np.int8)
NO_GOLD = np.full(80, ABSTAIN, dtype=np.int8)
UNIFORM = np.full((80, 2), 0.5)


def nobody() -> VoteMatrix:
    return VoteMatrix(np.full((80, 1), ABSTAIN, dtype=np.int8), ("one",), 2)


def voter_on(texts_with: str, code: int) -> VoteMatrix:
    votes = [code if texts_with in text else ABSTAIN for text in TEXTS]
    return VoteMatrix(np.array(votes, dtype=np.int8)[:, None], ("one",), 2)


def by_term(found: list[Keyword]) -> dict[str, Keyword]:
    return {keyword.term: keyword for keyword in found}


def test_terms_are_proven_by_gold() -> None:
    found = by_term(candidate_keywords(TEXTS, nobody(), GOLD, UNIFORM))
    best = found["subscribe"]
    assert (best.label, best.items, best.uncovered, best.precision, best.judged) == (SPAM, 40, 40, 1.0, 40)
    assert best.interval == pytest.approx((0.9124, 1.0), abs=1e-3)
    assert found["lovely"].label == HAM


def test_without_gold_the_posterior_of_covered_items_speaks() -> None:
    votes = voter_on("subscribe now", SPAM)
    posterior = np.where(votes.hard == SPAM, [[0.1, 0.9]], [[0.5, 0.5]])
    found = by_term(candidate_keywords(TEXTS, votes, NO_GOLD, posterior))
    best = found["subscribe"]
    assert (best.interval, best.judged, best.precision, best.uncovered) == (None, 20, 0.9, 20)
    assert "lovely" not in found


@pytest.mark.parametrize(("certain", "listed"), [(0.69, False), (0.71, True)])
def test_an_estimate_from_the_posterior_must_reach_the_same_precision(certain: float, listed: bool) -> None:
    votes = voter_on("subscribe now", SPAM)
    posterior = np.tile([[1 - certain, certain]], (80, 1))
    assert ("subscribe" in by_term(candidate_keywords(TEXTS, votes, NO_GOLD, posterior))) is listed


def test_a_little_gold_may_refute_the_posterior() -> None:
    votes = voter_on("subscribe now", SPAM)
    posterior = np.tile([[0.1, 0.9]], (80, 1))
    gold = NO_GOLD.copy()
    gold[:9] = HAM
    assert "subscribe" not in by_term(candidate_keywords(TEXTS, votes, gold, posterior))


def test_terms_that_a_function_has_already_are_left_out() -> None:
    found = by_term(candidate_keywords(TEXTS, voter_on("subscribe", SPAM), GOLD, UNIFORM))
    assert "subscribe" not in found
    assert "lovely" in found


def test_no_gold_and_no_votes_give_nothing() -> None:
    assert candidate_keywords(TEXTS, nobody(), NO_GOLD, UNIFORM) == []


def test_no_texts_and_rare_terms_give_nothing() -> None:
    votes = VoteMatrix(np.empty((0, 1), dtype=np.int8), ("one",), 2)
    assert candidate_keywords([], votes, NO_GOLD[:0], UNIFORM[:0]) == []
    assert candidate_keywords(TEXTS, nobody(), GOLD, UNIFORM, least=50) == []


def test_a_limit_counts_by_class() -> None:
    found = candidate_keywords(TEXTS, nobody(), GOLD, UNIFORM, most=1)
    assert [k.label for k in found] == [HAM, SPAM]
    assert candidate_keywords(TEXTS, nobody(), GOLD, UNIFORM, most=0) == []


def test_mixed_terms_prove_nothing() -> None:
    gold = np.array([HAM, SPAM] * 40, dtype=np.int8)
    assert candidate_keywords(TEXTS, nobody(), gold, UNIFORM) == []


def test_estimates_by_hand() -> None:
    matrix = csr_matrix(np.array([[1, 0], [1, 1], [1, 0], [0, 1.0]]))
    by_gold = gold_estimate(matrix, np.array([1, 1, 0, -1], dtype=np.int8), 2)
    assert by_gold.judged.tolist() == [3, 1]
    assert by_gold.precision[:, SPAM].tolist() == pytest.approx([2 / 3, 1.0])
    covered = np.array([True, True, False, False])
    posterior = np.array([[0.2, 0.8], [0.4, 0.6], [1, 0], [1, 0]])
    by_model = posterior_estimate(matrix, posterior, covered)
    assert by_model.judged.tolist() == [2, 1]
    assert by_model.precision[:, SPAM].tolist() == pytest.approx([0.7, 0.6])


def test_a_dense_voter_has_no_keyword() -> None:
    matrix = csr_matrix(np.eye(4)[:, :2])
    dense = VoteMatrix(np.ones((4, 1), dtype=np.int8), ("model",), 2)
    assert not voted_already(matrix, dense).any()
    sparse = VoteMatrix(np.array([[1], [-1], [-1], [-1]], dtype=np.int8), ("word",), 2)
    assert voted_already(matrix, sparse).tolist() == [[False, True], [False, False]]


def test_of_terms_on_the_same_items_the_better_one_stays() -> None:
    matrix = csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [1, 1, 1], [0, 0, 1.0]]))
    assert distinct_terms(matrix, np.array([1, 0, 2]), 5) == [1, 2]
    assert distinct_terms(matrix, np.array([1, 0, 2]), 1) == [1]
