import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active.calibration import Calibration, fit_calibration

K = 3
RNG = np.random.default_rng(1)
HONEST = 2 * RNG.normal(size=(4000, K))
LABELS = (HONEST + RNG.gumbel(size=HONEST.shape)).argmax(axis=1)
ONES = np.ones(4000)


def test_probabilities_follow_their_formula() -> None:
    found = Calibration(2.0, 0.1).proba(np.array([[2 * np.log(3.0), 0.0]]))
    np.testing.assert_allclose(found, [[0.9 * 0.75 + 0.05, 0.9 * 0.25 + 0.05]])


@given(st.floats(0.05, 20), st.floats(0, 0.5), st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=5))
def test_probabilities_sum_to_one_at_any_size_of_logits(t: float, lapse: float, logits: list[float]) -> None:
    proba = Calibration(t, lapse).proba(np.array([logits], dtype=np.float32))
    assert proba.sum() == pytest.approx(1)
    assert (proba >= 0).all()


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_scale(scale: float) -> None:
    found = fit_calibration(scale * HONEST, LABELS, ONES)
    assert found.temperature == pytest.approx(scale, rel=0.15)
    assert found.lapse < 0.04


def test_lapses_are_found_where_sure_answers_are_wrong_now_and_then() -> None:
    lapsed = RNG.random(4000) < 0.15
    logits = 3 * HONEST
    told = (logits + RNG.gumbel(size=logits.shape)).argmax(axis=1)
    found = fit_calibration(logits, np.where(lapsed, RNG.integers(0, K, 4000), told), ONES)
    assert found.lapse == pytest.approx(0.15, abs=0.04)
    assert found.temperature == pytest.approx(1, rel=0.15)


def test_few_labels_leave_it_near_what_is_thought_of_it() -> None:
    found = fit_calibration(np.array([[5.0, -5.0]]), np.array([0]), np.ones(1))
    assert found.temperature == pytest.approx(1, abs=0.1)
    assert found.lapse == pytest.approx(1.5 / 41.5, abs=0.005)


def test_labels_of_no_weight_change_nothing() -> None:
    wrong = np.where(np.arange(4000) < 2000, (LABELS + 1) % K, LABELS)
    weights = np.where(np.arange(4000) < 2000, 0.0, 1.0)
    found = fit_calibration(HONEST, wrong, weights)
    alone = fit_calibration(HONEST[2000:], LABELS[2000:], ONES[2000:])
    assert found.temperature == pytest.approx(alone.temperature, rel=1e-3)
    assert found.lapse == pytest.approx(alone.lapse, abs=1e-3)
