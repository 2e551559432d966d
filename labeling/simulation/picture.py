"""Learning curves as a picture that tells at a glance which arm needs how many answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from labeling.pictures import COLOURS
from labeling.simulation.curves import Curve, Saving, savings
from labeling.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABEL_GAP = 0.055
"""Least distance of two names at the lines' ends, as a share of the picture's height."""

AXES = {"labels": "answers of people", "hours": "hours of people's time"}
"""What a picture can be drawn against."""


def draw_curves(curves: Mapping[str, Curve], out: Path, title: str, against: str = "labels") -> None:
    """Draw accuracy with a band of one standard deviation over seeds, each arm named at its line's end.

    A dotted line shows what ``quorum`` saves against the best of the other arms.

    Parameters
    ----------
    curves : mapping of str to sequence of steps
    out : Path
        A PNG.
    title : str
    against : str
        A key of ``AXES``.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    drawn = {name: curve for name, curve in curves.items() if curve}
    figure = Figure(figsize=(8, 4.8), dpi=120, layout="constrained")
    axes = figure.subplots()
    for (name, curve), colour in zip(drawn.items(), colours(len(drawn)), strict=True):
        _draw_line(axes, curve, against, colour, thick=name == "quorum")
    _name_lines(axes, drawn)
    saved = strongest_rival(drawn) if against == "labels" else None
    if saved is not None:
        axes.hlines(saved.accuracy, saved.labels, saved.labels_against, color="dimgrey", linestyle=":")
        title = f"{title}\n{saved.describe()}"
    axes.set(xlabel=AXES[against], ylabel="accuracy over all rows")
    axes.set_title(title, loc="left", fontsize="medium")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, format="png", metadata={"Software": None})


def colours(n: int) -> list[str]:
    """Give ``n`` colours, from the first again where there are not so many."""
    return [COLOURS[i % len(COLOURS)] for i in range(n)]


def _draw_line(axes: Axes, curve: Curve, against: str, colour: str, thick: bool) -> None:
    x, y, spread = (column(curve, key) for key in (against, "accuracy", "accuracy_std"))
    axes.plot(x, y, color=colour, linewidth=2.8 if thick else 1.6, marker="o", markersize=4 if thick else 2.5)
    axes.fill_between(x, y - spread, y + spread, color=colour, alpha=0.13, linewidth=0)


def column(curve: Curve, key: str) -> Floats:
    """Give one key of all steps, shape (steps,)."""
    return np.array([point[key] for point in curve], dtype=float)


def _name_lines(axes: Axes, curves: Mapping[str, Curve]) -> None:
    low, high = axes.get_ylim()
    ends = np.array([curve[-1]["accuracy"] for curve in curves.values()])
    places = spread_out(ends, LABEL_GAP * (high - low))
    for name, end, place, colour in zip(curves, ends, places, colours(len(curves)), strict=True):
        axes.annotate(
            f"{name.replace('_', ' ')} {end:.1%}",
            (1.01, place),
            xycoords=("axes fraction", "data"),
            annotation_clip=False,
            color=colour,
            va="center",
            fontweight="bold" if name == "quorum" else "normal",
        )


def spread_out(values: Floats, gap: float) -> Floats:
    """Move values apart until neighbours are at least ``gap`` away, none further than it has to.

    Neighbours that are too near stand around their mean: least squares by pooling (isotonic regression,
    Barlow et al., 1972).
    """
    from sklearn.isotonic import isotonic_regression

    order = np.argsort(values, kind="stable")
    steps = gap * np.arange(len(values))
    placed = np.empty(len(values))
    placed[order] = isotonic_regression(values[order] - steps) + steps
    return placed


def strongest_rival(curves: Mapping[str, Curve]) -> Saving | None:
    """Give what ``quorum`` saves against the arm that is best in the end, None where it saves nothing."""
    saved = savings(curves)
    rival = max(saved, key=lambda s: float(curves[s.against][-1]["accuracy"]), default=None)
    return rival if rival and rival.labels < rival.labels_against else None
