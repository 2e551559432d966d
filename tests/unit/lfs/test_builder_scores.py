"""Scores of models: which class counts, and what the fingerprint covers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from labeling.errors import InputError
from labeling.lf.vector import vote_frame
from lfs import Item, model_score

TEXTS = ["free money", "win money", "nice song", "love the song"]
FRAME = pl.DataFrame({"text": ["free money", None, "nice song"]})


def fitted(labels: list[Any], **options: Any) -> Pipeline:
    return make_pipeline(TfidfVectorizer(), LogisticRegression(**options)).fit(TEXTS, labels)


def votes(**options: Any) -> list[int]:
    return vote_frame([model_score(**options)], FRAME)[0].tolist()


def test_the_class_of_the_labels_name_counts() -> None:
    model = fitted(["SPAM", "SPAM", "HAM", "HAM"])
    assert votes(model=model, label="SPAM", above=0.5) == [0, -1, -1]
    assert votes(model=model, label="HAM", above=0.5) == [-1, -1, 0]


def test_a_class_of_another_name_is_named() -> None:
    model = fitted([1, 1, 0, 0])
    assert votes(model=model, label="SPAM", above=0.5, class_name=1) == [0, -1, -1]
    assert votes(model=model, label="SPAM", above=0.5, index=1) == [0, -1, -1]
    with pytest.raises(InputError, match=r"one of the model's classes 0, 1, got 'SPAM'. Give class_name="):
        model_score(model, label="SPAM")


def test_a_callable_gives_one_number_a_text_or_a_column_a_class() -> None:
    def lengths(texts: list[str]) -> list[int]:
        return [len(text) for text in texts]

    assert votes(model=lengths, label="A", above=9) == [0, -1, -1]
    assert votes(model=lambda texts: np.eye(2), label="A", above=0.5, index=1) == [-1, -1, 0]


def test_missing_texts_are_not_shown_to_the_model_and_nan_abstains() -> None:
    seen: list[list[str]] = []

    def model(texts: list[str]) -> list[float]:
        seen.append(texts)
        return [float("nan"), 1.0]

    assert votes(model=model, label="A") == [-1, -1, 0]
    assert seen == [["free money", "nice song"]]


def test_functions_of_one_model_share_its_scores() -> None:
    calls = []

    def model(texts: list[str]) -> list[float]:
        calls.append(len(texts))
        return [0.5] * len(texts)

    functions = [model_score(model, label="A", above=bound) for bound in (0.2, 0.4, 0.6)]
    assert [v.tolist() for v in vote_frame(functions, FRAME)] == [[0, -1, 0], [0, -1, 0], [-1, -1, -1]]
    assert calls == [2]


@pytest.mark.parametrize(
    ("scores", "index"), [([1.0], None), (np.eye(2), None), ([1.0, 2.0], 0), (np.ones((2, 1)), 1)]
)
def test_scores_of_a_wrong_shape_are_refused(scores: Any, index: int | None) -> None:
    with pytest.raises(InputError, match=r"model_score: expected scores of shape \(2,.*, got \("):
        votes(model=lambda texts: scores, label="A", index=index)


def test_the_fingerprint_covers_parameters_fitted_and_not() -> None:
    labels = ["SPAM", "SPAM", "HAM", "HAM"]
    first = model_score(fitted(labels), label="SPAM").fingerprint
    assert model_score(fitted(labels), label="SPAM").fingerprint == first
    assert model_score(fitted(labels, C=2.0), label="SPAM").fingerprint != first
    assert model_score(fitted(["SPAM", "HAM", "HAM", "HAM"]), label="SPAM").fingerprint != first
    used = model_score(fitted(labels), label="SPAM")
    vote_frame([used], FRAME)
    assert used.fingerprint == first


def test_the_fingerprint_is_the_same_in_every_process(tmp_path: Path) -> None:
    source = (
        "from sklearn.feature_extraction.text import TfidfVectorizer\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from lfs import model_score\n"
        "model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(['a b', 'bc cd'], ['A', 'B'])\n"
        "print(model_score(model, label='A').fingerprint)\n"
        "print(model_score(model.predict_proba, label='A', index=0).fingerprint)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(source, encoding="utf-8")
    said = {
        subprocess.run(
            [sys.executable, script],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert len(set(said.pop().split())) == 2


def test_a_function_counts_by_its_source_and_what_it_holds() -> None:
    def made(limit: int) -> Any:
        return lambda texts: [len(text) > limit for text in texts]

    assert model_score(made(1), label="A").fingerprint == model_score(made(1), label="A").fingerprint
    assert model_score(made(1), label="A").fingerprint != model_score(made(2), label="A").fingerprint


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        (3, {}, "an estimator with predict_proba or a callable that takes a list of texts, got 3"),
        (LogisticRegression(), {}, "a fitted estimator, got one without classes_"),
        (len, {"above": None}, "above: expected a finite number, got None"),
        (len, {"index": -1}, "a column from 0, got -1"),
        (len, {"index": 1, "class_name": "A"}, "class_name or index, got both, 'A' and 1"),
    ],
)
def test_faulty_models_are_refused(model: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        model_score(model, label="A", **options)
    assert str(refused.value).startswith("model_score: ")


def test_a_column_that_the_model_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="index: expected a column below 2, got 2"):
        model_score(fitted([0, 0, 1, 1]), label="A", index=2)


def test_a_model_votes_on_one_item_as_on_many() -> None:
    function = model_score(fitted(["SPAM", "SPAM", "HAM", "HAM"]), label="SPAM", above=0.5)
    assert [function(Item("0", {"text": text})) for text in FRAME["text"]] == ["SPAM", None, None]
