"""The report's pictures: described in words, in the colours of the page, alike every time."""

from __future__ import annotations

import re

import numpy as np

from labeling.calibration.reliability import measure_reliability
from labeling.report.drawing import funnel_picture, learning_picture, quality_picture, reliability_picture
from labeling.report.funnel import Funnel, Stage
from labeling.report.learning import Learning, Point

FUNNEL = Funnel((Stage("rows", 90, 100), Stage("covered", 70, 80), Stage("gold", 0, 0)), ())


def learning(*points: Point) -> Learning:
    return Learning(3, "accuracy <b>0.9</b>", "labels still change", 0.95, points, ())


def point(labels: int, *, ahead: bool = False, cost: float | None = None) -> Point:
    return Point(labels, labels, 0.9, 0.85, 0.95, labels / 100, 0.0, cost, ahead)


CURVE = learning(point(20), point(40), point(90, ahead=True))


def test_pictures_say_in_words_what_they_show() -> None:
    drawn = funnel_picture(FUNNEL)
    assert 'role="img" aria-label="Rows by stage: rows 100, covered 80, gold 0"' in drawn
    assert "&lt;b&gt;" in learning_picture(CURVE)
    assert ">expected</text>" in learning_picture(CURVE)
    assert ">expected</text>" not in learning_picture(learning(point(20)))


def test_black_follows_the_page_and_nothing_is_white() -> None:
    for drawn in (funnel_picture(FUNNEL), learning_picture(CURVE), quality_picture(CURVE)):
        assert "currentColor" in drawn
        assert "#000000" not in drawn
        assert "fill: #ffffff" not in drawn


def test_the_same_figures_give_the_same_picture() -> None:
    assert learning_picture(CURVE) == learning_picture(CURVE)


def test_names_within_a_page_are_given_once() -> None:
    page = funnel_picture(FUNNEL) + learning_picture(CURVE) + quality_picture(CURVE)
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_cost_is_drawn_where_all_of_it_is_known() -> None:
    assert "cost of people and language models" in quality_picture(learning(point(1, cost=2.0)))
    assert "hours of people" in quality_picture(learning(point(1, cost=2.0), point(2)))


def test_reliability_names_its_curves_and_errors() -> None:
    proba = np.random.default_rng(0).dirichlet([1, 1], 60)
    found = measure_reliability(proba, proba.argmax(axis=1))
    drawn = reliability_picture({"label model": found}, "x")
    assert f"label model {found.error:.3f}" in drawn
    assert ">label model</text>" in drawn
