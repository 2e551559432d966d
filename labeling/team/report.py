"""Numbers about the people who answer, for their lead: agreement, quality, anchoring, time and cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labeling.errors import InputError
from labeling.people.agreement import (
    Agreement,
    PairAgreement,
    agreement,
    agreement_by_class,
    agreement_of_pairs,
    class_counts,
)
from labeling.people.anchoring import Anchoring, anchoring
from labeling.people.effort import Effort, effort
from labeling.people.quality import Quality, quality
from labeling.people.resampling import Estimate
from labeling.people.responses import among
from labeling.people.standard import held_against, said_by_others, unled
from labeling.people.suspicion import Case, median_of_others, suspicions
from labeling.project import Project
from labeling.team.gathering import Gathered, gather
from labeling.types import Floats, Ints

PER_PERIOD = 30
"""Items with several answers that a period of time holds at least."""

MOST_PERIODS = 6


@dataclass(frozen=True)
class PersonReport:
    """One person: counts, quality, and what speaks against the answers, if anything does."""

    name: str
    skipped: int
    unclear: int
    quality: Quality
    suspicions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        q = self.quality
        return {
            "name": self.name,
            "answers": q.answers,
            "skipped": self.skipped,
            "unclear": self.unclear,
            "on_checks": q.on_checks.to_dict(),
            "with_others": q.with_others.to_dict(),
            "kappa": q.kappa.to_dict(),
            "confusion": q.confusion.tolist(),
            "seconds": None if q.seconds is None else round(q.seconds, 2),
            "drift": q.drift.to_dict() if q.drift else None,
            "pace": q.pace.to_dict() if q.pace else None,
            "suspicions": list(self.suspicions),
        }


@dataclass(frozen=True)
class Period:
    """Agreement on the items that were last answered from one moment to another."""

    begin: str
    end: str
    agreement: Agreement


@dataclass(frozen=True)
class TeamReport:
    """Numbers about people; see ``docs/people.md`` for how to read them.

    ``blind`` is the agreement of answers without a suggestion; ``pairs`` holds people by index in ``people``.
    """

    classes: tuple[str, ...]
    people: tuple[PersonReport, ...]
    agreement: Agreement
    blind: Agreement
    by_class: tuple[Estimate, ...]
    by_slice: dict[str, Agreement]
    pairs: tuple[PairAgreement, ...]
    periods: tuple[Period, ...]
    anchoring: Anchoring
    effort: Effort

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "classes": list(self.classes),
            "people": [person.to_dict() for person in self.people],
            "agreement": self.agreement.to_dict()
            | {
                "blind": self.blind.to_dict(),
                "classes": {c: e.to_dict() for c, e in zip(self.classes, self.by_class, strict=True)},
                "slices": {name: found.to_dict() for name, found in self.by_slice.items()},
                "pairs": [self._pair(pair) for pair in self.pairs],
                "periods": [asdict(p) | {"agreement": p.agreement.to_dict()} for p in self.periods],
            },
            "anchoring": self.anchoring.to_dict(),
            "effort": self.effort.to_dict(),
        }

    def _pair(self, pair: PairAgreement) -> dict[str, Any]:
        names = [self.people[pair.first].name, self.people[pair.second].name]
        return {"people": names, "observed": pair.observed.to_dict(), "cohen": pair.cohen.to_dict()}


def describe_people(project: Project) -> TeamReport:
    """Tell how the people of a project answer, the auditors included; nothing of it reaches any model.

    Raises
    ------
    InputError
        Nobody has answered yet, or of the data.
    """
    gathered = gather(project)
    if not len(gathered.responses):
        raise InputError("people: nobody has answered yet. Run `quorum up` or `quorum sync` first.")
    names, answers = project.schema.names, gathered.responses.answers
    shape = (len(gathered.digests), len(names))
    counts = class_counts(answers, *shape)
    by_slice = {name: agreement(counts[mask]) for name, mask in gathered.slices.items() if mask.any()}
    cost = project.config.people.cost_per_hour
    return TeamReport(
        classes=names,
        people=describe_each(gathered, names),
        agreement=agreement(counts),
        blind=agreement(class_counts(among(answers, gathered.responses.blind), *shape)),
        by_class=tuple(agreement_by_class(counts)),
        by_slice=by_slice,
        pairs=tuple(agreement_of_pairs(answers, *shape)),
        periods=periods(gathered, counts),
        anchoring=anchoring(gathered.responses, unled(gathered.responses, gathered.checks, shape)),
        effort=effort(gathered.seconds, gathered.givers, gathered.waiting, cost),
    )


def describe_each(gathered: Gathered, names: tuple[str, ...]) -> tuple[PersonReport, ...]:
    """Judge each person against known classes and against the others, in the order of their names."""
    responses, k = gathered.responses, len(names)
    others = said_by_others(responses.answers, (len(gathered.digests), k))
    standard = held_against(responses.answers, gathered.checks, others)
    found = [
        quality(responses, j, gathered.checks, others, standard, k) for j in range(len(gathered.annotators))
    ]
    seconds = [q.seconds for q in found]
    return tuple(
        PersonReport(
            name,
            gathered.skipped.get(name, 0),
            gathered.unclear.get(name, 0),
            q,
            suspicions(Case(j, responses, standard, q, names, median_of_others(seconds, j))),
        )
        for j, (name, q) in enumerate(zip(gathered.annotators, found, strict=True))
    )


def periods(gathered: Gathered, counts: Floats) -> tuple[Period, ...]:
    """Give agreement over time: items with several answers, in order of the last one, in equal parts."""
    last = last_times(gathered)
    several = np.flatnonzero(counts.sum(axis=1) >= 2)
    ordered = several[np.argsort(last[several], kind="stable")]
    parts = min(MOST_PERIODS, len(ordered) // PER_PERIOD)
    if parts < 2:
        return ()
    chunks = np.array_split(ordered, parts)
    return tuple(
        Period(gathered.times[last[c[0]]], gathered.times[last[c[-1]]], agreement(counts[c])) for c in chunks
    )


def last_times(gathered: Gathered) -> Ints:
    """Give the place, in order of time, of the last answer to each item, shape (m,)."""
    last = np.zeros(len(gathered.digests), dtype=np.int64)
    np.maximum.at(last, gathered.responses.answers.items, np.arange(len(gathered.responses)))
    return last
