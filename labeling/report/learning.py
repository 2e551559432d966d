"""The learning curve with its forecast, and what accuracy cost: as the last round told them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from labeling.report.absent import Absent
from labeling.report.present import Present
from labeling.store import Round, rounds

HOUR = 3600.0


@dataclass(frozen=True)
class Point:
    """Share of items with the right label after some answers, and what it took.

    ``hours`` of people are None before the first timed answer, ``cost`` (people and language models, in the
    unit of ``people.cost_per_hour``) where that is not set; ``ahead`` tells what is expected.
    """

    labels: int
    answers: int
    accuracy: float
    low: float
    high: float
    hours: float | None
    dollars: float
    cost: float | None
    ahead: bool


@dataclass(frozen=True)
class Turn:
    """One round: labels that its model learnt from, its mean confidence in others, items by route."""

    number: int
    labels: int
    answers: int
    belief: float
    routes: dict[str, int]


@dataclass(frozen=True)
class Learning:
    """The curve, the forecast in words, whether labels still change, and what each round came to."""

    round: int
    said: str
    stopping: str
    target: float
    points: tuple[Point, ...]
    turns: tuple[Turn, ...] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def measure_learning(present: Present) -> Learning | Absent:
    """Read what the rounds told."""
    with present.project.store.read() as tx:
        turns = rounds.all_rounds(tx)
    latest = present.latest
    if latest is None or "forecast" not in latest.summary:
        return Absent("no round told a forecast yet: `quorum run` does a round.")
    forecast = latest.summary["forecast"]
    rate = present.project.config.people.cost_per_hour
    return Learning(
        round=latest.number,
        said=forecast["said"],
        stopping=latest.summary["stopping"]["said"],
        target=forecast["target"],
        points=tuple(_point(told, rate) for told in forecast["curve"]),
        turns=described(turns),
    )


def described(turns: Sequence[Round]) -> tuple[Turn, ...]:
    """Give what each round came to; those of former versions tell nothing."""
    told = [turn for turn in turns if "belief" in turn.summary]
    return tuple(
        Turn(t.number, *(t.summary[name] for name in ("labels", "answers", "belief", "routes"))) for t in told
    )


def _point(told: dict[str, Any], rate: float | None) -> Point:
    hours = None if told["seconds"] is None else told["seconds"] / HOUR
    cost = None if rate is None or hours is None else round(hours * rate + told["spent"], 4)
    return Point(
        labels=told["labels"],
        answers=told["answers"],
        accuracy=told["accuracy"],
        low=told["low"],
        high=told["high"],
        hours=None if hours is None else round(hours, 4),
        dollars=told["spent"],
        cost=cost,
        ahead=told["ahead"],
    )
