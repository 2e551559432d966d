"""The quality table: its measures, its criteria, and how it is written."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "label-models.md"


@pytest.fixture(scope="module")
def quality() -> ModuleType:
    path = Path(__file__).parents[1] / "benchmarks" / "quality.py"
    spec = importlib.util.spec_from_file_location("quality", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["quality"] = module
    spec.loader.exec_module(module)
    return module


def test_measures_by_hand(quality: ModuleType) -> None:
    proba = np.array([[0.8, 0.2], [0.5, 0.5], [1.0, 0.0]])
    accuracy, loss, error = quality.measure(proba, np.array([0, 1, 1]))
    assert accuracy == pytest.approx((1 + 0.5 + 0) / 3)
    assert loss == pytest.approx(-(np.log(0.8) + np.log(0.5) + np.log(1e-6)) / 3)
    assert error == pytest.approx((0.2 + 0.0 + 1.0) / 3)


def test_a_point_and_a_bit_less_is_a_breach(quality: ModuleType) -> None:
    def table(ours: float) -> dict[str, dict[str, np.ndarray]]:
        scores = {"majority": 0.8, "snorkel's own": 0.7, "auto, 0 labels": ours}
        return {model: {"set pool": np.array([right, 0.5, 0.1])} for model, right in scores.items()}

    assert quality.less_accurate(table(0.791)) == []
    assert quality.less_accurate(table(0.789)) == [
        "set pool: auto without labels is right on 0.789, the better peer on 0.800"
    ]


def test_a_log_loss_that_is_no_lower_is_a_breach(quality: ModuleType) -> None:
    ours, theirs = {"set pool": np.array([0.8, 0.5, 0])}, {"set pool": np.array([0.8, 0.5, 0])}
    assert quality.less_likely(ours, theirs, "majority") == [
        "set pool: auto with 200 labels has log loss 0.500, majority 0.500"
    ]
    assert quality.less_likely(ours, {"set pool": np.array([0.8, 0.51, 0])}, "majority") == []


def test_only_what_stands_between_the_marks_is_replaced(quality: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{quality.BEGIN}old\n{quality.END}after\n", encoding="utf-8")
    scores = {"set pool": np.array([0.8, 0.5, 0.1])}
    quality.write_between_marks(page, quality.as_markdown({"set": {"majority": scores}}))
    table = "| | set pool |\n|---|---|\n| majority | 0.800 / 0.50 / 0.10 |\n"
    assert page.read_text(encoding="utf-8") == f"before\n{quality.BEGIN}{table}{quality.END}after\n"


def test_the_page_has_the_marks_and_every_kind(quality: ModuleType) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(quality.BEGIN) == text.count(quality.END) == 1
    for kind in quality.LABEL_MODELS:
        assert f"`{kind}`" in text
