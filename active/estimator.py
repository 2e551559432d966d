"""The end model as a scikit-learn classifier: votes first, human labels correct them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import KFold

from active.regression import Coefficients, fit_regression, fit_temperature, probabilities
from labeling.types import Floats, Ints

EXPERT_PRIOR: Sequence[float] = (0.7, 0.5)
"""Weights of the vote expert and of the weak-text expert before any human label."""

FOLDS = 5


class VotesFirstClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression on features that starts from the experts' log-probabilities.

    Parameters
    ----------
    n_classes : int
        k; labels are 0 to k - 1, seen in training or not.
    expert_prior : sequence of float, length e
        Prior weight of each expert; ``()`` where there are no votes. The last ``e k`` columns of ``X``
        hold the experts' log-probabilities, centred per row; all columns before are features.
    seed : int
        Of the folds on which the temperature is found.

    Attributes
    ----------
    coefficients_ : Coefficients
    temperature_ : float
        1 with fewer than five labels.
    classes_ : array of int, shape (k,)
    """

    def __init__(self, n_classes: int, expert_prior: Sequence[float] = EXPERT_PRIOR, seed: int = 0) -> None:
        self.n_classes = n_classes
        self.expert_prior = expert_prior
        self.seed = seed

    def fit(self, X: Floats, y: Ints) -> VotesFirstClassifier:
        """Learn from rows ``X``, shape (l, d + e k), and class indices ``y``, shape (l,); l may be 0.

        Raises
        ------
        ValueError
            A label lies outside 0 to k - 1.
        """
        labels = np.asarray(y)
        if len(labels) and not (labels.min() >= 0 and labels.max() < self.n_classes):
            raise ValueError(
                f"labels lie in [{labels.min()}, {labels.max()}], expected [0, {self.n_classes - 1}]"
            )
        self.classes_ = np.arange(self.n_classes)
        self.coefficients_ = self._fitted(X, labels)
        self.temperature_ = self._temperature(X, labels)
        return self

    def predict_proba(self, X: Floats) -> Floats:
        """Give class probabilities, shape (n, k), float64.

        Raises
        ------
        ValueError
            A probability is not finite.
        """
        proba = probabilities(self._logits(self.coefficients_, X), self.temperature_)
        return checked(proba)

    def predict(self, X: Floats) -> npt.NDArray[np.intp]:
        """Give the most probable class index of each row, shape (n,)."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def _fitted(self, X: Floats, labels: Ints) -> Coefficients:
        features, experts = self._split(X)
        return fit_regression(features, np.eye(self.n_classes)[labels], experts, self.expert_prior)

    def _logits(self, coefficients: Coefficients, X: Floats) -> Floats:
        return coefficients.logits(*self._split(X))

    def _temperature(self, X: Floats, labels: Ints) -> float:
        if len(labels) < FOLDS:
            return 1.0
        held_out = np.empty((len(labels), self.n_classes))
        for train, test in KFold(FOLDS, shuffle=True, random_state=self.seed).split(labels):
            held_out[test] = self._logits(self._fitted(X[train], labels[train]), X[test])
        return fit_temperature(held_out, labels)

    def _split(self, X: Floats) -> tuple[Floats, Floats]:
        n_experts = len(self.expert_prior)
        d = X.shape[1] - n_experts * self.n_classes
        return X[:, :d], X[:, d:].reshape(len(X), n_experts, self.n_classes)


def checked(proba: Floats) -> Floats:
    """Pass class probabilities, shape (n, k), on, or raise ValueError where a row is not a distribution."""
    wrong = np.flatnonzero(~np.isclose(proba.sum(axis=1), 1, atol=1e-6))
    if len(wrong):
        raise ValueError(f"probabilities of row {wrong[0]} are {proba[wrong[0]]}, expected a sum of 1")
    return proba
