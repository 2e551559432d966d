"""Human labels that a model which had not seen them disagrees with, and where another opinion would help."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labeling.errors import InputError
from labeling.pool import Pool, load_pool
from labeling.pool.learning import start_learner
from labeling.pool.opinions import Opinions, read_opinions
from labeling.pool.people import People, read_people
from labeling.pool.training import pool_gold
from labeling.project import Project
from labeling.scoring import cross_fitted
from labeling.types import Doubts, Floats, OpinionScores, PoolGold

NEEDED = 20
"""Labels below which a model that had not seen some of them tells nothing."""


@dataclass(frozen=True)
class DoubtedLabel:
    """A label that is probably wrong; probabilities lie in [0, 1].

    Attributes
    ----------
    answer, by : str, tuple of str
        What was answered, and by whom; ``known`` for a label from the config's gold column.
    model : str
        What the model says instead.
    confidence, answer_confidence : float
        Its probability of either.
    threshold : float
        How sure of ``model`` it is where people say the same.
    voters : tuple of str
        Who votes as the model says.
    """

    id: str
    text: str
    answer: str
    by: tuple[str, ...]
    model: str
    confidence: float
    answer_confidence: float
    threshold: float
    voters: tuple[str, ...]

    @property
    def why(self) -> str:
        """The reason in words."""
        sure = f"{self.model} {self.confidence:.2f}, {self.answer} {self.answer_confidence:.2f}"
        usual = f"where people say {self.model} it is {self.threshold:.2f} on average"
        return "; ".join(
            [f"without this label {sure}", usual, *(f"{name} votes {self.model}" for name in self.voters)]
        )

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {**asdict(self), "why": self.why}


@dataclass(frozen=True)
class SecondOpinion:
    """An answered item whose label another person would make surer; the lower the score, the more."""

    id: str
    text: str
    answer: str | None
    by: tuple[str, ...]
    score: float


@dataclass(frozen=True)
class Recheck:
    """What is worth another look.

    Attributes
    ----------
    examined : int
        Labels that models were held against.
    doubts : tuple of DoubtedLabel
        The most doubtful first.
    second_opinions : tuple of SecondOpinion
        Items whose label is less sure than a median new item's, the least sure first.
    people : dict of str to float
        How far each person's answers agree with others' and with a model that is sure, in [0, 1].
    """

    examined: int
    doubts: tuple[DoubtedLabel, ...]
    second_opinions: tuple[SecondOpinion, ...]
    people: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "examined": self.examined,
            "doubts": [doubt.to_dict() for doubt in self.doubts],
            "second_opinions": [asdict(opinion) for opinion in self.second_opinions],
            "people": self.people,
        }


def recheck(project: Project) -> Recheck:
    """Hold all labels that models learn from against models that had not seen them; no auditor's is one.

    Raises
    ------
    InputError
        There are too few labels, or of the data or the functions.
    """
    pool = load_pool(project)
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
    gold = pool_gold(project, pool, people)
    if len(gold.rows) < NEEDED:
        raise InputError(f"recheck: expected at least {NEEDED} labels, got {len(gold.rows)}. Answer more.")
    digests = pool.items.digests.tolist()
    learner = start_learner(project, pool, gold).learner
    opinions = read_opinions(people, digests, project.schema)
    rows = np.union1d(gold.rows, opinions.rows)
    said = cross_fitted(learner, gold, rows, digests)
    proba = said[np.searchsorted(rows, gold.rows)]
    new = learner.predict_proba(np.setdiff1d(np.arange(len(pool)), rows))
    advisor, asked = project.new_advisor(), said[np.searchsorted(rows, opinions.rows)]
    scores = advisor.repeats(opinions.answers, asked, new) if len(asked) and len(new) else None
    return Recheck(
        examined=len(gold.rows),
        doubts=told_doubts(project, pool, people, gold, proba, advisor.doubts(proba, gold.told)),
        second_opinions=told_opinions(pool, people, opinions, scores),
        people=trust(opinions, scores),
    )


def told_doubts(
    project: Project, pool: Pool, people: People, gold: PoolGold, proba: Floats, found: Doubts
) -> tuple[DoubtedLabel, ...]:
    """Say of each doubted label what was answered, what the model says and why."""
    names, votes = project.schema.names, pool.applied.votes
    told = []
    for place, instead in zip(found.rows.tolist(), found.instead.tolist(), strict=True):
        row = gold.rows[place]
        agreeing = np.flatnonzero(votes.hard[row] == instead)
        told.append(
            DoubtedLabel(
                id=pool.items.row_of_item(row),
                text=pool.items.texts[row],
                answer=names[gold.told[place]],
                by=answered_by(people, str(pool.items.digests[row])),
                model=names[instead],
                confidence=round(float(proba[place, instead]), 4),
                answer_confidence=round(float(proba[place, gold.told[place]]), 4),
                threshold=round(float(found.thresholds[instead]), 4),
                voters=tuple(votes.voters[j] for j in agreeing),
            )
        )
    return tuple(told)


def told_opinions(
    pool: Pool, people: People, opinions: Opinions, scores: OpinionScores | None
) -> tuple[SecondOpinion, ...]:
    """Name the answered items whose label is less sure than that of half of the new ones."""
    if scores is None:
        return ()
    order = np.argsort(scores.answered, kind="stable")
    unsure = order[scores.answered[order] < np.median(scores.new)]
    return tuple(second_opinion(pool, people, opinions.rows[i], scores.answered[i]) for i in unsure.tolist())


def second_opinion(pool: Pool, people: People, row: int, score: float) -> SecondOpinion:
    """Describe an item that another person should answer."""
    digest = str(pool.items.digests[row])
    return SecondOpinion(
        id=pool.items.row_of_item(row),
        text=pool.items.texts[row],
        answer=people.gold[digest].label,
        by=answered_by(people, digest),
        score=round(float(score), 4),
    )


def answered_by(people: People, digest: str) -> tuple[str, ...]:
    """Name who answered an item."""
    gold = people.gold.get(digest)
    return gold.annotators if gold else ("known",)


def trust(opinions: Opinions, scores: OpinionScores | None) -> dict[str, float]:
    """Give how far each person can be trusted."""
    if scores is None:
        return {}
    return {name: round(float(q), 4) for name, q in zip(opinions.annotators, scores.trust, strict=True)}
