"""Label models against snorkel's own, both on one thread."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Benchmark, Result, compare

from labeling import SnorkelModel, VoteMatrix


def planted_votes(rows: int, voters: int, classes: int, coverage: float) -> VoteMatrix:
    rng = np.random.default_rng(0)
    truth = rng.integers(classes, size=rows)
    right = rng.random((rows, voters)) < rng.uniform(0.6, 0.9, size=voters)
    hard = np.where(right, truth[:, None], rng.integers(classes, size=(rows, voters)))
    hard = np.where(rng.random((rows, voters)) < coverage, hard, -1).astype(np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(voters)), classes)


def label_model(rows: int) -> Result:
    """Fit and probabilities."""
    from snorkel.labeling.model import LabelModel

    votes = planted_votes(rows, 30, 4, 0.1)

    def ours() -> Any:
        model = SnorkelModel(0)
        return model.fit(model.statistics(votes)).predict_proba(votes)

    def peer() -> Any:
        model = LabelModel(cardinality=4, verbose=False)
        model.fit(votes.hard.astype(int), seed=0, progress_bar=False)
        return model.predict_proba(votes.hard.astype(int))

    covered = votes.covered
    return compare(ours, peer, lambda a, b: np.allclose(a[covered], b[covered], atol=1e-5), floor=1.5)


BENCHMARKS: dict[str, Benchmark] = {
    "label model, 30 voters, 4 classes": (label_model, 200_000, 1_000_000),
}
