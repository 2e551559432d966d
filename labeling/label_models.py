"""Label models: from the votes on an item to class probabilities."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from labeling.errors import QuorumError
from labeling.types import ABSTAIN, Floats, LabelModel, VoteMatrix

SNORKEL_LEAST_VOTERS = 3
CHUNK_ROWS = 65_536
STEP_SIZES = (0.01, 0.001, 0.0001)


@dataclass(frozen=True)
class CoVotes:
    """Counts of votes that occur together: additive over rows, and all that training needs.

    Parameters
    ----------
    counts : array of int64, shape (m * k, m * k)
        ``counts[i * k + a, j * k + b]``: rows on which voter i says a and voter j says b.
    rows : int
    n_voters, n_classes : int
    """

    counts: npt.NDArray[np.int64]
    rows: int
    n_voters: int
    n_classes: int

    def __add__(self, other: CoVotes) -> CoVotes:
        return CoVotes(self.counts + other.counts, self.rows + other.rows, self.n_voters, self.n_classes)


def one_hot(hard: npt.NDArray[np.int8], n_classes: int) -> npt.NDArray[np.float32]:
    """Give votes as indicators: (n, m) int8 to (n, m * k) float32; abstentions are all zero."""
    indicators = hard[:, :, None] == np.arange(n_classes, dtype=np.int8)
    return np.asarray(indicators, dtype=np.float32).reshape(len(hard), -1)


def count_co_votes(votes: VoteMatrix) -> CoVotes:
    """Count which votes occur together, exactly (float32 products of chunks below 2^24 rows are integers)."""
    width = len(votes.voters) * votes.n_classes
    counts = np.zeros((width, width), dtype=np.int64)
    for start in range(0, len(votes), CHUNK_ROWS):
        indicators = one_hot(votes.hard[start : start + CHUNK_ROWS], votes.n_classes)
        counts += (indicators.T @ indicators).astype(np.int64)
    return CoVotes(counts, len(votes), len(votes.voters), votes.n_classes)


def softmax(logits: Floats) -> Floats:
    """Give rows that sum to one; the row maximum goes first, so hundreds of votes do not overflow."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def vote_shares(votes: VoteMatrix) -> Floats:
    """Give each class's share of the votes, shape (n, k); rows without a vote are uniform."""
    shares = np.stack([(votes.hard == c).sum(axis=1) for c in range(votes.n_classes)], axis=1).astype(float)
    shares[~votes.covered] = 1.0
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def log_posterior(hard: npt.NDArray[np.int8], log_mu: Floats, log_prior: Floats) -> Floats:
    """Add up log P(vote | class) over the votes that were cast, shape (n, k); abstentions add nothing."""
    n_voters, n_classes = hard.shape[1], len(log_prior)
    table = log_mu.reshape(n_voters, n_classes, n_classes)
    padded = np.concatenate([table, np.zeros((n_voters, 1, n_classes))], axis=1)
    total = np.tile(log_prior, (len(hard), 1))
    for voter in range(n_voters):
        total += padded[voter, hard[:, voter]]
    return total


