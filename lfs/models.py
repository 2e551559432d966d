"""Models that score texts: which are accepted, and what tells one from another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from labeling.lf.fingerprint import Description


class Estimator(Protocol):
    """A fitted classifier."""

    def predict_proba(self, texts: Any, /) -> Any:
        """Give probabilities, shape (n, k)."""


Model = Estimator | Callable[[list[str]], Any]


def model_problems(model: object, label: object, class_name: object, index: object) -> list[str]:
    """Say what is wrong with a model and with the choice of its column."""
    if not hasattr(model, "predict_proba") and not callable(model):
        expected = "an estimator with predict_proba or a callable that takes a list of texts"
        return [f"model: expected {expected}, got {model!r}. For an SVM, give model.decision_function."]
    if class_name is not None and index is not None:
        return [f"index: expected class_name or index, got both, {class_name!r} and {index!r}. Keep one."]
    if index is not None and (isinstance(index, bool) or not isinstance(index, int) or index < 0):
        return [f"index: expected a column from 0, got {index!r}. Write index=1."]
    return _class_problems(model, label if class_name is None else class_name, index)


def _class_problems(model: object, wanted: object, index: object) -> list[str]:
    classes = _classes(model)
    if index is not None:
        beyond = classes is not None and isinstance(index, int) and index >= len(classes)
        return [f"index: expected a column below {len(classes or ())}, got {index}."] if beyond else []
    if not hasattr(model, "predict_proba"):
        return []
    if classes is None:
        return ["model: expected a fitted estimator, got one without classes_. Fit it first, or give index=."]
    if wanted in classes:
        return []
    said = ", ".join(map(repr, classes))
    return [f"class_name: expected one of the model's classes {said}, got {wanted!r}. Give class_name=."]


def _classes(model: object) -> list[Any] | None:
    """Give the classes of a fitted estimator as Python values."""
    classes = getattr(model, "classes_", None)
    return None if classes is None else list(getattr(classes, "tolist", lambda: classes)())


def column_of_class(model: object, name: object) -> int | None:
    """Give the column of a class in what ``predict_proba`` returns; None for a plain callable."""
    classes = _classes(model)
    return classes.index(name) if classes is not None and hasattr(model, "predict_proba") else None


def describe_model(model: Model) -> Sequence[Any]:
    """Describe a model as JSON values that differ where its parameters or the versions it needs differ."""
    return [list(sys.version_info[:2]), Description().of(model)]
