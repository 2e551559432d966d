"""What is told of an end model in a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from labeling.cli.display_model import exported, scored

HELD_OUT = {"how": "cross-validation", "n": 54, "accuracy": 0.867, "accuracy_low": 0.727}
HELD_OUT |= {"accuracy_high": 0.94, "log_loss": 0.4, "ece": 0.1}

ABOUT: dict[str, Any] = {
    "folder": "[m]",
    "trained_on": {"contents": 78, "sources": {"certified": 48, "human": 30}, "kept_apart": 24},
    "release": {"number": 3},
    "held_out": HELD_OUT,
    "remarks": ["10 texts are gone"],
    "unseen": ["FIRE"],
}


def test_a_model_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    exported({"model": ABOUT})
    said = capsys.readouterr().out
    assert "wrote a model to [m]: learnt from 78 texts of release 3" in said
    assert "48 certified, 30 human; 24 of the audit were kept apart" in said
    assert "accuracy 0.867 (0.727 to 0.940) out of fold on people's labels, n 54" in said
    assert "10 texts are gone" in said
    assert "never seen: FIRE" in said


def test_a_model_without_figures_beside_labels(capsys: pytest.CaptureFixture[str]) -> None:
    model = {**ABOUT, "held_out": None, "remarks": [], "unseen": []}
    exported({"out": "labels.csv", "rows": 5, "sources": {"human": 2}, "model": model})
    said = capsys.readouterr().out
    assert said.startswith("wrote 5 rows to labels.csv: 2 human\n")
    assert "accuracy" not in said
    assert "never seen" not in said


def test_scores_leave_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    scored({"out": "-", "texts": 3, "labels": {"HAM": 2, "SPAM": 1}})
    told = capsys.readouterr()
    assert told.out == ""
    assert "scored 3 texts to -: 2 HAM, 1 SPAM" in told.err
