"""From votes and what a model believes of its voters to class probabilities."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from labeling.label_models.chunks import in_threads, row_chunks
from labeling.label_models.counting import vote_codes
from labeling.types import ABSTAIN, Floats, VoteMatrix

LEAST_LIKELIHOOD = 1e-6
"""Of a soft vote, relative to its most likely class: one answer never rules a class out."""


def softmax(logits: Floats) -> Floats:
    """Give rows that sum to one; the row maximum goes first, so hundreds of votes do not overflow."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def log_posterior(hard: npt.NDArray[np.int8], log_mu: Floats, log_prior: Floats) -> Floats:
    """Add up log P(vote | class) over the votes that were cast, shape (n, k); abstentions add nothing.

    Parameters
    ----------
    hard : array of int8, shape (n, m)
    log_mu : array, shape (m * k, k)
        log P(voter i says a | class) in rows i * k + a.
    log_prior : array, shape (k,)
    """
    rows, codes = vote_codes(hard, len(log_prior))
    ends = np.searchsorted(rows, np.arange(len(hard) + 1))
    cast = csr_array((np.ones(len(codes)), codes, ends), shape=(len(hard), len(log_mu)))
    return np.asarray(cast @ log_mu + log_prior)


def log_likelihood(soft: Floats) -> Floats:
    """Give a soft voter's log likelihoods, shape (n, k), best class at zero; a row of zeros adds nothing."""
    largest = soft.max(axis=1, keepdims=True).astype(float)
    relative = np.where(largest > 0, soft / np.where(largest > 0, largest, 1), 1)
    return np.asarray(np.log(np.maximum(relative, LEAST_LIKELIHOOD)))


def posterior(votes: VoteMatrix, log_mu: Floats, log_prior: Floats, threads: int) -> Floats:
    """Give class probabilities, shape (n, k); a soft voter's likelihood stands in place of its column."""
    soft_columns = [votes.voters.index(name) for name in votes.soft]

    def of_chunk(chunk: slice) -> None:
        hard = votes.hard[chunk]
        if soft_columns:
            hard = hard.copy()
            hard[:, soft_columns] = ABSTAIN
        logits = log_posterior(hard, log_mu, log_prior)
        for likelihood in votes.soft.values():
            logits += log_likelihood(likelihood[chunk])
        proba[chunk] = softmax(logits)

    proba = np.empty((len(votes), len(log_prior)))
    width = len(votes.voters) + votes.n_classes
    in_threads(of_chunk, row_chunks(len(votes), width), threads)
    return proba


def contributions(
    row: npt.NDArray[np.int8], log_mu: Floats, soft: Mapping[int, npt.NDArray[np.float32]] | None = None
) -> Floats:
    """Give what each vote of one row adds to the log posterior, shape (m, k); zero where it abstains.

    Parameters
    ----------
    row : array of int8, shape (m,)
    log_mu : array, shape (m * k, k)
    soft : mapping of int to array, shape (k,)
        Likelihoods that stand in place of the votes in these columns.
    """
    m, k = len(row), log_mu.shape[1]
    added = log_mu.reshape(m, k, k)[np.arange(m), row]
    added[row == ABSTAIN] = 0.0
    for voter, likelihood in (soft or {}).items():
        added[voter] = log_likelihood(likelihood[None])[0]
    return np.asarray(added)
