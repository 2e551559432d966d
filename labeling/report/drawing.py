"""The report's pictures; each shows nothing that the table beside it does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from labeling.calibration.reliability import Reliability
from labeling.pictures import COLOURS, inline_svg
from labeling.report.funnel import Funnel
from labeling.report.learning import Learning, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (7.0, 3.4)
"""Inches."""
MOST_STATES = 6


def funnel_picture(funnel: Funnel) -> str:
    """Draw the rows of each stage as bars."""
    figure, axes = _figure(height=2.4)
    names, rows = [s.name for s in funnel.stages], [s.rows for s in funnel.stages]
    bars = axes.barh(names, rows, color=COLOURS[0])
    axes.bar_label(bars, [f"{count:,}" for count in rows], padding=3)
    axes.invert_yaxis()
    axes.set(xlabel="rows")
    axes.margins(x=0.12)
    described = ", ".join(f"{s.name} {s.rows:,}" for s in funnel.stages)
    return inline_svg(figure, f"Rows by stage: {described}", "funnel")


def learning_picture(learning: Learning) -> str:
    """Draw accuracy over labels with 95 % intervals, the target, and what is expected."""
    figure, axes = _figure()
    _draw_points(axes, learning.points, [point.labels for point in learning.points])
    axes.axhline(learning.target, color="grey", linestyle=":", label=f"target {learning.target:g}")
    axes.set(xlabel="labels that the model learnt from", ylabel="share of items that are right")
    axes.legend(frameon=False, loc="lower right", fontsize="small")
    return inline_svg(figure, f"Accuracy over labels: {learning.said}", "learning")


def quality_picture(learning: Learning) -> str:
    """Draw accuracy over what it cost: money where an hour has a price, else hours."""
    priced = all(point.cost is not None for point in learning.points)
    spent = [point.cost if priced else point.hours for point in learning.points]
    figure, axes = _figure()
    _draw_points(axes, learning.points, [value or 0.0 for value in spent])
    unit = "cost of people and language models" if priced else "hours of people's time"
    axes.set(xlabel=unit, ylabel="share of items that are right")
    axes.legend(frameon=False, loc="lower right", fontsize="small")
    return inline_svg(figure, f"Accuracy over {unit}", "quality")


def reliability_picture(measured: Mapping[str, Reliability], salt: str) -> str:
    """Draw accuracy over confidence with 95 % intervals, a curve for each name."""
    figure, axes = _figure(height=4.2)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="as sure as right")
    for (name, found), colour in zip(list(measured.items())[:MOST_STATES], COLOURS, strict=False):
        accuracy = np.array(found.accuracy)
        spread = np.clip([accuracy - found.low, found.high - accuracy], 0, 1)
        axes.errorbar(
            found.confidence, found.accuracy, spread, marker="o", capsize=3, color=colour, label=name
        )
    axes.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(frameon=False, loc="upper left", fontsize="small")
    errors = ", ".join(f"{name} {found.error:.3f}" for name, found in measured.items())
    return inline_svg(figure, f"Accuracy over confidence; expected calibration error: {errors}", salt)


def _figure(height: float = SIZE[1]) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIZE[0], height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    return figure, axes


def _draw_points(axes: Axes, points: tuple[Point, ...], x: list[Any]) -> None:
    """Draw what was told and, from the last of it on, what is expected."""
    ahead = np.array([point.ahead for point in points], dtype=bool)
    accuracy = np.array([point.accuracy for point in points])
    spread = np.array([[p.accuracy - p.low, p.high - p.accuracy] for p in points]).T.clip(0)
    places = np.array(x, dtype=float)
    told = np.flatnonzero(~ahead)
    expected = np.concatenate([told[-1:], np.flatnonzero(ahead)])
    for rows, colour, style, name in (
        (told, COLOURS[0], "-", "so far"),
        (expected, COLOURS[1], "--", "expected"),
    ):
        if len(rows) and (name == "so far" or ahead.any()):
            axes.errorbar(
                places[rows],
                accuracy[rows],
                spread[:, rows],
                color=colour,
                linestyle=style,
                marker="o",
                capsize=3,
                label=name,
            )
