"""Query strategies: which rows to ask a person about next.

Each is written to modAL's contract, ``(learner, X, n_instances=1, **kwargs) -> (indices, utilities)``, around
a free function on arrays, so that a stock modAL learner can use it too. Keywords that a strategy has no use
for are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping

from active.strategies.balance import class_balanced
from active.strategies.committee import vote_entropy
from active.strategies.coverage import k_center, ranked_batch
from active.strategies.disagreement import disagreement
from active.strategies.diversity import clustered, diverse_margin, diverse_smallest
from active.strategies.draws import first_batch, random, weighted_draw
from active.strategies.typicality import typical_first
from active.strategies.uncertainty import (
    entropies,
    entropy,
    least_confidence,
    margin,
    margins,
    smallest,
)
from active.strategies.variance_reduction import variance_reduction
from labeling.types import Strategy

STRATEGIES: Mapping[str, Strategy] = {
    "auto": variance_reduction,
    "class_balanced": class_balanced,
    "disagreement": disagreement,
    "diverse_margin": diverse_margin,
    "entropy": entropy,
    "k_center": k_center,
    "least_confidence": least_confidence,
    "margin": margin,
    "random": random,
    "ranked_batch": ranked_batch,
    "typical_first": typical_first,
    "variance_reduction": variance_reduction,
    "vote_entropy": vote_entropy,
}

BEGINNERS = frozenset({"auto", "k_center", "random", "ranked_batch", "typical_first", "variance_reduction"})
"""Strategies that choose well before there is any label; the others begin with a draw by doubt."""


def strategy_for(name: str, n_labels: int) -> Strategy:
    """Give the strategy of a name, as it chooses when ``n_labels`` are known."""
    return STRATEGIES[name] if n_labels or name in BEGINNERS else first_batch


__all__ = [
    "BEGINNERS",
    "STRATEGIES",
    "class_balanced",
    "clustered",
    "disagreement",
    "diverse_margin",
    "diverse_smallest",
    "entropies",
    "entropy",
    "first_batch",
    "k_center",
    "least_confidence",
    "margin",
    "margins",
    "random",
    "ranked_batch",
    "smallest",
    "strategy_for",
    "typical_first",
    "variance_reduction",
    "vote_entropy",
    "weighted_draw",
]
