"""The end model's training: a logistic regression on words and characters, by expected loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from active.features.rows import Float32s
from active.features.text import learn_terms
from active.threads import one_thread
from labeling.types import Floats, TextModel

PARTS = (
    {"analyzer": "word", "ngram_range": (1, 2)},
    {"analyzer": "char_wb", "ngram_range": (2, 5)},
)
"""Kinds of terms, as arguments of scikit-learn's vectorizer."""

MAX_TERMS = 50_000
"""The most frequent terms that are kept of each kind."""

INVERSE_PENALTY = 20.0
MAX_ITERATIONS = 1_000

LEAST = 0.01
"""Probability from which a class is learnt from a text."""


def train_text_model(texts: Sequence[str], targets: Floats) -> TextModel:
    """Learn terms and a linear classifier.

    Parameters
    ----------
    texts : sequence of str, length n
    targets : array of float, shape (n, k)
        Class probabilities; rows sum to one.
    """
    with one_thread():
        learnt = [(kind, *learn_terms(texts, kind, MAX_TERMS)) for kind in PARTS]
        kept = [(kind, known, found) for kind, known, found in learnt if len(known.terms)]
        terms = sp.hstack([sp.csr_matrix((len(texts), 0)), *(f for _, _, f in kept)], "csr", np.float32)
        weights, intercept = fit_expected(terms, targets)
    idf = {f"idf_{i}": known.weights for i, (_, known, _) in enumerate(kept)}
    return TextModel(
        parts=[{**kind, "sublinear_tf": True} for kind, _, _ in kept],
        vocabulary=[known.terms.tolist() for _, known, _ in kept],
        arrays={**idf, "weights": weights, "intercept": intercept},
    )


def fit_expected(terms: sp.csr_matrix, targets: Floats) -> tuple[Float32s, Float32s]:
    """Fit a multinomial logistic regression to the expected loss under uncertain labels.

    The loss of a text is that of each class weighed by its probability, so that a doubtful label pulls less
    than a sure one (Ratner et al. 2016).

    Parameters
    ----------
    terms : sparse matrix, shape (n, t)
    targets : array of float, shape (n, k)
        Class probabilities; those below .01 are taken for none.

    Returns
    -------
    weights : array of float32, shape (t, k)
    intercept : array of float32, shape (k,)
        -inf for a class that no text speaks for; zeros where there is no text at all.
    """
    weights = np.zeros((terms.shape[1], targets.shape[1]), dtype=np.float32)
    rows, classes = np.nonzero(targets >= LEAST)
    seen = np.unique(classes)
    intercept = np.full(targets.shape[1], -np.inf if len(seen) else 0, dtype=np.float32)
    intercept[seen] = 0
    if len(seen) < 2:
        return weights, intercept
    if not terms.shape[1]:
        intercept[seen] = np.log(targets[:, seen].mean(axis=0))
        return weights, intercept
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=MAX_ITERATIONS)
    model.fit(terms[rows], classes, sample_weight=targets[rows, classes])
    both = len(seen) == 2
    weights[:, seen] = (np.vstack([-model.coef_, model.coef_]) / 2 if both else model.coef_).T
    intercept[seen] = np.append(-model.intercept_, model.intercept_) / 2 if both else model.intercept_
    return weights, intercept
