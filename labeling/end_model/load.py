"""Reads an end model from its folder; numpy, scipy and scikit-learn are all that it needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer

Predict = Callable[[Sequence[str]], NDArray[np.float64]]


def load(folder: Path) -> Predict:
    """Give what turns n texts into class probabilities, shape (n, k), in the order of ``classes``."""
    about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        return predictor(about["parts"], vocabulary, dict(arrays))


def predictor(
    parts: Sequence[Mapping[str, Any]],
    vocabulary: Sequence[Sequence[str]],
    arrays: Mapping[str, NDArray[Any]],
) -> Predict:
    """Give the same of what the folder holds; each row depends on its own text alone."""
    vectorizers = []
    for i, (parameters, terms) in enumerate(zip(parts, vocabulary, strict=True)):
        vectorizer = TfidfVectorizer(**parameters, vocabulary=terms, dtype=np.float32)
        vectorizer.idf_ = arrays[f"idf_{i}"]
        vectorizers.append(vectorizer)

    def predict_proba(texts: Sequence[str]) -> NDArray[np.float64]:
        found = [csr_matrix((len(texts), 0), dtype=np.float32), *(v.transform(texts) for v in vectorizers)]
        logits = hstack(found, format="csr") @ arrays["weights"] + arrays["intercept"]
        return np.asarray(softmax(logits.astype(np.float64), axis=1))

    return predict_proba
