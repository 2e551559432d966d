"""Learning curves: accuracy against human labels, as numbers and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Point:
    """One step of one run; shares lie in [0, 1] and count rows."""

    labels: int
    accuracy: float
    accepted: float = 0.0
    accepted_error: float = 0.0
    oracle_accepted: float = 0.0


def mean_curve(runs: Sequence[Sequence[Point]]) -> list[dict[str, Any]]:
    """Average the runs of several seeds step by step; a step that some run did not reach is left out."""
    return [_mean(points) for points in zip(*runs, strict=False)]


def _mean(points: Sequence[Point]) -> dict[str, Any]:
    accuracy = np.array([p.accuracy for p in points])
    return {
        "labels": points[0].labels,
        "accuracy": round(float(accuracy.mean()), 6),
        "accuracy_std": round(float(accuracy.std(ddof=1)) if len(points) > 1 else 0.0, 6),
        "accepted": round(float(np.mean([p.accepted for p in points])), 6),
        "accepted_error": round(float(np.mean([p.accepted_error for p in points])), 6),
        "oracle_accepted": round(float(np.mean([p.oracle_accepted for p in points])), 6),
    }


def plot_curves(curves: Mapping[str, Sequence[Mapping[str, Any]]], out: Path, title: str) -> None:
    """Draw the curves with a band of one standard deviation, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        x = np.array([p["labels"] for p in curve])
        y = np.array([p["accuracy"] for p in curve])
        spread = np.array([p["accuracy_std"] for p in curve])
        axes.plot(x, y, marker="o", label=name.replace("_", " "))
        axes.fill_between(x, y - spread, y + spread, alpha=0.15)
    axes.set_xlabel("answers of people")
    axes.set_ylabel("accuracy over all rows")
    axes.set_title(title)
    axes.grid(alpha=0.3)
    axes.legend()
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, format="png")
