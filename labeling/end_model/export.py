"""Exporting an end model: trained on a release, measured, written to a folder."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from labeling.config.sections import ROW_TEXT
from labeling.end_model.figures import HeldOut
from labeling.end_model.folder import check_free, save_model
from labeling.end_model.held_out import MEASURED_FROM, measure_on_gold, measure_on_test
from labeling.end_model.lessons import Lessons
from labeling.end_model.reading import read_lessons
from labeling.errors import GateRefused
from labeling.libraries import library_versions
from labeling.pool.stored import stored_items
from labeling.project import Project
from labeling.releases.contents import Contents
from labeling.releases.giving_out import CURRENT, check_certificate, number_of
from labeling.releases.publication import read_contents
from labeling.types import digest_of


def export_model(
    project: Project, folder: Path, release: str = CURRENT, *, certified: bool = False
) -> dict[str, Any]:
    """Train a classifier of texts on a release and write it to a folder.

    Parameters
    ----------
    folder : Path
        New, empty, or that of an earlier model.
    release : str
        A number, or ``current``.
    certified : bool
        Refuse a release whose certificate does not hold.

    Returns
    -------
    about : dict
        What ``model.json`` holds.

    Raises
    ------
    InputError
        There is no such release, or the folder holds something else.
    GateRefused
        The release has labels of fewer than two classes, or no certificate where one is asked for.
    """
    check_free(folder)
    contents = read_contents(project, number_of(project, release))
    if certified:
        check_certificate(project, contents)
    lessons = read_lessons(project, contents)
    check_classes_learnt(contents, lessons)
    project.progress(f"end model: learning from {int(lessons.teaches.sum())} texts", 0, 0)
    model = project.train_text(lessons.texts(lessons.teaches), lessons.targets(lessons.teaches))
    measured = measure_on_test(project, lessons, model) or measure_on_gold(project.train_text, lessons)
    return save_model(folder, model, told_of(project, contents, lessons, measured))


def check_classes_learnt(contents: Contents, lessons: Lessons) -> None:
    """Make sure that there is something to tell apart.

    Raises
    ------
    GateRefused
        Fewer than two classes are taught.
    """
    seen = np.unique(lessons.labels[lessons.teaches])
    if len(seen) < 2:
        got = contents.classes[int(seen[0])] + " alone" if len(seen) else "no label"
        raise GateRefused(
            f"export --model: release {contents.number} teaches {got}, and a model needs two classes. "
            "Have more rows labelled, then make another release."
        )


def told_of(
    project: Project, contents: Contents, lessons: Lessons, measured: HeldOut | None
) -> dict[str, Any]:
    """Give what is told of a model beside its weights, JSON-ready."""
    text = project.config.items.text_field
    public = stored_items(project).public_fields
    seen = {contents.classes[i] for i in np.unique(lessons.labels[lessons.teaches])}
    return {
        "project": project.config.project,
        "classes": contents.classes,
        "unseen": [name for name in contents.classes if name not in seen],
        "text": text,
        "fields": [name for name in public if name != text] if text == ROW_TEXT else None,
        "held_out": measured.to_dict() if measured else None,
        "trained_on": {
            "contents": int(lessons.teaches.sum()),
            "sources": lessons.sources,
            "kept_apart": lessons.kept_apart,
            "gone": lessons.gone,
        },
        "release": {
            "number": contents.number,
            "identity": contents.identity,
            "certificate": contents.certificate,
            "schema": contents.made_of["schema"],
            "data": contents.made_of["data"]["digest"],
        },
        "config": digest_of(project.config.model_dump(mode="json")),
        "remarks": remarks_on(project, lessons, measured),
        "libraries": dict(library_versions()),
        "program": version("quorum"),
    }


def remarks_on(project: Project, lessons: Lessons, measured: HeldOut | None) -> list[str]:
    """Say what the user should know of a model."""
    said = []
    if measured is None:
        said.append(f"no figures: fewer than {MEASURED_FROM} labels of people to measure on")
    elif measured.stands_for < 1 and measured.how != "test":
        said.append(f"the figures speak for {measured.stands_for:.0%} of the texts: the audit has no answers")
    elif measured.stands_for < 1:
        said.append(
            f"{1 - measured.stands_for:.0%} of the held-out texts were left out: the model learnt them"
        )
    if project.config.learner.fields and project.config.items.text:
        said.append("the model sees the text alone, not the fields of learner.fields")
    if lessons.gone:
        said.append(f"{lessons.gone} texts of the release are no longer among the data")
    return said
