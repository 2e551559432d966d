"""The forecast: its slope and draws against references, what it says, and that no figure stands alone."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from active.forecast import PowerLaws, forecast, power_law_slope, rounded, slope_draws
from active.learning_curve import NEEDED
from labeling.types import CurvePoint, Forecast, Gain, ModelSteps, MoreAnswers, UniformAnswers


def answers(n: int, wrong: int, believed: float) -> UniformAnswers:
    return UniformAnswers((np.arange(n) >= wrong).astype(float), np.full(n, believed))


def steps(*confidence: float, items: int = 5000, batch: int = 50) -> ModelSteps:
    return ModelSteps(np.arange(len(confidence)) * batch, np.array(confidence), items)


def laws(error: float, slope: float, now: int = 100, items: int = 10_000) -> PowerLaws:
    return PowerLaws(now, items, np.full(50, error), np.full(50, slope))


def test_the_slope_is_the_one_of_least_squares() -> None:
    rng = np.random.default_rng(0)
    labels = np.array([50, 100, 150, 200, 400])
    error = 0.4 * labels**-0.3 * np.exp(rng.normal(0, 0.05, 5))
    slope, spread = power_law_slope(labels, error)
    (reference, _), covariance = np.polyfit(np.log(labels), np.log(error), 1, cov=True)
    assert slope == pytest.approx(-reference)
    assert spread == pytest.approx(np.sqrt(covariance[0, 0]))


def test_slopes_are_never_below_zero_and_spread_as_the_fit_is_unsure() -> None:
    rng = np.random.default_rng(0)
    exact = slope_draws(steps(0.5, *(1 - 0.5 * np.arange(1, 9) ** -0.5)), rng)
    assert exact == pytest.approx(0.5)
    rough = slope_draws(steps(0.5, 0.7, 0.6, 0.8), rng)
    assert rough.min() == 0
    assert rough.std() > 0.2


def test_accuracy_follows_the_law_and_counts_labelled_items_as_right() -> None:
    found = laws(0.2, 0.5).accuracy(np.array([100, 400, 10_000]))
    assert found[0].tolist() == pytest.approx([1 - 0.99 * 0.2, 1 - 0.96 * 0.1, 1.0])


@pytest.mark.parametrize(("error", "slope"), [(0.1, 0.5), (0.08, 1.0), (0.2, 0.4)])
def test_answers_until_a_target_are_those_that_reach_it(error: float, slope: float) -> None:
    found = laws(error, slope, items=1_000_000)
    more = found.until(0.95)
    needed = next((n for n in range(1001) if (1 - found.accuracy(np.array([100 + n])))[0, 0] <= 0.05), None)
    if needed is None:
        assert more.low is None
        return
    assert more.likely == more.low == more.high
    assert more.likely is not None
    assert needed <= more.likely <= needed * 1.15 + 2


def test_what_is_out_of_sight_is_not_told_as_a_number() -> None:
    more = laws(0.5, 0.01, items=1_000_000).until(0.95)
    assert (more.low, more.likely, more.high) == (None, None, None)


def test_a_small_pool_is_finished_by_hand() -> None:
    more = laws(0.5, 0.0, items=200).until(0.95)
    assert more.likely is not None
    assert 79 <= more.likely <= 90


@pytest.mark.parametrize(("value", "told"), [(0, 0), (9, 9), (10, 10), (99, 99), (101, 110), (1234, 1300)])
def test_numbers_of_answers_are_rounded_up(value: float, told: int) -> None:
    assert rounded(float(value)) == told


def test_a_gain_pays_if_it_may_be_worth_it() -> None:
    assert not laws(0.02, 0.1).gain(100).pays
    assert laws(0.2, 0.5).gain(100).pays


def test_too_few_uniform_answers_say_so() -> None:
    found = forecast(steps(0.7, 0.8, 0.85, 0.9), answers(NEEDED - 1, 1, 0.9), 0.95, 50)
    assert found.said == f"too few uniform answers yet to tell the accuracy ({NEEDED - 1} of {NEEDED})"
    assert (found.now, found.more, found.gain, found.ahead) == (None, None, None, ())


def test_too_few_rounds_tell_the_present_alone() -> None:
    found = forecast(steps(0.7, 0.8, 0.85), answers(30, 3, 0.85), 0.95, 50)
    assert found.now is not None
    assert found.more is None
    assert found.said.endswith("too few rounds yet for a forecast")


SAID = {
    "reached": (steps(0.9, 0.98, 0.985, 0.99, 0.992), answers(400, 2, 0.992), "0.95 is reached"),
    "more": (steps(0.6, 0.75, 0.82, 0.86, 0.885), answers(200, 22, 0.885), "more answers until 0.95"),
    "flat": (steps(0.8, 0.9, 0.9001, 0.9002, 0.9003), answers(400, 40, 0.9), "more answers do not pay"),
}


@pytest.mark.parametrize("case", SAID)
def test_it_says_what_follows(case: str) -> None:
    past, told, expected = SAID[case]
    assert expected in forecast(past, told, 0.95, 50).said


@pytest.mark.parametrize("case", SAID)
def test_no_figure_without_an_interval(case: str) -> None:
    past, told, _ = SAID[case]
    found = forecast(past, told, 0.95, 50)
    assert re.search(r"accuracy \d\.\d{3} \(\d\.\d{3} to \d\.\d{3}\)", found.said)
    for point in (found.now, *found.ahead):
        assert point is not None
        assert 0 <= point.low <= point.accuracy <= point.high <= 1
    assert len(found.ahead) == 4


def test_the_same_inputs_give_the_same_forecast() -> None:
    past, told, _ = SAID["more"]
    assert forecast(past, told, 0.95, 50).to_dict() == forecast(past, told, 0.95, 50).to_dict()


def test_forecasts_cover_what_comes_in_95_of_100_runs() -> None:
    """Curves that follow a power law, seen through the confidence of models and 60 uniform answers."""
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        level, slope = rng.uniform(0.1, 0.4), rng.uniform(0.2, 0.9)
        labels = np.arange(1, 9) * 50
        error = level * (labels / 50) ** -slope
        doubt = error[:4] * np.exp(rng.normal(0, 0.05, 4)) * rng.uniform(0.7, 1.4)
        seen = UniformAnswers((rng.random(60) > error[3]).astype(float), np.full(60, 1 - doubt[-1]))
        past = ModelSteps(labels[:4], 1 - doubt, 100_000)
        after = forecast(past, seen, 0.95, 50).ahead[2]
        assert after.labels == 400
        truth = 1 - (1 - 400 / 100_000) * error[7]
        hits += after.low <= truth <= after.high
    assert hits >= 0.91 * 200


def test_words_of_a_forecast_that_is_nearly_there() -> None:
    base = Forecast(30, 20, 0.95, CurvePoint(100, 0.96, 0.9, 0.99), gain=Gain(100, 0.0, 0.03, pays=True))
    told = {
        MoreAnswers(0, 0, 120): "0.95 is probably reached, else by 120 more answers",
        MoreAnswers(0, 0, None): "0.95 is probably reached",
        MoreAnswers(50, 10, None): "about 50 more answers until 0.95 (10 or more)",
        MoreAnswers(None, None, None): "0.95 is out of sight",
    }
    for more, said in told.items():
        assert replace(base, more=more).said.endswith(said)
