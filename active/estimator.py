"""The end model as a scikit-learn classifier: views of votes and text, weighed by what they get right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import KFold

from active.calibration import Calibration, fit_calibration
from active.custom import OwnObject
from active.evidence import held_out_score, model_weights
from active.own_classifier import FittedOwn, fit_own
from active.regression import Coefficients, fit_regression
from active.views import VIEWS, Ignoring, Layout, View
from labeling.types import Floats, Ints

LOG_ODDS: Sequence[float] = (0.0, -2.0, -3.0)
"""Of the views before any label: starting from votes, learning votes anew, text alone."""

FOLDS = 5

BLOCK = 50_000
"""Rows that are scored at once, so that the memory which that takes does not grow with the pool."""


@dataclass(frozen=True)
class FittedView:
    """A view with its regression; ``held_out`` tells how probable each label was out of fold, shape (l,)."""

    view: View
    layout: Layout
    coefficients: Coefficients | FittedOwn = field(repr=False)
    calibration: Calibration
    held_out: Floats = field(repr=False)

    def predict_proba(self, X: Floats) -> Floats:
        """Give class probabilities, shape (n, k)."""
        return self.calibration.proba(self.coefficients.logits(*self.view.parts(X, self.layout)))


class VotesFirstClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A mixture of three regressions: one starts from votes, one learns their meaning, one leaves them out.

    Each label speaks for a view by how probable it was to that view without it.

    Parameters
    ----------
    layout : Layout
        Of the rows; labels are 0 to ``layout.n_classes - 1``, seen in training or not.
    log_odds : sequence of float, length 3
        Of the views before any label, up to a constant.
    seed : int
        Of the folds.
    own : OwnObject, optional
        A classifier of the user's in place of the regressions.

    Attributes
    ----------
    views_ : tuple of FittedView
        Text alone where there are no experts.
    view_weights_ : array of float64, shape (v,)
    classes_ : array of int, shape (k,)
    """

    def __init__(
        self,
        layout: Layout,
        log_odds: Sequence[float] = LOG_ODDS,
        seed: int = 0,
        own: OwnObject | None = None,
    ) -> None:
        self.layout = layout
        self.log_odds = log_odds
        self.seed = seed
        self.own = own

    def fit(
        self,
        X: Floats,
        y: Ints,
        sample_weight: Floats | None = None,
        evidence_weight: Floats | None = None,
    ) -> VotesFirstClassifier:
        """Learn from rows ``X`` and class indices ``y``, shape (l,); l may be 0.

        Parameters
        ----------
        sample_weight : array of float, shape (l,), positive, optional
            What each label counts in training; ones if left out.
        evidence_weight : array of float, shape (l,), positive, optional
            What each counts where views are calibrated and weighed; as in training if left out.

        Raises
        ------
        ValueError
            A label lies outside 0 to k - 1.
        """
        labels, k = np.asarray(y), self.layout.n_classes
        if len(labels) and not (labels.min() >= 0 and labels.max() < k):
            raise ValueError(f"labels lie in [{labels.min()}, {labels.max()}], expected [0, {k - 1}]")
        counts = np.ones(len(labels)) if sample_weight is None else sample_weight
        self.classes_ = np.arange(k)
        evidence = counts if evidence_weight is None else evidence_weight
        views = VIEWS if self.layout.n_experts else (Ignoring(),)
        self.views_ = tuple(self._fitted(view, X, labels, counts, evidence) for view in views)
        odds = np.asarray(self.log_odds if self.layout.n_experts else [0.0])
        held_out = np.stack([fitted.held_out for fitted in self.views_])
        self.view_weights_ = model_weights(odds, held_out, evidence[: held_out.shape[1]])
        return self

    @property
    def n_described_(self) -> int:
        """Leading columns of ``X`` in which rows lie near or apart, by the view that weighs most."""
        best = self.views_[int(self.view_weights_.argmax())]
        return best.view.n_described(self.layout)

    def predict_proba(self, X: Floats) -> Floats:
        """Give class probabilities, shape (n, k), float64.

        Raises
        ------
        ValueError
            A probability is not finite.
        """
        blocks = range(0, max(len(X), 1), BLOCK)
        return checked(np.concatenate([self._mixed(X[start : start + BLOCK]) for start in blocks]))

    def predict_text(self, X: Floats) -> Floats:
        """Give class probabilities, shape (n, k), of the rows as if their votes spoke for no class."""
        blocks = range(0, max(len(X), 1), BLOCK)
        silent = (self.layout.without_votes(X[start : start + BLOCK]) for start in blocks)
        return checked(np.concatenate([self._mixed(rows) for rows in silent]))

    def predict(self, X: Floats) -> npt.NDArray[np.intp]:
        """Give the most probable class index of each row, shape (n,)."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def _mixed(self, X: Floats) -> Floats:
        views = zip(self.view_weights_, self.views_, strict=True)
        return np.asarray(sum(weight * fitted.predict_proba(X) for weight, fitted in views))

    def _fitted(self, view: View, X: Floats, labels: Ints, counts: Floats, evidence: Floats) -> FittedView:
        features, experts = view.parts(X, self.layout)
        targets = np.eye(self.layout.n_classes)[labels]

        def fit(rows: Ints) -> Coefficients | FittedOwn:
            if self.own is not None:
                k = self.layout.n_classes
                return fit_own(self.own, features[rows], labels[rows], k, view.trust, counts[rows])
            return fit_regression(features[rows], targets[rows], experts[rows], view.trust, counts[rows])

        whole = fit(np.arange(len(labels)))
        if len(labels) < FOLDS:
            return FittedView(view, self.layout, whole, Calibration(), np.empty(0))
        logits = np.empty(targets.shape)
        for train, test in KFold(FOLDS, shuffle=True, random_state=self.seed).split(labels):
            logits[test] = fit(train).logits(features[test], experts[test])
        calibration = fit_calibration(logits, labels, evidence)
        held_out = held_out_score(logits, labels, calibration.temperature)
        return FittedView(view, self.layout, whole, calibration, held_out)


def checked(proba: Floats) -> Floats:
    """Pass class probabilities, shape (n, k), on, or raise ValueError where a row is not a distribution."""
    wrong = np.flatnonzero(~np.isclose(proba.sum(axis=1), 1, atol=1e-6))
    if len(wrong):
        raise ValueError(f"probabilities of row {wrong[0]} are {proba[wrong[0]]}, expected a sum of 1")
    return proba
