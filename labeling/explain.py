"""Why an item has the label that it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.errors import InputError
from labeling.export import label_items
from labeling.pool import Pool, load_pool
from labeling.project import Project
from labeling.scoring import fit_label_model
from labeling.store import StoredAnnotation, rounds
from labeling.store import annotations as answers
from labeling.types import ABSTAIN


@dataclass(frozen=True)
class Contribution:
    """What one voter adds.

    ``weight`` is the voter's log-probability of its vote under the explained label, less the mean over all
    classes: above zero speaks for the label, below against it.
    """

    voter: str
    vote: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """A label with all that led to it."""

    id: str
    label: str | None
    source: str | None
    suggestion: str
    probabilities: dict[str, float]
    contributions: tuple[Contribution, ...]
    route: str
    reason: str
    history: tuple[dict[str, Any], ...]
    text: str

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
            "route": self.route,
            "reason": self.reason,
            "history": list(self.history),
            "text": self.text,
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
        contributions=contributions(project, pool, i, project.schema.index[shown]),
        route=line["route"],
        reason=line["reason"],
        history=tuple(_told(r) for r in revisions),
        text=pool.items.texts[i],
    )


def contributions(project: Project, pool: Pool, i: int, label: int) -> tuple[Contribution, ...]:
    """Give what each voter that voted on item i adds to a class, the strongest first."""
    votes = pool.applied.votes
    model, _ = fit_label_model(project.config.label_model.kind, votes, project.config.label_model.seed)
    row = votes.hard[i]
    if model is None:
        return ()
    weights = model.explain(row)
    against_mean = weights[:, label] - weights.mean(axis=1)
    names = project.schema.names
    found = [
        Contribution(votes.voters[j], names[row[j]], round(float(against_mean[j]), 6))
        for j in np.flatnonzero(row != ABSTAIN)
    ]
    return tuple(sorted(found, key=lambda c: -abs(c.weight)))


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
