"""Learning curves become a picture whose names stand apart, each by its line's end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.simulation.curves import Point, mean_curve
from labeling.simulation.picture import colours, draw_curves, spread_out, strongest_rival


def curve(*accuracies: float) -> list[dict[str, Any]]:
    return mean_curve([[Point(50 * (i + 1), a, hours=0.5 * (i + 1)) for i, a in enumerate(accuracies)]])


CURVES = {"quorum": curve(0.9, 0.95), "active_only": curve(0.6, 0.9), "random": curve(0.7, 0.8)}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that are written."""
    figures: list[Any] = []
    save = matplotlib.figure.Figure.savefig

    def keep(figure: Any, *args: Any, **kwargs: Any) -> None:
        figures.append(figure)
        save(figure, *args, **kwargs)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", keep)
    return figures


def test_a_picture_is_written_with_each_arm_named(tmp_path: Path, drawn: list[Any]) -> None:
    out = tmp_path / "deep" / "curves.png"
    draw_curves(CURVES, out, "small: perfect people")
    assert out.read_bytes().startswith(b"\x89PNG")
    [axes] = drawn[0].axes
    said = " ".join(text.get_text() for text in axes.texts)
    for name in ("quorum 95.0%", "active only 90.0%", "random 80.0%"):
        assert name in said
    title = axes.get_title(loc="left")
    assert title == "small: perfect people\nquorum reaches .900 with about 50 answers, active only needs 100"
    assert axes.get_xlabel() == "answers of people"


def test_it_can_be_drawn_against_hours(tmp_path: Path, drawn: list[Any]) -> None:
    draw_curves(CURVES, tmp_path / "hours.png", "title", against="hours")
    [axes] = drawn[0].axes
    assert axes.get_xlabel() == "hours of people's time"
    assert axes.lines[0].get_xdata().tolist() == [0.5, 1.0]
    assert axes.get_title(loc="left") == "title"


def test_the_same_curves_give_the_same_file(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_curves(CURVES, tmp_path / name, "title")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_arms_without_a_step_are_left_out(tmp_path: Path, drawn: list[Any]) -> None:
    draw_curves({"quorum": [], "random": curve(0.5)}, tmp_path / "c.png", "title")
    assert len(drawn[0].axes[0].lines) == 1


def test_the_strongest_rival_is_the_best_in_the_end() -> None:
    rival = strongest_rival(CURVES)
    assert rival is not None
    assert rival.against == "active_only"
    assert strongest_rival({"quorum": curve(0.5, 0.6), "random": curve(0.8, 0.9)}) is None
    assert strongest_rival({"random": curve(0.8)}) is None


def test_there_are_colours_for_any_number() -> None:
    assert len(set(colours(7))) == 7
    assert len(colours(20)) == 20


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.01, 0.2))
def test_places_stand_apart_in_order_and_near_their_values(values: list[float], gap: float) -> None:
    ends = np.array(values)
    placed = spread_out(ends, gap)
    order = np.argsort(ends, kind="stable")
    assert (np.diff(placed[order]) >= gap - 1e-9).all()
    assert placed.mean() == pytest.approx(ends.mean())


def test_places_that_are_apart_stay() -> None:
    assert spread_out(np.array([0.9, 0.1, 0.5]), 0.2) == pytest.approx([0.9, 0.1, 0.5])
    assert spread_out(np.array([0.5, 0.5]), 0.2) == pytest.approx([0.4, 0.6])
