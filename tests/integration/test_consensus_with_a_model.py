"""A consensus with a text model on real comments, against the same answers without it."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from labeling.people.consensus import dawid_skene, majority, with_model
from labeling.types import Answers
from tests.conftest import absent

DATA = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
CARE = np.array([0.95, 0.85, 0.75, 0.6, 0.6])
ITEMS = 600


def comments() -> tuple[list[str], np.ndarray]:
    source = DATA / "youtube" / "pool.jsonl.gz"
    if not source.exists():
        absent(f"{source} is not there: set QUORUM_DATA to the folder of real data")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(next(lines)) for _ in range(ITEMS)]
    return [row["text"] for row in rows], np.array([row["label"] == "SPAM" for row in rows], dtype=np.int64)


def test_it_beats_people_alone() -> None:
    texts, truth = comments()
    features = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    shape, found = (ITEMS, 2), []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        asked = rng.random((ITEMS, len(CARE))) < 0.4
        asked[np.arange(ITEMS), rng.integers(0, len(CARE), ITEMS)] = True
        said = np.where(rng.random(asked.shape) < CARE, truth[:, None], 1 - truth[:, None])
        items, people = np.nonzero(asked)
        answers = Answers(items, people, said[items, people], len(CARE))
        alone = dawid_skene(answers, None, shape)
        model = LogisticRegression(C=10)
        proba = cross_val_predict(model, features, alone.proba.argmax(axis=1), cv=3, method="predict_proba")
        rules = (majority(answers, None, shape), alone, with_model(answers, proba, shape))
        found.append([(rule.labels == truth).mean() for rule in rules])
    counted, weighed, joined = np.mean(found, axis=0)
    assert weighed > counted + 0.02
    assert joined > weighed + 0.03
