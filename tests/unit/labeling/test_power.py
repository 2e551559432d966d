"""How much the two promises accept of what hindsight would, on populations with a known power."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.certificates.guarantee import acceptable_wrong, error_budget, safe_prefix
from labeling.certificates.reach import plan_prefixes
from labeling.certificates.region import plan_region
from labeling.certificates.selective import sequence_of_tests
from tests.certificate_profiles import (
    PROFILES,
    UNITS,
    draw_audit,
    hindsight_dataset,
    hindsight_selective,
    plain_recipe,
)

ALPHA = DELTA = 0.05
POPULATIONS, DRAWS = 4, 40
SLACK = 0.03

SELECTIVE = {
    ("sharp", 200): 0.82,
    ("sharp", 800): 0.93,
    ("20 % error", 200): 0.40,
    ("20 % error", 800): 0.82,
    ("mediocre", 200): 0.31,
    ("mediocre", 800): 0.76,
}
DATASET = {("mediocre", 800): 0.94, ("20 % error", 800): 0.97, ("sharp", 242): 0.90, ("mediocre", 589): 0.90}
PLAIN = {
    ("sharp", 200): 0.48,
    ("sharp", 800): 0.91,
    ("20 % error", 200): 0.13,
    ("20 % error", 800): 0.60,
    ("mediocre", 200): 0.14,
    ("mediocre", 800): 0.68,
}


def selective_share(name: str, size: int) -> float:
    shares = []
    for seed in range(POPULATIONS):
        true, predicted = PROFILES[name].draw(seed)
        region = plan_region("selective", predicted, UNITS, size, ALPHA, DELTA)
        prefixes = plan_prefixes(predicted[:region], size, ALPHA, DELTA).tolist()
        rng = np.random.default_rng([seed, size])
        for _ in range(DRAWS):
            wrong, audited = rng.random(UNITS) < true, draw_audit(rng, region, size)
            steps = sequence_of_tests(prefixes, audited, audited & wrong[:region], ALPHA, DELTA)
            passed = max((s.prefix for s in steps if s.passed), default=0)
            shares.append(passed / hindsight_selective(wrong, ALPHA))
    return float(np.mean(shares))


def dataset_share(name: str, size: int) -> float:
    shares, budget = [], error_budget(ALPHA, UNITS)
    for seed in range(POPULATIONS):
        true, predicted = PROFILES[name].draw(seed)
        region = plan_region("dataset", predicted, UNITS, size, ALPHA, DELTA)
        allowed = acceptable_wrong(region, size, budget, DELTA)
        rng = np.random.default_rng([seed, size])
        for _ in range(DRAWS if allowed is not None else 0):
            wrong, audited = rng.random(UNITS) < true, draw_audit(rng, region, size)
            shares.append(safe_prefix(audited & wrong[:region], allowed) / hindsight_dataset(wrong, budget))
    return float(np.mean(shares))


def plain_share(name: str, size: int) -> float:
    shares = []
    for seed in range(2 * POPULATIONS):
        true, _ = PROFILES[name].draw(seed)
        rng = np.random.default_rng([seed, size])
        for _ in range(DRAWS // 2):
            wrong, audited = rng.random(UNITS) < true, draw_audit(rng, UNITS, size)
            reached = plain_recipe(wrong, audited, ALPHA, DELTA)
            shares.append(reached / hindsight_selective(wrong, ALPHA))
    return float(np.mean(shares))


@pytest.mark.parametrize(("profile", "size"), SELECTIVE)
def test_selective_accepts_its_share_of_hindsight(profile: str, size: int) -> None:
    assert selective_share(profile, size) >= SELECTIVE[profile, size] - SLACK


@pytest.mark.parametrize(("profile", "size"), DATASET)
def test_dataset_accepts_its_share_of_hindsight(profile: str, size: int) -> None:
    assert dataset_share(profile, size) >= DATASET[profile, size] - SLACK


@pytest.mark.parametrize(("profile", "size"), PLAIN)
def test_the_profiles_are_those_of_the_figures(profile: str, size: int) -> None:
    assert plain_share(profile, size) == pytest.approx(PLAIN[profile, size], abs=0.06)
