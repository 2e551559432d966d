"""The user's own classifier in place of the regression: what it says is joined with what votes say."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from active.custom import OwnObject
from active.regression import Trust
from labeling.errors import InputError
from labeling.types import Floats, Ints

DOUBT = 5.0
"""Labels of mere doubt that a classifier's probabilities are mixed with: some say 0 after ten labels."""


@dataclass(frozen=True)
class FittedOwn:
    """A classifier of the user's with the weights of experts beside it.

    Parameters
    ----------
    classifier : scikit-learn classifier or None
        None where there were not two classes to learn.
    counts : array of float64, shape (k,)
        Labels that were learnt from, by class.
    trust : Trust
        Of experts, whose log-probabilities are added at the weights thought of them before any label.
    """

    classifier: Any = field(repr=False)
    counts: Floats
    trust: Trust

    def logits(self, features: Floats, experts: Floats) -> Floats:
        """Give logits, shape (n, k), of features (n, d) and expert log-probabilities (n, e, k)."""
        k, n_labels = len(self.counts), self.counts.sum()
        proba = np.tile(self.counts / max(n_labels, 1), (len(features), 1))
        if self.classifier is not None and len(features):
            proba = np.zeros((len(features), k))
            proba[:, self.classifier.classes_] = self.classifier.predict_proba(features)
        mixed = (n_labels * proba + DOUBT / k) / (n_labels + DOUBT)
        return np.asarray(np.log(mixed) + np.einsum("e,nek->nk", self.trust.means, experts))


def fit_own(
    own: OwnObject, features: Floats, labels: Ints, n_classes: int, trust: Trust, weights: Floats
) -> FittedOwn:
    """Fit a fresh classifier of the user's to features, shape (n, d), and labels, shape (n,); n may be 0.

    Parameters
    ----------
    weights : array of float, shape (n,), positive
        What each row counts, for classifiers that can tell.

    Raises
    ------
    InputError
        The classifier fails, or its classes are not the labels.
    """
    counts = np.bincount(labels, minlength=n_classes).astype(np.float64)
    if (counts > 0).sum() < 2:
        return FittedOwn(None, counts, trust)
    classifier = own.make()
    weighed = "sample_weight" in inspect.signature(classifier.fit).parameters
    try:
        classifier.fit(features, labels, **({"sample_weight": weights} if weighed else {}))
        known = np.asarray(classifier.classes_)
    except Exception as error:
        raise InputError(f"{own.name}: {type(error).__name__}: {error}. Mend the classifier.") from error
    if not np.isin(known, np.flatnonzero(counts)).all():
        raise InputError(f"{own.name}: expected classes_ to be labels of its training, got {known}. Mend it.")
    return FittedOwn(classifier, counts, trust)
