"""Snorkel's label model, trained from co-vote counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from labeling.label_models.chunks import available_threads
from labeling.label_models.co_votes import CoVotes, count_co_votes
from labeling.label_models.gold_inside import anchored
from labeling.label_models.posterior import contributions, posterior
from labeling.label_models.snorkel_training import (
    PRECISION_AT_START,
    Training,
    most_trusting,
    overlap_rates,
    smallest_probability,
    train,
)
from labeling.types import Floats, GoldVotes, VoteMatrix

SNORKEL_LEAST_VOTERS = 3
STEP_SIZES = (0.01, 0.001, 0.0001)


class SnorkelModel:
    """Snorkel's label model (Ratner et al., 2019), trained from co-vote counts.

    Parameters
    ----------
    seed : int
        Of the initialisation; no global random state is touched.
    guards : bool
        Whether voters who seldom vote keep their say (``supported``) and a run whose loss rose counts
        as diverged. Without, ``mu_`` is snorkel's own to 1e-6, wherever snorkel has one.
    threads : int, optional
        For counting and prediction; all processors if None.

    Attributes
    ----------
    mu_ : array, shape (m * k, k)
        P(voter i says a | class), in rows i * k + a.
    weights_ : array, shape (m,)
        Estimated accuracy of each voter where it votes, in [0, 1]; NaN where every vote weighs the same.
    class_balance_ : array, shape (k,)
    losses_ : array, shape (epochs,)
        Loss before each step; empty where nothing was trained.
    remarks_ : tuple of str
        What the user should know of this fit.
    """

    def __init__(self, seed: int = 0, *, guards: bool = True, threads: int | None = None) -> None:
        self.seed = seed
        self.guards = guards
        self.threads = threads or available_threads()

    def statistics(self, votes: VoteMatrix) -> CoVotes:
        """Count which votes occur together."""
        return count_co_votes(votes, self.threads)

    def fit(
        self, statistics: CoVotes, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> Self:
        """Train on co-vote counts, on one thread.

        Where snorkel's step size diverges, smaller ones are tried; where they all do, and where fewer than
        three voters cannot be told apart, every vote weighs the same, and ``remarks_`` says so.

        Parameters
        ----------
        statistics : CoVotes
        gold : GoldVotes, optional
            Human labels with the votes on their items, which anchor what is believed of the voters.
        class_balance : array, shape (k,), optional
            Positive, sums to one; uniform if None, for snorkel never estimates it.

        Raises
        ------
        ValueError
            There are no rows, or ``class_balance`` is no such array.
        """
        balance = checked_balance(class_balance, statistics)
        anchors = gold is not None and len(gold) > 0
        # An uneven balance sends training astray as often as not; people's labels settle mu without it.
        trained_with = np.full_like(balance, 1 / len(balance)) if anchors else balance
        self.mu_, self.losses_, self.remarks_ = self._learn(statistics, trained_with)
        if gold is not None and anchors:
            self.mu_ = anchored(self.mu_, gold)
        self.class_balance_: Floats = balance
        self.weights_: Floats = accuracies(self.mu_, balance, statistics.coverage)
        if not len(self.losses_) and not gold:
            self.weights_.fill(np.nan)
        return self

    def _learn(self, statistics: CoVotes, balance: Floats) -> tuple[Floats, Floats, tuple[str, ...]]:
        """Give mu, the losses, and remarks."""
        if statistics.n_voters < SNORKEL_LEAST_VOTERS:
            word = f"snorkel needs three voters, there are {statistics.n_voters}: majority serves instead"
            return equal_votes(statistics), np.empty(0), (word,)
        training, remarks = self._train(statistics, balance)
        if training is None:
            return equal_votes(statistics), np.empty(0), remarks
        floor = smallest_probability(statistics.rows)
        trained = training.mu.astype(float)
        if not self.guards:
            return most_trusting(np.clip(trained, floor, 1 - floor), balance), training.losses, remarks
        mu = most_trusting(np.clip(trained, 0, 1), balance)
        return supported(mu, statistics, balance), training.losses, remarks

    def _train(self, statistics: CoVotes, balance: Floats) -> tuple[Training | None, tuple[str, ...]]:
        rates = overlap_rates(statistics)
        with threadpool_limits(1):
            for step in STEP_SIZES:
                training = train(rates, balance, self.seed, step)
                if training.converging if self.guards else training.finite:
                    usual = step == STEP_SIZES[0]
                    word = f"snorkel's training diverges at its step size {STEP_SIZES[0]}: {step} served"
                    return training, () if usual else (word,)
        steps = ", ".join(map(str, STEP_SIZES))
        return None, (f"snorkel's training diverges at step sizes {steps}: majority serves instead",)

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give the posterior, shape (n, k); the row of an uncovered item is the class balance."""
        return posterior(votes, np.log(self.mu_), np.log(self.class_balance_), self.threads)

    def explain(
        self, row: npt.NDArray[np.int8], soft: Mapping[int, npt.NDArray[np.float32]] | None = None
    ) -> Floats:
        """Give log P(vote | class) of each voter, shape (m, k); zero where it abstains."""
        return contributions(row, np.log(self.mu_), soft)


