"""What a round says of stopping and of what more answers bring, from what earlier rounds left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.certificates.audit import keyed_hashes
from labeling.errors import InputError
from labeling.pool.people import People
from labeling.project import Project
from labeling.scoring import Scores, cross_fitted
from labeling.store import ManifestEntry, Round, llm_calls, manifest, rounds
from labeling.types import (
    Forecast,
    Ints,
    Lane,
    Learner,
    ModelSteps,
    PoolGold,
    Stability,
    UniformAnswers,
)

STOP_SET = "stop_set"
STOP_SET_SIZE = 2000
STOP_SET_KEY = "stop set"
HALVES = 2
"""Uniform answers are few: a model without half of them is nearly the whole one, and fits are dear."""

LEAST_GAP = 20
"""Answers that models have to be apart at least for their agreement to tell anything."""


@dataclass(frozen=True)
class Present:
    """What a round leaves to later ones.

    Attributes
    ----------
    labels : int
        That the model learnt from, known ones included.
    belief : float
        Its mean confidence over the other items, in [0, 1].
    answers : int
        That people gave so far, the audit's included.
    spent : float
        Dollars for language models.
    """

    labels: int
    belief: float
    answers: int
    spent: float


@dataclass(frozen=True)
class Advice:
    """What a round says of the loop: two JSON-ready mappings, and what later rounds need of it."""

    stopping: dict[str, Any]
    forecast: dict[str, Any]
    present: Present
    stop_set: ManifestEntry = field(repr=False)

    @property
    def summary(self) -> dict[str, Any]:
        """What the round's summary keeps of it."""
        return {"stopping": self.stopping, "forecast": self.forecast, **asdict(self.present)}


def stop_set(digests: Sequence[str]) -> Ints:
    """Draw the items that successive models are compared on: the first ones by a keyed hash.

    The same content is always in or out, however the pool around it changes, up to those that new content
    with smaller hashes pushes out.
    """
    return np.sort(np.argsort(keyed_hashes(STOP_SET_KEY, digests), kind="stable")[:STOP_SET_SIZE])


def uniform_rows(people: People, gold: PoolGold, digests: Sequence[str]) -> Ints:
    """Give the labelled items that selection had drawn uniformly, shape (u,); known labels are none."""
    drawn = {t.digest for t in people.tasks if t.lane == Lane.REVIEW and t.inclusion is not None}
    return np.array([i for i in gold.rows if digests[i] in drawn], dtype=np.int64)


def uniform_answers(learner: Learner, gold: PoolGold, rows: Ints, digests: Sequence[str]) -> UniformAnswers:
    """Hold the answers on uniform items against models that have learnt from all others but not from them."""
    if not len(rows):
        return UniformAnswers(np.empty(0), np.empty(0))
    proba = cross_fitted(learner, gold, rows, digests, HALVES)
    return UniformAnswers((proba.argmax(axis=1) == gold.labels[rows]).astype(float), proba.max(axis=1))


def advise(
    project: Project,
    digests: Sequence[str],
    scores: Scores,
    gold: PoolGold,
    uniform: UniformAnswers,
    people: People,
    number: int,
) -> Advice:
    """Advise on the loop in round ``number``."""
    with project.store.read() as tx:
        past = [turn for turn in rounds.all_rounds(tx) if "belief" in turn.summary]
        calls, spent = llm_calls.bill(tx)
    answers = sum(not annotation.skipped for _, annotation in (*people.given, *people.second))
    present = Present(len(gold.rows), mean_belief(scores, gold), answers, spent)
    costs = Costs(people.median_seconds, spent / calls if calls else None, calls, spent)
    table = stop_table(project, digests, scores)
    return Advice(
        stopping=compare_models(project, past, table, present.labels).to_dict(),
        forecast=expect(project, past, present, uniform, len(digests), costs),
        present=present,
        stop_set=project.artifacts.write(STOP_SET, table, key=str(number)),
    )


def mean_belief(scores: Scores, gold: PoolGold) -> float:
    """Give the mean confidence over the items without a label; 1 where all have one."""
    others = np.delete(scores.confidence, gold.rows)
    return float(others.mean()) if len(others) else 1.0


def stop_table(project: Project, digests: Sequence[str], scores: Scores) -> pa.Table:
    """Give what the present model says of the stop set: columns ``digest`` and ``label``."""
    rows, names = stop_set(digests), project.schema.names
    labels = [names[code] for code in scores.labels[rows]]
    return pa.table({"digest": [digests[i] for i in rows], "label": labels})


