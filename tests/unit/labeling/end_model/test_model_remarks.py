"""What is refused, and what is remarked on, before a model is given out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from labeling.end_model.export import check_classes_learnt, remarks_on
from labeling.end_model.figures import measure
from labeling.end_model.lessons import Answers, Lesson, Lessons
from labeling.end_model.reading import certified_scores, check_classes
from labeling.errors import GateRefused, InputError
from labeling.project import Project
from labeling.types import LabelClass, LabelSchema
from tests.release_contents import contents


def project(*classes: str, fields: tuple[str, ...] = ()) -> Project:
    schema = LabelSchema(tuple(map(LabelClass, classes)))
    learner, items = SimpleNamespace(fields=fields), SimpleNamespace(text="text")
    found: Any = SimpleNamespace(schema=schema, config=SimpleNamespace(learner=learner, items=items))
    return cast(Project, found)


def taught(*labels: int, gone: int = 0) -> Lessons:
    of = [Lesson("text", "text", label, "certified", np.eye(2)[label], Answers()) for label in labels]
    return Lessons(of, gone)


RELEASE = contents([("1", "x", "SPAM", "known")], number=7)


@pytest.mark.parametrize(("labels", "got"), [((), "no label"), ((1, 1), "SPAM alone")])
def test_fewer_than_two_classes_are_refused(labels: tuple[int, ...], got: str) -> None:
    with pytest.raises(GateRefused, match=f"release 7 teaches {got}, and a model needs two classes"):
        check_classes_learnt(RELEASE, taught(*labels))
    check_classes_learnt(RELEASE, taught(0, 1))


@pytest.mark.parametrize("classes", [("HAM",), ("SPAM", "HAM"), ("HAM", "SPAM", "SCAM")])
def test_a_release_of_other_classes_is_refused(classes: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"release 7: its classes are HAM, SPAM, those of the config"):
        check_classes(project(*classes), RELEASE)
    check_classes(project("HAM", "SPAM"), RELEASE)


def test_without_a_certificate_no_scores_are_looked_for() -> None:
    assert certified_scores(project("HAM", "SPAM"), RELEASE) == {}


def remarks(how: str | None, stands_for: float = 1.0, gone: int = 0, fields: tuple[str, ...] = ()) -> str:
    proba = np.array([[0.9, 0.1]])
    figures = measure(how, proba, np.array([0]), np.ones(1), stands_for) if how else None
    return "; ".join(remarks_on(project("HAM", "SPAM", fields=fields), taught(0, 1, gone=gone), figures))


def test_remarks() -> None:
    assert remarks("test") == remarks("cross-validation") == ""
    assert remarks(None) == "no figures: fewer than 20 labels of people to measure on"
    assert remarks("test", 0.9) == "10% of the held-out texts were left out: the model learnt them"
    expected = "the figures speak for 30% of the texts: the audit has no answers"
    assert remarks("cross-validation", 0.3) == expected
    assert remarks("test", gone=3) == "3 texts of the release are no longer among the data"
    assert "sees the text alone" in remarks("test", fields=("length",))
