"""The end model's training: what is learnt of sure, doubtful and missing classes."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from active.text_model import fit_expected, train_text_model
from labeling.end_model.load import predictor
from labeling.types import Floats, TextModel

TEXTS = [
    "free money now",
    "money for free",
    "meet me at noon",
    "lunch at noon",
    "rain in spain",
    "sun or rain",
]
SURE = np.eye(3)[[0, 0, 1, 1, 2, 2]]


def said(model: TextModel, *texts: str) -> Floats:
    return predictor(model.parts, model.vocabulary, model.arrays)(texts)


def test_new_texts_are_told_apart() -> None:
    proba = said(train_text_model(TEXTS, SURE), "noon lunch", "free", "rain")
    assert proba.argmax(axis=1).tolist() == [1, 0, 2]
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_a_doubtful_label_pulls_less() -> None:
    doubtful = SURE.copy()
    doubtful[0] = doubtful[1] = [0.6, 0.4, 0]
    sure, unsure = (said(train_text_model(TEXTS, t), "free money")[0, 0] for t in (SURE, doubtful))
    assert 0.4 < unsure < sure - 0.1


def test_the_loss_is_the_expected_one() -> None:
    # A text of which both classes are as probable is the same as one of each class, at half the weight.
    terms = sp.csr_matrix(np.eye(4, dtype=np.float32))
    targets = np.array([[1, 0], [0, 1], [0.5, 0.5], [0.25, 0.75]])
    weights, intercept = fit_expected(terms, targets)
    rows = [0, 1, 2, 2, 3, 3]
    model = LogisticRegression(C=20, max_iter=1000)
    model.fit(terms[rows], [0, 1, 0, 1, 0, 1], sample_weight=[1, 1, 0.5, 0.5, 0.25, 0.75])
    np.testing.assert_allclose(weights[:, 1] - weights[:, 0], model.coef_[0], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(intercept[1] - intercept[0], model.intercept_[0], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("classes", [(0, 2), (0, 1, 2)])
def test_a_class_that_was_never_seen_has_no_probability(classes: tuple[int, ...]) -> None:
    targets = np.eye(4)[[classes[i % len(classes)] for i in range(len(TEXTS))]]
    proba = said(train_text_model(TEXTS, targets), "rain", "nothing known")
    unseen = [c for c in range(4) if c not in classes]
    assert (proba[:, unseen] == 0).all()
    assert (proba[:, list(classes)] > 0).all()


def test_one_class_alone_is_certain_and_none_is_even() -> None:
    assert said(train_text_model(TEXTS, np.eye(2)[[1] * 6]), "rain").tolist() == [[0, 1]]
    assert said(train_text_model([], np.zeros((0, 2))), "rain").tolist() == [[0.5, 0.5]]


def test_texts_without_any_term_give_the_share_of_classes() -> None:
    model = train_text_model(["", "", "", ""], np.eye(2)[[0, 0, 0, 1]])
    assert (model.parts, model.vocabulary) == ([], [])
    assert said(model, "rain")[0, 0] > 0.6
