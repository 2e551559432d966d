"""Answers of real crowds with their truth."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import numpy as np

from labeling.label_models.answers import Answers, votes_from_answers
from tests.conftest import absent

DATA = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[2] / "shared" / "data")) / "crowd"


def read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        absent(f"{path} is not there: set QUORUM_DATA to the folder of real data")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def answers_of(name: str) -> tuple[Answers, np.ndarray, np.ndarray]:
    told, truth = read(DATA / name / "label.csv.gz"), read(DATA / name / "truth.csv.gz")
    classes = sorted({row["truth"] for row in truth} | {row["label"] for row in told})
    items, workers, labels = ([row[key] for row in told] for key in ("item", "worker", "label"))
    answers = votes_from_answers(items, workers, labels, classes)
    place = {item: i for i, item in enumerate(answers.items)}
    known = [row for row in truth if row["item"] in place]
    rows = np.array([place[row["item"]] for row in known])
    return answers, rows, np.array([classes.index(row["truth"]) for row in known])
