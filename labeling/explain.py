"""Why an item has the label that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.errors import InputError
from labeling.export import label_items
from labeling.pool import Pool, load_pool
from labeling.pool.people import People, read_people
from labeling.pool.prelabels import project_voters
from labeling.pool.training import pool_gold
from labeling.prelabels.answers import ItemAnswer, answers_about
from labeling.project import Project
from labeling.scoring import fit_vote_model
from labeling.store import StoredAnnotation, rounds
from labeling.store import annotations as answers
from labeling.types import ABSTAIN, Floats


@dataclass(frozen=True)
class Contribution:
    """What one voter adds.

    ``weight``, in natural-log units, is what the vote adds to the explained label less the mean over all
    classes: above zero speaks for the label, below against it; two voters of +0.7 each make the odds four
    times as high. ``by_class`` is what it adds to each class; ``vote`` is None where only a soft vote speaks.
    """

    voter: str
    vote: str | None
    weight: float
    by_class: dict[str, float]


@dataclass(frozen=True)
class Weighing:
    """How votes become the label model's posterior of an item, before calibration.

    The logarithm of ``class_balance`` plus ``by_class`` of all contributions is, up to a constant, that of
    ``posterior``. Human labels are inside: they set the balance and anchor what voters count for.
    """

    class_balance: dict[str, float]
    posterior: dict[str, float]
    contributions: tuple[Contribution, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping of logarithms and probabilities."""
        return {
            "class_balance": self.class_balance,
            "by_voter": {c.voter: c.by_class for c in self.contributions},
            "posterior": self.posterior,
        }


@dataclass(frozen=True)
class Explanation:
    """A label with all that led to it; ``prelabels`` are what language models answered."""

    id: str
    label: str | None
    source: str | None
    suggestion: str
    probabilities: dict[str, float]
    weighing: Weighing | None
    route: str
    reason: str
    history: tuple[dict[str, Any], ...]
    text: str
    prelabels: tuple[ItemAnswer, ...] = ()

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each voter adds, the strongest first."""
        return self.weighing.contributions if self.weighing else ()

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "id": self.id,
            "label": self.label,
            "source": self.source,
            "suggestion": self.suggestion,
            "probabilities": self.probabilities,
            "contributions": [
                {"voter": c.voter, "vote": c.vote, "weight": c.weight} for c in self.contributions
            ],
            "weighing": self.weighing.to_dict() if self.weighing else None,
            "route": self.route,
            "reason": self.reason,
            "history": list(self.history),
            "text": self.text,
            "prelabels": [answer.to_dict() for answer in self.prelabels if answer.vote],
        }


def explain_row(project: Project, row_id: str) -> Explanation:
    """Explain the label of a row.

    Raises
    ------
    InputError
        No row has that id, or there is no round yet.
    """
    pool = load_pool(project)
    i = pool.items.item_of_row(row_id)
    with project.store.read() as tx:
        latest = rounds.latest(tx)
        revisions = answers.history(tx, str(pool.items.digests[i]))
        people = read_people(tx, project.schema)
    if latest is None:
        raise InputError("explain: there is no round yet. Run `quorum run` first.")
    line = label_items(project, pool, latest).iloc[i]
    shown = line["label"] or line["suggestion"]
    if line["suggestion"] is None:
        raise InputError(f"{row_id} is new or edited since round {latest.number}. Run `quorum run`.")
    return Explanation(
        id=row_id,
        label=line["label"],
        source=line["source"],
        suggestion=line["suggestion"],
        probabilities={name: round(float(line[f"p:{name}"]), 6) for name in project.schema.names},
        weighing=weigh(project, pool, people, i, project.schema.index[shown]),
        route=line["route"],
        reason=line["reason"],
        history=tuple(_told(r) for r in revisions),
        text=pool.items.texts[i],
        prelabels=tuple(
            answers_about(
                project.store,
                str(pool.items.digests[i]),
                project_voters(project, pool.items.public_fields).voters,
            )
        ),
    )


def weigh(project: Project, pool: Pool, people: People, i: int, label: int) -> Weighing | None:
    """Say how votes on item i weigh for a class, the strongest first; None where nobody votes at all."""
    chosen, names = project.config.label_model, project.schema.names
    gold = pool_gold(project, pool, people)
    fitted = fit_vote_model(
        chosen.kind, chosen.seed, pool.applied.votes, gold, names, pool.applied.confidence
    )
    if fitted is None:
        return None
    added, row = fitted.contributions(i), fitted.votes.hard[i]
    posterior = fitted.model.predict_proba(fitted.votes.take(np.array([i])))[0]
    found = [
        Contribution(
            voter=fitted.votes.voters[j],
            vote=names[row[j]] if row[j] != ABSTAIN else None,
            weight=round(float(added[j, label] - added[j].mean()), 6),
            by_class=_named(names, added[j]),
        )
        for j in np.flatnonzero((row != ABSTAIN) | added.any(axis=1))
    ]
    strongest_first = tuple(sorted(found, key=lambda c: -abs(c.weight)))
    return Weighing(_named(names, fitted.model.class_balance_), _named(names, posterior), strongest_first)


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))


def _told(stored: StoredAnnotation) -> dict[str, Any]:
    answer = stored.annotation
    return {
        "annotator": answer.annotator,
        "label": answer.label,
        "skipped": answer.skipped,
        "seconds": answer.seconds,
        "suggestion": answer.suggestion,
        "kept": answer.kept,
        "guideline": answer.guideline,
        "at": answer.updated_at,
        "revision": stored.revision,
        "deleted": stored.deleted,
    }
