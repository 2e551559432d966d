"""How good a classifier is on labels that it has not seen: figures, and what each label stands for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labeling.calibration.reliability import measure_reliability
from labeling.intervals import wilson_interval
from labeling.types import Bools, Floats, Ints

LEAST_PROBABILITY = 1e-12


@dataclass(frozen=True)
class HeldOut:
    """Figures on labels that the model has not seen; shares in [0, 1].

    Attributes
    ----------
    how : str
        ``test`` (the held-out file) or ``cross-validation``.
    n : int
        Labels.
    accuracy, accuracy_low, accuracy_high : float
        With its 95 % interval by Wilson (1927), at the effective number of labels.
    log_loss : float
        In natural-log units.
    ece, ece_low, ece_high : float
        Expected calibration error of the most probable class, with its 95 % interval by the bootstrap.
    stands_for : float
        Share of the contents in question that the labels were drawn from.
    """

    how: str
    n: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    log_loss: float
    ece: float
    ece_low: float
    ece_high: float
    stands_for: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(self).items()}


def measure(how: str, proba: Floats, labels: Ints, weights: Floats, stands_for: float = 1.0) -> HeldOut:
    """Measure class probabilities, shape (g, k), of g labels, each of which stands for so many others.

    Parameters
    ----------
    how : str
        How the probabilities came about.
    labels : array of int, shape (g,), g at least 1
    weights : array of float, shape (g,), positive
    """
    share = weights / weights.sum()
    accuracy = float(share @ (proba.argmax(axis=1) == labels))
    effective = 1 / float(share @ share)
    low, high = wilson_interval(accuracy * effective, effective)
    likely = np.maximum(proba[np.arange(len(labels)), labels], LEAST_PROBABILITY)
    reliability = measure_reliability(proba, labels, weights)
    return HeldOut(
        how=how,
        n=len(labels),
        accuracy=accuracy,
        accuracy_low=float(low),
        accuracy_high=float(high),
        log_loss=float(-(share @ np.log(likely))),
        ece=reliability.error,
        ece_low=reliability.error_low,
        ece_high=reliability.error_high,
        stands_for=stands_for,
    )


def design_weights(strata: Ints, sampled: Bools) -> tuple[Floats, float]:
    """Say how many contents each sampled one stands for (Horvitz and Thompson 1952, stratum by stratum).

    Parameters
    ----------
    strata : array of int, shape (n,)
    sampled : mask, shape (n,)

    Returns
    -------
    weights : array of float, shape (g,)
        Of the sampled ones: one over the probability of being drawn.
    stands_for : float
        Share of all contents that lie in a stratum with a sample, in [0, 1].

    Examples
    --------
    >>> strata = np.array([0, 0, 0, 0, 1])
    >>> design_weights(strata, np.array([True, True, False, False, True]))
    (array([2., 2., 1.]), 1.0)
    """
    _, place, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    drawn = np.bincount(place, weights=sampled, minlength=len(sizes))
    inside = place[sampled]
    return sizes[inside] / drawn[inside], float(sizes[drawn > 0].sum() / max(len(strata), 1))
