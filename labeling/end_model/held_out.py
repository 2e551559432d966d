"""Holding labels out: folds of gold, or the held-out file of the config."""

from __future__ import annotations

import numpy as np

from labeling.end_model.figures import HeldOut, design_weights, measure
from labeling.end_model.lessons import Lessons
from labeling.end_model.load import predictor
from labeling.items import gold_labels
from labeling.items.reading import read_test
from labeling.project import Project
from labeling.types import ABSTAIN, Floats, TextModel, TextTrainer

FOLDS = 5

MEASURED_FROM = 20
"""Labels that are needed for figures."""


def probabilities(model: TextModel, texts: list[str]) -> Floats:
    """Give class probabilities of texts, shape (n, k)."""
    return predictor(model.parts, model.vocabulary, model.arrays)(texts)


def measure_on_gold(train: TextTrainer, lessons: Lessons) -> HeldOut | None:
    """Measure by cross-validation on the gold of a release; None where there is too little.

    A text is never in training when it, or one that differs in case and spacing alone, is measured. What
    nothing is trained on is measured, too.
    """
    sampled = lessons.sampled
    if sampled.sum() < MEASURED_FROM:
        return None
    proba = out_of_fold(train, lessons)
    weights, stands_for = design_weights(lessons.strata, sampled)
    return measure("cross-validation", proba, lessons.labels[sampled], weights, stands_for)


def out_of_fold(train: TextTrainer, lessons: Lessons) -> Floats:
    """Give class probabilities of the sampled contents, shape (g, k), by models that saw none of their fold.

    Clusters are dealt to folds in the order of their digests.
    """
    names, unit = np.unique(lessons.clusters[lessons.sampled], return_inverse=True)
    texts, place = lessons.texts(lessons.sampled), unit % FOLDS
    blocks = []
    for fold in range(min(FOLDS, len(names))):
        seen = lessons.teaches & ~np.isin(lessons.clusters, names[fold::FOLDS])
        model = train(lessons.texts(seen), lessons.targets(seen))
        blocks.append(probabilities(model, [texts[i] for i in np.flatnonzero(place == fold)]))
    return np.concatenate(blocks)[np.argsort(np.argsort(place, kind="stable"), kind="stable")]


def measure_on_test(project: Project, lessons: Lessons, model: TextModel) -> HeldOut | None:
    """Measure on the held-out file, without the texts that the model learnt from; None where there are few.

    Raises
    ------
    InputError
        What is wrong with the file.
    """
    config = project.config
    if config.test is None:
        return None
    items = read_test(config)
    labels = gold_labels(items, config.test.column, project.schema).labels
    learnt = lessons.clusters[lessons.teaches]
    new = np.flatnonzero((labels != ABSTAIN) & ~np.isin(items.clusters.astype(str), learnt))
    if len(new) < MEASURED_FROM:
        return None
    proba = probabilities(model, [items.texts[i] for i in new])
    stands_for = len(new) / int((labels != ABSTAIN).sum())
    return measure("test", proba, labels[new].astype(np.int64), np.ones(len(new)), stands_for)
