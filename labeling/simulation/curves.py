"""Learning curves as numbers: steps of runs, averaged over seeds, and what one arm saves against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

Curve = Sequence[Mapping[str, Any]]
"""The steps of an arm, as ``mean_curve`` gives them."""


@dataclass(frozen=True)
class Point:
    """One step of one run; shares lie in [0, 1] and count rows.

    Attributes
    ----------
    labels : int
        Answers so far.
    accuracy : float
    accepted, accepted_error, oracle_accepted : float
        Accepted by machine; of all rows, those that are accepted wrongly; acceptable in hindsight.
    ece, log_loss : float or None
        Calibration error and mean negative log-probability of the truth, over rows without an answer; None
        where there is no such row.
    hours : float
        What people spent on it.
    """

    labels: int
    accuracy: float
    accepted: float = 0.0
    accepted_error: float = 0.0
    oracle_accepted: float = 0.0
    ece: float | None = None
    log_loss: float | None = None
    hours: float = 0.0


MEASURES = tuple(f.name for f in fields(Point) if f.name != "labels")


def mean_curve(runs: Sequence[Sequence[Point]]) -> list[dict[str, Any]]:
    """Average the runs of several seeds step by step; a step that some run did not reach is left out.

    Runs may end with different numbers of answers where people skip and the pool is used up.
    """
    steps = zip(*runs, strict=False)
    return [_mean([asdict(p) for p in step]) for step in steps if len({p.labels for p in step}) == 1]


def _mean(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    accuracy = [p["accuracy"] for p in points]
    spread = float(np.std(accuracy, ddof=1)) if len(points) > 1 else 0.0
    means = {name: _mean_of([p[name] for p in points]) for name in MEASURES}
    first = {"labels": points[0]["labels"], "accuracy": means.pop("accuracy")}
    return {**first, "accuracy_std": round(spread, 6), **means}


def _mean_of(values: Sequence[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return round(float(np.mean(told)), 6) if told else None


@dataclass(frozen=True)
class Saving:
    """What an arm needs to be as accurate as another becomes.

    Attributes
    ----------
    arm, against : str
    accuracy : float
        The best that both reach.
    labels, labels_against : int
        Answers that each needs for it.
    """

    arm: str
    against: str
    accuracy: float
    labels: int
    labels_against: int

    def describe(self) -> str:
        """Say it in a sentence.

        Examples
        --------
        >>> Saving("quorum", "random", 0.9612, 100, 400).describe()
        'quorum reaches .961 with about 100 answers, random needs 400'
        """
        level = f"{self.accuracy:.3f}".removeprefix("0")
        said = f"{self.arm} reaches {level} with about {self.labels} answers"
        return f"{said}, {self.against.replace('_', ' ')} needs {self.labels_against}"


def savings(curves: Mapping[str, Curve], arm: str = "quorum") -> list[Saving]:
    """Compare one arm with each other one at the highest accuracy that both reach."""
    others = [name for name in curves if name != arm and curves[name] and curves.get(arm)]
    return [_saving(arm, other, curves[arm], curves[other]) for other in others]


def _saving(arm: str, against: str, ours: Curve, theirs: Curve) -> Saving:
    level = min(max(p["accuracy"] for p in curve) for curve in (ours, theirs))
    return Saving(arm, against, level, labels_to_reach(ours, level), labels_to_reach(theirs, level))


def labels_to_reach(curve: Curve, accuracy: float) -> int:
    """Give the answers with which a curve is first so accurate, on straight lines between its steps.

    Some step has to be so accurate; before the first one nothing is known.
    """
    i = next(i for i, p in enumerate(curve) if p["accuracy"] >= accuracy)
    before, after = curve[max(i - 1, 0)], curve[i]
    gain = after["accuracy"] - before["accuracy"]
    share = (accuracy - before["accuracy"]) / gain if gain else 0.0
    reached: float = before["labels"] + share * (after["labels"] - before["labels"])
    return round(reached)
