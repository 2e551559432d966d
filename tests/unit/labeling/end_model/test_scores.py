"""Scores of new texts: what is written, and when it appears."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from labeling.end_model.folder import EndModel
from labeling.end_model.score import score_texts, scores_file
from labeling.end_model.texts import NewText
from labeling.errors import InputError
from labeling.types import Floats

CLASSES = ["HAM", "=SPAM"]


def by_length(texts: Sequence[str]) -> Floats:
    return np.array([[1 / len(text), 1 - 1 / len(text)] for text in texts])


MODEL = EndModel({"classes": CLASSES}, by_length)
BLOCKS = [[NewText("=1+1", "a"), NewText(2, "abcd")], [NewText(3, "abcd")]]


def test_lines_of_json(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "scores.jsonl"
    with scores_file(out, CLASSES) as write:
        counted = score_texts(MODEL, BLOCKS, write)
        assert not out.exists()
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert lines[0] == {"id": "=1+1", "label": "HAM", "p:HAM": 1.0, "p:=SPAM": 0.0}
    assert [line["id"] for line in lines] == ["=1+1", 2, 3]
    assert counted == {"=SPAM": 2, "HAM": 1}


def test_cells_that_no_spreadsheet_runs(tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    with scores_file(out, CLASSES) as write:
        score_texts(MODEL, BLOCKS, write)
    with out.open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["id", "label", "p:HAM", "p:=SPAM"]
    assert rows[1] == ["'=1+1", "HAM", "1.0", "0.0"]
    assert rows[2][1] == "'=SPAM"


def test_half_a_file_never_appears(tmp_path: Path) -> None:
    out = tmp_path / "scores.jsonl"
    out.write_text("before")

    def fails(texts: Sequence[str]) -> Floats:
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"), scores_file(out, CLASSES) as write:
        score_texts(EndModel({"classes": CLASSES}, fails), BLOCKS, write)
    assert out.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["scores.jsonl"]


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in .jsonl, .csv"), scores_file(tmp_path / "o.xlsx", CLASSES):
        pass
