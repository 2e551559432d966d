"""Human labels inside a label model: they anchor what it believes of its voters."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from labeling.label_models.co_votes import one_hot
from labeling.types import Floats, GoldVotes

PRIOR_LABELS = 20.0
"""Labels per class that a belief is worth where nothing tells how good it is."""

STRENGTHS = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
"""Labels per class that a belief from votes alone may be worth: people's labels choose among these."""

LEAST_RATE = 1e-6


def anchored(table: Floats, gold: GoldVotes, strength: float | None = None) -> Floats:
    """Pull P(vote | class) of each voter towards what it did on human labels, as pseudo-counts.

    The posterior mean of a Dirichlet prior whose mean is the model's own belief: with no label of a class
    the belief stays, with many it is what was seen. Labels that bear the belief out leave it strong.

    Parameters
    ----------
    table : array, shape (m * k, k)
        P(voter i says a | class) in rows i * k + a, as in snorkel's mu; abstentions are the rest to one.
    gold : GoldVotes
    strength : float, optional
        Labels per class that the belief is worth; by ``likeliest_strength`` if None.
    """
    seen, labels = gold_counts(gold)
    if strength is None:
        strength = likeliest_strength(table, seen, labels)
    return np.asarray((strength * table + seen) / (strength + labels))


def gold_counts(gold: GoldVotes) -> tuple[Floats, Floats]:
    """Count votes by class, shape (m * k, k), and labels by class, shape (k,), by weight."""
    k = gold.votes.n_classes
    told = np.eye(k)[gold.labels] * gold.weight[:, None]
    return np.asarray(one_hot(gold.votes.hard, k).T @ told), told.sum(axis=0)


def likeliest_strength(table: Floats, seen: Floats, labels: Floats) -> float:
    """Give the strength of the prior under which votes on human labels are likeliest.

    Empirical Bayes: the evidence of the Dirichlet-multinomial of all voters and classes (Minka, 2000).

    Parameters
    ----------
    table, seen : array, shape (m * k, k)
    labels : array, shape (k,)
    """
    return max(STRENGTHS, key=lambda strength: _evidence(strength, table, seen, labels))


def log_evidence(table: Floats, gold: GoldVotes) -> float:
    """Give how well a belief foretells the votes on human labels, at its likeliest strength, in natural logs.

    Parameters
    ----------
    table : array, shape (m * k, k)
    gold : GoldVotes
    """
    seen, labels = gold_counts(gold)
    return _evidence(likeliest_strength(table, seen, labels), table, seen, labels)


def _evidence(strength: float, table: Floats, seen: Floats, labels: Floats) -> float:
    k = table.shape[1]
    silent = 1 - table.reshape(-1, k, k).sum(axis=1)
    abstained = labels - seen.reshape(-1, k, k).sum(axis=1)
    rates = np.maximum(np.vstack([table, silent]), LEAST_RATE)
    counts = np.maximum(np.vstack([seen, abstained]), 0)
    per_voter = gammaln(strength) - gammaln(strength + labels)
    cells = gammaln(strength * rates + counts) - gammaln(strength * rates)
    return float(cells.sum() + len(silent) * per_voter.sum())