def checked_balance(class_balance: Floats | None, statistics: CoVotes) -> Floats:
    """Give the class balance, shape (k,), uniform if None."""
    k = statistics.n_classes
    if not statistics.rows:
        raise ValueError("there are no rows to train a label model on")
    if class_balance is None:
        return np.full(k, 1 / k)
    balance = np.asarray(class_balance, dtype=float)
    if balance.shape != (k,) or not (balance > 0).all() or not np.isclose(balance.sum(), 1):
        raise ValueError(f"class balance is {class_balance}, expected {k} positive shares that sum to one")
    return balance


def vote_given_class(k: int) -> Floats:
    """Give P(vote | class) of a voter who is right at .7 and votes always, shape (k, k)."""
    said = np.full((k, k), (1 - PRECISION_AT_START) / (k - 1))
    np.fill_diagonal(said, PRECISION_AT_START)
    return said


def supported(mu: Floats, statistics: CoVotes, balance: Floats) -> Floats:
    """Believe of each kind of vote only as much as the number of such votes supports, shape (m * k, k).

    Snorkel limits all of mu to one floor, which for a voter who fires once in ten thousand rows lies as high
    as what that voter's mu can be, while a few chance agreements may rule a class out. Here k votes of a
    voter who is right at .7 are added to the f that were cast (pseudo-counts). A vote never cast says
    nothing.

    Parameters
    ----------
    mu : array, shape (m * k, k)
        In [0, 1].
    statistics : CoVotes
    balance : array, shape (k,)
    """
    cast, k = statistics.cast[:, None], statistics.n_classes
    usual = np.tile(vote_given_class(k), (statistics.n_voters, 1)) / balance * cast / statistics.rows
    mixed = (cast * mu + k * usual) / (cast + k)
    return np.asarray(np.where(cast > 0, mixed, smallest_probability(statistics.rows)))


def equal_votes(statistics: CoVotes) -> Floats:
    """Give a mu, shape (m * k, k), by which every vote weighs the same, as of a voter who is right at .7."""
    share = np.maximum(statistics.coverage, 1 / statistics.rows)
    said = vote_given_class(statistics.n_classes)
    return np.asarray(share[:, None, None] * said).reshape(-1, statistics.n_classes)


def accuracies(mu: Floats, balance: Floats, coverage: Floats) -> Floats:
    """Give P(right | votes) of each voter, shape (m,), in [1e-6, 1].

    Parameters
    ----------
    mu : array, shape (m * k, k)
    balance : array, shape (k,)
    coverage : array, shape (m,)
        Share of rows on which each voter votes; whoever never does is given 1, as snorkel does.
    """
    k = len(balance)
    right = np.einsum("iyy,y->i", mu.reshape(-1, k, k), balance)
    return np.asarray(np.clip(right / np.maximum(coverage, 1e-12), 1e-6, 1.0))
