"""Snorkel's label model, trained from co-vote counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Self

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from labeling.label_models.chunks import available_threads
from labeling.label_models.co_votes import CoVotes, count_co_votes
from labeling.label_models.evidence import require_rows
from labeling.label_models.gold_inside import anchored, log_evidence
from labeling.label_models.posterior import contributions, posterior
from labeling.label_models.snorkel_training import (
    PRECISION_AT_START,
    Training,
    most_trusting,
    overlap_rates,
    smallest_probability,
    train,
)
from labeling.label_models.tables import uniform_or
from labeling.types import Floats, GoldVotes, VoteMatrix

SNORKEL_LEAST_VOTERS = 3
STEP_SIZES = (0.01, 0.001, 0.0001)
SURE = 5.0
"""Log Bayes factor that counts as very strong (Kass & Raftery, 1995)."""

Learned = tuple[Floats, Floats, tuple[str, ...]]
"""mu, the losses, and remarks."""


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
        require_rows(statistics.rows)
        balance = uniform_or(class_balance, statistics.n_classes)
        learn = self._learn if gold is None or not len(gold) else partial(self._taught, gold)
        self.mu_, self.losses_, self.remarks_ = learn(statistics, balance)
        self.class_balance_: Floats = balance
        self.weights_: Floats = accuracies(self.mu_, balance, statistics.coverage)
        if not len(self.losses_) and not gold:
            self.weights_.fill(np.nan)
        return self

    def _taught(self, gold: GoldVotes, statistics: CoVotes, balance: Floats) -> Learned:
        """Give mu as human labels anchor it, the losses, and remarks.

        An uneven balance sends training astray as often as not, an even one loses rare classes: it is even
        unless the labels surely bear the uneven one out.
        """
        learned = self._learn(statistics, np.full_like(balance, 1 / len(balance)))
        uneven = self._learn(statistics, balance)
        if log_evidence(uneven[0], gold) > log_evidence(learned[0], gold) + SURE:
            learned = uneven
        mu, losses, remarks = learned
        return anchored(mu, gold), losses, remarks

    def _learn(self, statistics: CoVotes, balance: Floats) -> Learned:
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