class MajorityModel:
    """Vote shares as probabilities: every vote weighs the same."""

    def statistics(self, votes: VoteMatrix) -> CoVotes:
        """Count votes; the majority needs none of it beyond the shape."""
        return CoVotes(np.zeros((0, 0), dtype=np.int64), len(votes), len(votes.voters), votes.n_classes)

    def fit(self, statistics: CoVotes, *, class_balance: Floats | None = None) -> Self:
        """Remember the class balance that rows without a vote get."""
        k = statistics.n_classes
        uniform = np.full(k, 1 / k)
        self.class_balance_: Floats = uniform if class_balance is None else np.asarray(class_balance)
        self.weights_: Floats = np.full(statistics.n_voters, np.nan)
        return self

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give vote shares, shape (n, k)."""
        proba = vote_shares(votes)
        proba[~votes.covered] = self.class_balance_
        return proba

    def explain(self, row: npt.NDArray[np.int8]) -> Floats:
        """Give one point to the class that each voter named, shape (m, k)."""
        return np.asarray(one_hot(row[:, None], len(self.class_balance_)), dtype=float)


class SnorkelModel:
    """Snorkel's label model (Ratner et al., 2019), trained from co-vote counts.

    Parameters
    ----------
    seed : int
        Of the initialisation; the global random states are restored after training.

    Attributes
    ----------
    mu_ : array, shape (m * k, k)
        P(voter i says a | class), in rows i * k + a.
    weights_ : array, shape (m,)
        Estimated accuracy of each voter where it votes, in [0, 1].
    class_balance_ : array, shape (k,)
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def statistics(self, votes: VoteMatrix) -> CoVotes:
        """Count which votes occur together."""
        return count_co_votes(votes)

    def fit(self, statistics: CoVotes, *, class_balance: Floats | None = None) -> Self:
        """Train on co-vote counts, one thread, fixed seed.

        Raises
        ------
        ValueError
            With fewer than three voters, which snorkel cannot tell apart.
        """
        model = _train_snorkel(statistics, class_balance, self.seed)
        self.mu_: Floats = np.asarray(model.mu.detach().numpy(), dtype=float)
        self.weights_: Floats = np.asarray(model.get_weights(), dtype=float)
        self.class_balance_: Floats = np.asarray(model.p, dtype=float)
        return self

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give the posterior, shape (n, k); the row of an uncovered item is the class balance."""
        return softmax(log_posterior(votes.hard, np.log(self.mu_), np.log(self.class_balance_)))

    def explain(self, row: npt.NDArray[np.int8]) -> Floats:
        """Give log P(vote | class) of each voter, shape (m, k); zero where it abstains."""
        k = len(self.class_balance_)
        table = np.log(self.mu_).reshape(len(row), k, k)
        contributions = table[np.arange(len(row)), row]
        contributions[row == ABSTAIN] = 0.0
        return np.asarray(contributions)


def _train_snorkel(statistics: CoVotes, class_balance: Floats | None, seed: int) -> Any:
    import torch
    from snorkel.labeling.model import LabelModel as Snorkel

    if statistics.n_voters < SNORKEL_LEAST_VOTERS:
        raise ValueError(f"snorkel's label model needs three voters, got {statistics.n_voters}")
    overlaps = statistics.counts / statistics.rows

    class FromCounts(Snorkel):  # type: ignore[misc]
        def _generate_O(self, L: Any, higher_order: bool = False) -> None:  # noqa: N802
            self._get_augmented_label_matrix(L, higher_order=higher_order)
            self.n, self.d = statistics.rows, len(overlaps)
            self.O = torch.from_numpy(overlaps).float()

    stub = np.full((1, statistics.n_voters), ABSTAIN)
    for step in STEP_SIZES:
        model = FromCounts(cardinality=statistics.n_classes, verbose=False)
        with _one_thread(torch), _restored_random_states(torch), contextlib.suppress(Exception):
            model.fit(stub, class_balance=class_balance, seed=seed, lr=step, progress_bar=False)
            if bool(torch.isfinite(model.mu).all()):
                model.coverage = _coverage(statistics)
                return model
    raise QuorumError(f"snorkel's label model diverges at every step size {STEP_SIZES}. Use majority.")


def _coverage(statistics: CoVotes) -> Floats:
    votes_cast = np.diag(statistics.counts).reshape(statistics.n_voters, -1).sum(axis=1)
    return np.asarray(np.maximum(votes_cast, 1) / statistics.rows)


@contextlib.contextmanager
def _one_thread(torch: Any) -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextlib.contextmanager
def _restored_random_states(torch: Any) -> Iterator[None]:
    state, numpy_state, torch_state = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)


LABEL_MODELS: dict[str, Callable[[int], LabelModel]] = {
    "snorkel": SnorkelModel,
    "majority": lambda seed: MajorityModel(),
}


def make_label_model(kind: str, n_voters: int, seed: int = 0) -> tuple[LabelModel, str | None]:
    """Make the label model of a config, with a word where another one had to serve.

    Parameters
    ----------
    kind : str
        A key of ``LABEL_MODELS``.
    n_voters : int
    seed : int
    """
    if kind == "snorkel" and n_voters < SNORKEL_LEAST_VOTERS:
        return MajorityModel(), f"snorkel needs three voters, there are {n_voters}: majority serves instead"
    return LABEL_MODELS[kind](seed), None
