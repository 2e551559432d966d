"""Reading what a release teaches: texts from the data, probabilities from scores and answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from labeling.end_model.lessons import Answers, Lesson, Lessons
from labeling.errors import InputError
from labeling.export import CERTIFIED, HUMAN
from labeling.pool.stored import stored_items
from labeling.project import Project
from labeling.releases.contents import Contents
from labeling.store import manifest
from labeling.types import ABSTAIN, Floats


def read_lessons(project: Project, contents: Contents) -> Lessons:
    """Read what a release teaches.

    The classes of a certified label are as probable as the certified scorer says, those of a person's as
    often as people named them.

    Raises
    ------
    InputError
        The classes changed since, or the scores of the release's certificate are gone.
    """
    check_classes(project, contents)
    items, answers, names = stored_items(project), answers_by_content(contents), contents.classes
    certified, labels = certified_scores(project, contents), labels_by_content(contents)
    found = []
    for digest, text, cluster in zip(items.digests, items.texts, items.clusters, strict=True):
        if digest not in labels:
            continue
        label, source = labels[digest]
        said = answers.get(digest, Answers())
        target = target_of(label, source, said, certified.get(digest), names)
        code = ABSTAIN if label is None else names.index(label)
        found.append(Lesson(text, str(cluster), code, source, target, said))
    return Lessons(found, gone=len(labels) - len(found))


def check_classes(project: Project, contents: Contents) -> None:
    """Make sure that a release has the classes of the config.

    Raises
    ------
    InputError
        It has others.
    """
    if contents.classes != list(project.schema.names):
        was, now = ", ".join(contents.classes), ", ".join(project.schema.names)
        raise InputError(
            f"release {contents.number}: its classes are {was}, those of the config {now}. "
            "Choose a release of these classes, or make one."
        )


def labels_by_content(contents: Contents) -> dict[str, tuple[str | None, str | None]]:
    """Give label and source of each content, by digest."""
    table = contents.labels
    lines = zip(*(table[name].to_pylist() for name in ("digest", "label", "source")), strict=True)
    return {digest.hex(): (label, source) for digest, label, source in lines}


def answers_by_content(contents: Contents) -> dict[str, Answers]:
    """Give what people said of each content, by digest; a class that is no more does not count."""
    found: defaultdict[str, Answers] = defaultdict(Answers)
    table, names = contents.answers, contents.classes
    for digest, label, lane in zip(
        *(table[name].to_pylist() for name in ("digest", "label", "lane")), strict=True
    ):
        answers = found[digest.hex()]
        answers.lanes.add(lane)
        if label in names:
            answers.said[label] += 1
    return dict(found)


def certified_scores(project: Project, contents: Contents) -> Mapping[str, Floats]:
    """Give the probabilities, shape (k,), that the certified scorer gave each content, by digest.

    Raises
    ------
    InputError
        They are gone.
    """
    scorer = contents.made_of["certified_scorer"]
    if scorer is None:
        return {}
    with project.store.read() as tx:
        entry = manifest.find(tx, "scores", scorer)
    names = [f"p:{name}" for name in contents.classes]
    table = None if entry is None else project.artifacts.read(entry)
    if table is None or not {*names} <= {*table.column_names}:
        raise InputError(
            f"release {contents.number}: the scores that its certificate rests on are gone. "
            "Choose a later release."
        )
    proba = np.column_stack([table[name].to_numpy() for name in names])
    return dict(zip(table["digest"].to_pylist(), proba, strict=True))


def target_of(
    label: str | None, source: str | None, answers: Answers, scores: Floats | None, classes: list[str]
) -> Floats:
    """Give the class probabilities of a content, shape (k,), summing to one; zeros without a label.

    Examples
    --------
    >>> said = Answers(Counter({"HAM": 1, "SPAM": 3}), {"review"})
    >>> target_of("SPAM", "human", said, None, ["HAM", "SPAM"])
    array([0.25, 0.75])
    """
    if label is None:
        return np.zeros(len(classes))
    if source == CERTIFIED and scores is not None:
        return np.asarray(scores / scores.sum(), dtype=np.float64)
    # What the answers amount to may be a label that few gave, where they are weighed.
    counted = source == HUMAN and answers.said[label] == max(answers.said.values(), default=0) > 0
    said = answers.said if counted else Counter([label])
    shares = np.array([said[name] for name in classes], dtype=np.float64)
    return np.asarray(shares / shares.sum())