def expect(
    project: Project,
    past: Sequence[Round],
    present: Present,
    uniform: UniformAnswers,
    items: int,
    costs: Costs,
) -> dict[str, Any]:
    """Give the forecast, JSON-ready, with cost against accuracy so far and ahead."""
    steps = model_steps(past, present.labels, present.belief, items)
    batch, target = project.config.active.batch, 1 - project.config.routing.alpha
    found = project.new_advisor().forecast(steps, uniform, target, batch)
    curve = costs.curve(found, present, told_before(past, present.labels))
    return {**found.to_dict(), "curve": curve, "costs": asdict(costs)}


def model_steps(past: Sequence[Round], labels: int, belief: float, items: int) -> ModelSteps:
    """Give what the models of former rounds with fewer labels believed, and the present one last."""
    beliefs = {turn.summary["labels"]: turn.summary["belief"] for turn in past}
    fewer = sorted(n for n in beliefs if n < labels)
    return ModelSteps(np.array([*fewer, labels]), np.array([*(beliefs[n] for n in fewer), belief]), items)


def told_before(past: Sequence[Round], labels: int) -> list[dict[str, Any]]:
    """Give the accuracies that former rounds with fewer labels told, each with what had been spent then."""
    told = {turn.summary["labels"]: turn.summary for turn in past if turn.summary["forecast"]["now"]}
    then = ("answers", "spent")
    return [
        {**told[n]["forecast"]["now"], **{key: told[n][key] for key in then}}
        for n in sorted(told)
        if n < labels
    ]


def compare_models(project: Project, past: Sequence[Round], present: pa.Table, labels: int) -> Stability:
    """Compare the present model with former ones on the items of the stop set that all of them saw."""
    advisor, gap = project.new_advisor(), max(project.config.active.batch, LEAST_GAP)
    before = sorted((t for t in past if t.summary["labels"] < labels), key=lambda t: t.summary["labels"])
    chosen = advisor.spaced(np.array([*(t.summary["labels"] for t in before), labels]), gap)[-4:-1]
    tables = [read_stop_set(project, before[i].number) for i in chosen]
    common = common_labels([*(table for table in tables if table is not None), present])
    return advisor.stability(common if len(common[0]) else [])


def read_stop_set(project: Project, number: int) -> pa.Table | None:
    """Read what the model of a round said of the stop set."""
    with project.store.read() as tx:
        entry = manifest.find(tx, STOP_SET, str(number))
    return None if entry is None else project.artifacts.read(entry)


def common_labels(tables: Sequence[pa.Table]) -> list[npt.NDArray[np.int64]]:
    """Give the labels of the items that all tables hold, in one order, as numbers of the same names."""
    maps = [dict(zip(t["digest"].to_pylist(), t["label"].to_pylist(), strict=True)) for t in tables]
    common = sorted(set.intersection(*(set(m) for m in maps)))
    names = sorted({m[digest] for m in maps for digest in common})
    index = {name: i for i, name in enumerate(names)}
    return [np.array([index[m[digest]] for digest in common], dtype=np.int64) for m in maps]


@dataclass(frozen=True)
class Costs:
    """What labels cost: people's seconds (the median, which breaks do not move) and models' dollars."""

    seconds_per_answer: float | None
    price_per_call: float | None
    calls: int
    spent: float

    def curve(
        self, found: Forecast, present: Present, told: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Give cost against accuracy, JSON-ready: as told before, now, and expected.

        Each point has ``labels``, ``accuracy``, ``low``, ``high``, ``answers`` of people and their
        ``seconds`` (None before the first timed answer), ``spent`` dollars, and whether it lies ``ahead``.
        """
        here = [*([found.now] if found.now else []), *found.ahead]
        points = [{"ahead": False, **point} for point in told]
        for point in here:
            answers = present.answers + point.labels - present.labels
            more = {"answers": answers, "spent": present.spent, "ahead": point.labels > present.labels}
            points.append({**point.to_dict(), **more})
        return [{**point, "seconds": self._seconds(point["answers"])} for point in points]

    def _seconds(self, answers: int) -> int | None:
        return None if self.seconds_per_answer is None else round(answers * self.seconds_per_answer)


def last_advice(project: Project) -> dict[str, Any]:
    """Give it, JSON-ready.

    Raises
    ------
    InputError
        No round told any.
    """
    with project.store.read() as tx:
        last = rounds.latest(tx)
    if last is None or "forecast" not in last.summary:
        raise InputError("forecast: there is no round yet. Run `quorum run` first.")
    return {"round": last.number, "stopping": last.summary["stopping"], "forecast": last.summary["forecast"]}
