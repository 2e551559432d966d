"""The routes of a round: what happens to every item of the pool, in view of people and certificate."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import numpy.typing as npt

from labeling.pool import Pool, seed_gold
from labeling.pool.groups import item_groups
from labeling.pool.people import People
from labeling.pool.releases import Released
from labeling.project import Project
from labeling.routing import CriticalReasons, Route, Standing, route
from labeling.routing.opinions import count_opinions
from labeling.scoring import Scores
from labeling.types import ABSTAIN, Bools, Codes, Decision, Learner, among

UNDECIDED = 1.05
"""A text tells a class where its probability is so many times that of a guess."""


def text_labels(learner: Learner) -> Codes:
    """Give the class that the text alone tells of each pool row, shape (n,), -1 where it tells none."""
    proba = learner.predict_text()
    told = proba.max(axis=1) > UNDECIDED / proba.shape[1]
    return np.where(told, proba.argmax(axis=1), ABSTAIN).astype(np.int8)


def route_pool(
    project: Project,
    pool: Pool,
    people: People,
    picked: Container[str],
    scores: Scores,
    text: Codes,
    critical: CriticalReasons,
    released: Released,
) -> list[Route]:
    """Route every item; one that a person or the config labelled is given out with that label.

    Parameters
    ----------
    picked : container of str
        Contents that are chosen for people.
    text : array of int8, shape (n,)
        What ``text_labels`` gives.
    """
    digests, votes = pool.items.digests, pool.applied.votes
    labels = released_labels(project, pool, scores, released)
    kinds = [run.kind for run in pool.applied.runs]
    chance = scores.proba[np.arange(len(labels)), labels]
    standing = Standing(
        opinions=count_opinions(votes, kinds, labels, chance, text),
        covers=votes.covered,
        critical=critical,
        queued=among(digests, picked),
        dev=pool.dev,
        champion=released.certificate,
        covered=among(digests, released.covered),
        accepted=among(digests, released.labels.keys()),
        promised=promised(project, pool, labels, released),
    )
    routes = route(standing, project.schema.names)
    _by_people(project, pool, people, routes)
    return routes


def released_labels(
    project: Project, pool: Pool, scores: Scores, released: Released
) -> npt.NDArray[np.int64]:
    """Give the label of each item, shape (n,): the released one, else what the scorer says now."""
    index, labels = project.schema.index, scores.labels.astype(np.int64)
    for i, digest in enumerate(pool.items.digests):
        labels[i] = index.get(released.labels.get(digest, ""), labels[i])
    return labels


def promised(project: Project, pool: Pool, labels: npt.NDArray[np.int64], released: Released) -> Bools:
    """Mask, shape (n,): items of a group that the certificate in force promises something of."""
    groups = (released.told or {}).get("groups") or []
    if not groups:
        return np.ones(len(pool), dtype=bool)
    by, names = groups[0]["group"].split(" ", 1)[0], {part["group"].split(" ", 1)[1] for part in groups}
    of_items = item_groups(project, pool, by, labels.astype(np.int8))
    inside = [i for i, name in enumerate(of_items[0]) if name in names]
    return np.isin(of_items[1], inside)


def _by_people(project: Project, pool: Pool, people: People, routes: list[Route]) -> None:
    """Accept what a person or the config labelled, in place."""
    known = seed_gold(project, pool)
    for i, digest in enumerate(pool.items.digests):
        answered = people.gold.get(digest)
        if answered is not None and answered.label is not None:
            routes[i] = Route(Decision.ACCEPT, f"{' and '.join(answered.annotators)} said {answered.label}")
        elif known[i] != ABSTAIN:
            routes[i] = Route(Decision.ACCEPT, f"known to be {project.schema.names[known[i]]}")
