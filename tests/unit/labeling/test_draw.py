"""Planned draws: positions that anybody can draw again, uniform over seeds; sizes and regions of a plan."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.certificates import AuditedUnits, Terms, certify
from labeling.certificates.arithmetic import steps_of
from labeling.certificates.certificate import Certificate
from labeling.certificates.draw import Draw, drawn_positions, plan_draw
from labeling.certificates.draw_words import describe_draw, recipe_of
from labeling.certificates.guarantee import acceptable_wrong, chance_of_few, error_budget, safe_prefix
from labeling.certificates.wording import describe

SEEDS = 4000
ALPHA = DELTA = 0.05


@given(st.text(max_size=40), st.integers(1, 200), st.data())
def test_positions_are_different_ones_of_the_region(seed: str, region: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, region))
    found = drawn_positions(seed, region, size).tolist()
    assert found == sorted(set(found))
    assert len(found) == size
    assert all(1 <= position <= region for position in found)


@given(st.text(max_size=40), st.integers(2, 200), st.data())
def test_a_smaller_draw_is_part_of_a_larger_one(seed: str, region: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, region))
    assert set(drawn_positions(seed, region, size - 1)) <= set(drawn_positions(seed, region, size))


def test_over_seeds_every_set_of_positions_is_alike() -> None:
    """All 120 sets of three out of ten, by a chi-square statistic with 119 degrees of freedom."""
    sets = Counter(tuple(drawn_positions(f"seed {i}", 10, 3).tolist()) for i in range(12_000))
    assert len(sets) == 120
    assert sum((count - 100) ** 2 / 100 for count in sets.values()) < 180


@pytest.mark.parametrize("left", [(), (3, 7, 90)])
def test_the_recipe_draws_the_same_positions(left: tuple[int, ...]) -> None:
    draw = Draw("0f1e", 100, 12, left, "table")
    done = subprocess.run([sys.executable, "-c", recipe_of(draw)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == sorted(set(drawn_positions("0f1e", 100, 12).tolist()) - set(left))


def frozen(audited: np.ndarray, wrong: np.ndarray) -> AuditedUnits:
    n = len(audited)
    everything = np.ones(n, dtype=bool)
    names = [str(i) for i in range(n)]
    return AuditedUnits(names, -np.arange(n, dtype=float), everything, audited, everything, wrong)


def test_the_promise_is_kept_over_seeds_where_it_is_hardest() -> None:
    region, size = 400, 120
    budget = error_budget(ALPHA, region)
    allowed = acceptable_wrong(region, size, budget, DELTA)
    assert allowed is not None
    wrong, violations = np.arange(region) < budget + 1 + allowed, 0
    for seed in range(SEEDS):
        audited = np.zeros(region, dtype=bool)
        audited[drawn_positions(str(seed), region, size) - 1] = True
        accepted = ~audited & (np.arange(region) < safe_prefix(audited & wrong, allowed))
        violations += int((accepted & wrong).sum() > budget)
    within = 3 * np.sqrt(DELTA * (1 - DELTA) / SEEDS)
    assert violations / SEEDS <= DELTA + within
    assert violations / SEEDS == pytest.approx(
        chance_of_few(region, budget + 1 + allowed, size, allowed), abs=within
    )


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_a_plan_asks_for_half_of_the_answers_or_for_as_many_as_it_takes(promise: str) -> None:
    rng = np.random.default_rng(0)
    easy, hard = (np.sort(rng.beta(p, 1 - p, 1500)) for p in (0.01, 0.12))
    _, little = plan_draw(promise, easy, 1500, 400, ALPHA, DELTA)
    region, much = plan_draw(promise, hard, 1500, 400, ALPHA, DELTA)
    assert little.audited == 200 < much.audited <= 400
    assert little.power > 0.9
    assert much.audited < region < 1500


def test_no_more_is_drawn_than_the_room_for_errors_leaves_to_prove() -> None:
    _, plan = plan_draw("dataset", np.linspace(0.1, 0.4, 60), 1000, 400, ALPHA, DELTA)
    assert (plan.audited, plan.allowed, plan.power) == (10, 10, 1.0)


@pytest.mark.parametrize("promise", ["dataset", "selective"])
@pytest.mark.parametrize(("top", "most"), [(1, 1), (2, 2), (30, 30), (5, 400)])
def test_a_plan_of_few_texts_is_a_plan(promise: str, top: int, most: int) -> None:
    region, plan = plan_draw(promise, np.linspace(0.01, 0.4, top), top, most, ALPHA, DELTA)
    assert 1 <= region <= top
    assert 0 <= plan.audited <= min(most, region)


def certificate() -> Certificate:
    rng, n = np.random.default_rng(3), 1000
    audited, wrong = rng.permutation(n) < 200, rng.random(n) < 0.01
    terms = Terms("dataset", ALPHA, DELTA, n, 1, 3, "scorer", "table", ("anna",), looks=1)
    found = certify(frozen(audited, wrong), terms).certificate
    assert found is not None
    return replace(found, draw=Draw("0f1e", 1010, 202, (5, 17), "the order"))


def test_a_certificate_keeps_its_draw() -> None:
    found = certificate()
    assert Certificate.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_it_is_told_in_words() -> None:
    found = certificate()
    assert found.draw is not None
    assert f"Of the {found.top:,} safest texts {found.audited:,} were audited at random" in describe(found)
    assert steps_of(found)[0] == "The audit is looked at once: this test may fail with probability 0.05000."
    said = describe_draw(found.draw)
    assert "the 1,010 texts with the safest of them put in order: table the order" in said
    assert "the 202 positions of the smallest hashes" in said
    assert "2 of the 1,010 texts left before the test" in said
    assert "left before" not in describe_draw(replace(found.draw, left=()))
