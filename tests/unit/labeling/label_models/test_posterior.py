"""Class probabilities from votes: by hand, in chunks and threads, with soft votes, and explained."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.label_models.posterior import (
    LEAST_LIKELIHOOD,
    contributions,
    log_likelihood,
    log_posterior,
    posterior,
    softmax,
)
from labeling.types import VoteMatrix


def drawn(n: int, m: int, k: int, seed: int) -> tuple[VoteMatrix, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    hard = rng.integers(-1, k, size=(n, m)).astype(np.int8)
    log_mu = np.log(rng.uniform(0.01, 0.9, size=(m * k, k)))
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(m)), k), log_mu, np.log(rng.dirichlet(np.ones(k)))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(1, 8), st.integers(2, 6), st.integers(0, 999))
def test_votes_add_up_as_written_out(n, m, k, seed):
    votes, log_mu, log_prior = drawn(n, m, k, seed)
    expected = np.tile(log_prior, (n, 1))
    for i, row in enumerate(votes.hard):
        for j, vote in enumerate(row):
            if vote >= 0:
                expected[i] += log_mu[j * k + vote]
    np.testing.assert_allclose(log_posterior(votes.hard, log_mu, log_prior), expected, atol=1e-12)
    np.testing.assert_allclose(posterior(votes, log_mu, log_prior, 1), softmax(expected), atol=1e-12)


def test_chunks_and_threads_change_nothing(monkeypatch):
    votes, log_mu, log_prior = drawn(500, 6, 3, 1)
    whole = posterior(votes, log_mu, log_prior, 1)
    monkeypatch.setattr("labeling.label_models.chunks.CELLS", 64)
    np.testing.assert_array_equal(posterior(votes, log_mu, log_prior, 3), whole)


def test_hundreds_of_votes_do_not_overflow_where_the_plain_formula_does():
    logits = np.array([[-900.0, -900.0 + np.log(3)]])
    with np.errstate(all="ignore"):
        assert np.isnan(np.exp(logits) / np.exp(logits).sum()).all()
    np.testing.assert_allclose(softmax(logits), [[0.25, 0.75]])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(2, 6), st.integers(0, 999), st.booleans())
def test_contributions_add_up_to_the_posterior(m, k, seed, with_soft):
    votes, log_mu, log_prior = drawn(5, m, k, seed)
    soft = np.random.default_rng(seed).random((5, k)).astype(np.float32)
    if with_soft:
        votes = VoteMatrix(votes.hard, votes.voters, k, soft={votes.voters[-1]: soft})
    for i, expected in enumerate(posterior(votes, log_mu, log_prior, 1)):
        added = contributions(votes.hard[i], log_mu, {m - 1: soft[i]} if with_soft else None)
        np.testing.assert_allclose(softmax((added.sum(axis=0) + log_prior)[None])[0], expected, atol=1e-9)


def test_explaining_leaves_what_the_model_believes_alone():
    votes, log_mu, _ = drawn(1, 3, 2, 0)
    kept = log_mu.copy()
    contributions(np.full(3, -1, dtype=np.int8), log_mu, {0: np.array([0.2, 0.8], dtype=np.float32)})
    np.testing.assert_array_equal(log_mu, kept)
    assert len(votes) == 1


def test_a_soft_vote_stands_in_place_of_the_hard_one():
    log_mu = np.log(np.array([[0.9, 0.1], [0.1, 0.9]]))
    soft = np.array([[0.3, 0.6], [0.0, 0.0]], dtype=np.float32)
    votes = VoteMatrix(np.zeros((2, 1), dtype=np.int8), ("llm",), 2, soft={"llm": soft})
    proba = posterior(votes, log_mu, np.log([0.25, 0.75]), 1)
    np.testing.assert_allclose(proba, [[0.3 * 0.25 / 0.525, 0.6 * 0.75 / 0.525], [0.25, 0.75]], atol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 1e-30])
def test_a_soft_vote_never_rules_a_class_out(scale):
    likelihood = log_likelihood(np.array([[0.0, 1.0]], dtype=np.float32) * np.float32(scale))
    np.testing.assert_allclose(likelihood, [[np.log(LEAST_LIKELIHOOD), 0]])
