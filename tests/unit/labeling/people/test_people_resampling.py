"""The bootstrap over items: it covers, repeats itself and knows what it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.people.agreement import agreement, krippendorff_alpha, krippendorff_parts
from labeling.people.resampling import LEAST_ITEMS, Estimate, bootstrap


def share(sums: np.ndarray) -> np.ndarray:
    return sums[:, :1] / np.maximum(sums[:, 1:], 1)


def hits(rng: np.random.Generator, n: int, p: float) -> np.ndarray:
    return np.column_stack([rng.random(n) < p, np.ones(n)]).astype(float)


def test_it_covers_a_share() -> None:
    rng = np.random.default_rng(0)
    found = [bootstrap(hits(rng, 80, 0.7), share, seed)[0] for seed in range(300)]
    inside = np.mean([e.low <= 0.7 <= e.high for e in found])
    assert 0.9 <= inside <= 0.985


def test_it_covers_alpha() -> None:
    rng = np.random.default_rng(1)

    def counts(n: int) -> np.ndarray:
        truth = rng.integers(0, 3, n)
        said = np.where(rng.random((n, 3)) < 0.8, truth[:, None], rng.integers(0, 3, (n, 3)))
        return np.stack([(said == c).sum(axis=1) for c in range(3)], axis=1).astype(float)

    [whole] = krippendorff_alpha(krippendorff_parts(counts(200_000)).sum(axis=0)[None])
    found = [agreement(counts(100)).krippendorff for _ in range(150)]
    inside = np.mean([e.low <= whole <= e.high for e in found])
    assert 0.89 <= inside <= 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    data = hits(np.random.default_rng(2), 50, 0.5)
    assert bootstrap(data, share, 7) == bootstrap(data, share, 7)
    assert bootstrap(data, share, 7) != bootstrap(data, share, 8)


def test_few_items_have_no_interval() -> None:
    data = hits(np.random.default_rng(3), LEAST_ITEMS - 1, 0.5)
    [found] = bootstrap(data, share)
    assert found.value is not None
    assert (found.low, found.high) == (None, None)
    assert "(" not in str(found)


def test_what_is_not_defined_is_none() -> None:
    [found] = bootstrap(np.ones((20, 1)), lambda sums: np.full((len(sums), 1), np.nan))
    assert found == Estimate(None, None, None, 20)
    assert str(found) == "–"


def test_what_is_rarely_undefined_keeps_its_interval() -> None:
    data = np.zeros((12, 2))
    data[0] = 1
    data[1:, 1] = 0
    [found] = bootstrap(data, lambda s: np.where(s[:, 1:] > 0, s[:, :1] / np.maximum(s[:, 1:], 1), np.nan))
    assert found.value == found.low == found.high == pytest.approx(1)
