"""The reliability diagram."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from labeling.calibration.reliability import Reliability


def plot_reliability(measured: Mapping[str, Reliability], out: Path, title: str) -> None:
    """Draw accuracy over confidence with 95 % intervals, one curve per name, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 5), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="calibrated")
    for name, found in measured.items():
        accuracy = np.array(found.accuracy)
        spread = np.clip([accuracy - found.low, found.high - accuracy], 0, 1)
        said = f"{name}: ECE {found.error:.3f} ({found.error_low:.3f} to {found.error_high:.3f})"
        axes.errorbar(found.confidence, found.accuracy, spread, marker="o", capsize=3, label=said)
    axes.set_xlabel("confidence of the label model")
    axes.set_ylabel("share that people agree with")
    axes.set_title(title)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", fontsize="small")
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, format="png")
