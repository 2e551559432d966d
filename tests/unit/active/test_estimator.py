import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import clone

from active import estimator as module
from active.calibration import Calibration
from active.estimator import VotesFirstClassifier, checked
from active.views import EXPERT_TRUST, Layout

K, D, C, N = 3, 5, 4, 60
RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, K, N)
LAYOUT = Layout(D, C, 2, K)
TEXT_ONLY = Layout(D, 0, 0, K)
SAID = RNG.normal(size=(N, 2 * K))
NOISE = RNG.normal(size=(N, D + C))
X = np.hstack([NOISE, SAID]).astype(np.float32)
TELLING = np.hstack([np.eye(K)[LABELS], NOISE[:, K:]])
ALL_KNOWING = np.tile(3 * np.eye(K)[LABELS] - 1, 2)
MISLEADING = np.tile(3 * np.eye(K)[(LABELS + 1) % K] - 1, 2)


def weights_of(
    said: np.ndarray, n_labels: int = N, features: np.ndarray = NOISE, **fit: object
) -> np.ndarray:
    rows = np.hstack([features, said])
    model = VotesFirstClassifier(LAYOUT).fit(rows[:n_labels], LABELS[:n_labels], **fit)  # type: ignore[arg-type]
    return model.view_weights_


def test_without_labels_it_starts_from_the_two_experts() -> None:
    model = VotesFirstClassifier(LAYOUT).fit(X[:0], LABELS[:0])
    said = EXPERT_TRUST.means[0] * SAID[:, :K] + EXPERT_TRUST.means[1] * SAID[:, K:]
    np.testing.assert_allclose(model.predict_proba(X), softmax(said, axis=1), rtol=1e-5)


def test_without_labels_the_likeliest_view_stands_alone() -> None:
    np.testing.assert_array_equal(weights_of(SAID, 0), [1, 0, 0])
    model = VotesFirstClassifier(LAYOUT, log_odds=(-6.0, -6.0, 0.0)).fit(X[:0], LABELS[:0])
    np.testing.assert_array_equal(model.view_weights_, [0, 0, 1])


def test_without_labels_and_votes_it_is_uniform() -> None:
    model = VotesFirstClassifier(TEXT_ONLY).fit(X[:0, :D], LABELS[:0])
    np.testing.assert_allclose(model.predict_proba(X[:, :D]), 1 / K)
    np.testing.assert_array_equal(model.view_weights_, [1.0])


def test_labels_overrule_the_experts() -> None:
    rows = np.hstack([np.repeat(np.eye(K)[LABELS], K, axis=1), SAID])
    model = VotesFirstClassifier(LAYOUT).fit(rows, LABELS)
    assert (model.predict(rows) == LABELS).mean() > 0.95


def test_the_view_that_is_right_out_of_fold_gains_the_weight() -> None:
    starting, relearning, text = weights_of(ALL_KNOWING)
    assert starting > 0.8
    assert text < 0.01
    starting, relearning, text = weights_of(MISLEADING)  # what they say is learnt to mean the contrary
    assert relearning > 0.8 > 0.1 > starting


def test_evidence_of_no_weight_leaves_the_log_odds() -> None:
    found = weights_of(MISLEADING, evidence_weight=np.full(N, 1e-9))
    np.testing.assert_allclose(found, softmax([0.0, -2.0, -3.0]), atol=1e-6)


def test_a_label_nobody_is_sure_of_teaches_little() -> None:
    sure, unsure = (
        VotesFirstClassifier(TEXT_ONLY).fit(TELLING[:20, :D], LABELS[:20], sample_weight=np.full(20, weight))
        for weight in (1.0, 0.05)
    )
    spread = [model.predict_proba(TELLING[:, :D]).max(axis=1).mean() for model in (sure, unsure)]
    assert spread[0] > spread[1] + 0.1


@pytest.mark.parametrize("labels", [[0], [1, 1, 1, 1, 1, 1, 1], [0, 2, 0, 2, 0, 2, 0, 2]])
def test_classes_unseen_so_far_keep_a_probability(labels: list[int]) -> None:
    y = np.array(labels)
    proba = VotesFirstClassifier(LAYOUT).fit(X[: len(y)], y).predict_proba(X)
    assert proba.shape == (N, K)
    assert (proba > 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_few_labels_calibrate_nothing_and_many_do() -> None:
    few = VotesFirstClassifier(LAYOUT).fit(X[:4], LABELS[:4])
    many = VotesFirstClassifier(LAYOUT).fit(X, LABELS)
    assert {fitted.calibration for fitted in few.views_} == {Calibration()}
    starting = many.views_[0].calibration
    assert starting.temperature > 1.1  # labels are noise: less sure
    assert starting.lapse > 0.05


def test_rows_lie_near_or_apart_by_what_the_best_view_sees() -> None:
    assert VotesFirstClassifier(LAYOUT).fit(X[:0], LABELS[:0]).n_described_ == D + C
    assert VotesFirstClassifier(LAYOUT, (-3.0, -3.0, 0.0)).fit(X[:0], LABELS[:0]).n_described_ == D


def test_blocks_of_rows_are_scored_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    model = VotesFirstClassifier(LAYOUT).fit(X, LABELS)
    whole = model.predict_proba(X)
    monkeypatch.setattr(module, "BLOCK", 7)
    np.testing.assert_allclose(model.predict_proba(X), whole, rtol=1e-5)
    assert model.predict_proba(X[:0]).shape == (0, K)


def test_labels_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"labels lie in \[0, 3\], expected \[0, 2\]"):
        VotesFirstClassifier(LAYOUT).fit(X[:2], np.array([0, 3]))


def test_it_can_be_cloned_and_gives_the_same_twice() -> None:
    model = VotesFirstClassifier(LAYOUT, seed=4).fit(X, LABELS)
    again = clone(model).fit(X, LABELS)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))
    np.testing.assert_array_equal(model.classes_, np.arange(K))


def test_rows_that_are_no_distributions_are_refused() -> None:
    with pytest.raises(ValueError, match="row 1"):
        checked(np.array([[0.5, 0.5], [np.nan, 1.0]]))
    rows = X.copy()
    rows[2, 0] = np.nan
    with pytest.raises(ValueError, match="row 2"):
        VotesFirstClassifier(LAYOUT).fit(X, LABELS).predict_proba(rows)
