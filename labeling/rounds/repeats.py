"""Which answered items another person is asked about, in place of new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from labeling.pool.consensus import WITH_MODEL, opinions_of
from labeling.pool.opinions import Opinions, read_opinions
from labeling.pool.people import People
from labeling.project import Project
from labeling.scoring import cross_fitted
from labeling.store import model_opinions
from labeling.types import Bools, Floats, Learner, PoolGold

Picks = dict[int, float | None]


@dataclass(frozen=True)
class Answered:
    """Items that somebody answered, with what models say of them that had not seen the answers.

    Attributes
    ----------
    opinions : Opinions
        On m items.
    proba : array, shape (m, k)
    """

    opinions: Opinions
    proba: Floats = field(repr=False)


def hold_out_answers(
    project: Project, people: People, learner: Learner, gold: PoolGold, digests: Sequence[str]
) -> Answered | None:
    """Hold people's answers against models that had not seen them.

    None where ``active.second_opinions`` is 0, or where there is nobody else to ask, unless the consensus of
    people is one with the model. The learner is left fitted to some of the labels.
    """
    with_model = project.schema.consensus == WITH_MODEL
    if not project.config.active.second_opinions and not with_model:
        return None
    opinions = read_opinions(people, digests, project.schema)
    if not len(opinions.rows) or (len(opinions.annotators) < 2 and not with_model):
        return None
    proba = cross_fitted(learner, gold, opinions.rows, digests)
    return Answered(opinions, proba)


def record_opinions(
    project: Project, tx: sa.Connection, answered: Answered | None, digests: Sequence[str]
) -> None:
    """Keep what models said of the answered items, where the consensus of people asks for it."""
    if answered is not None and project.schema.consensus == WITH_MODEL:
        rows, proba = answered.opinions.rows, answered.proba
        model_opinions.replace(tx, opinions_of(digests, rows, proba, project.schema))


def choose_repeats(
    project: Project,
    people: People,
    answered: Answered | None,
    proba: Floats,
    picks: Picks,
    critical: Bools,
    digests: Sequence[str],
) -> tuple[Picks, list[int]]:
    """Give the picks that keep their places, and the answered items that take those of the others.

    Parameters
    ----------
    proba : array, shape (n, k)
        What the present model says of the pool.
    picks : dict of int to float or None
        What selection picked; what was drawn uniformly keeps its place.
    critical : mask, shape (n,)
        Items in a critical slice, which keep theirs, too.
    """
    chosen = [i for i, chance in picks.items() if chance is None and not critical[i]]
    if answered is None or not chosen or not project.config.active.second_opinions:
        return picks, []
    scores = project.new_advisor().repeats(answered.opinions.answers, answered.proba, proba[chosen])
    open_again = np.flatnonzero(may_be_asked(people, answered.opinions, digests))
    most = int(project.config.active.second_opinions * len(picks))
    found = project.new_advisor().second_opinions(scores.answered[open_again], scores.new, most)
    surest = np.argsort(-scores.new, kind="stable")[: len(found)]
    left = {chosen[i] for i in surest}
    kept = {i: chance for i, chance in picks.items() if i not in left}
    return kept, answered.opinions.rows[open_again[found]].tolist()


def may_be_asked(people: People, opinions: Opinions, digests: Sequence[str]) -> Bools:
    """Mask, shape (m,): items that somebody has not answered yet and nobody is being asked about."""
    given = np.bincount(opinions.answers.items, minlength=len(opinions.rows))
    waiting = {t.digest for t in people.open_repeats}
    free = np.array([digests[row] not in waiting for row in opinions.rows], dtype=bool)
    return free & (given < len(opinions.annotators))
