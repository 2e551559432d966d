"""Plays whole projects on real sets, review and audit together, and counts how often their promises break.

Usage: ``python -m tests.soak.projects [--projects 100] [--labels 400] [--audits 200] [--sets NAME ...]
[--out projects.jsonl]``; every finished project is a line of the file, and is not played again. QUORUM_DATA
names the folder of data. Exits 1 where a promise breaks more often than it may.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from labeling.app import open_project
from labeling.certificates.auditors import level_of_rate, mistaken_at_most, rate_at_most
from labeling.intervals import wilson_interval
from labeling.simulation.arms import ARMS
from labeling.simulation.habits import PERFECT, Habits, Person
from labeling.simulation.measures import Step
from labeling.simulation.preparation import load_answers, prepare
from labeling.simulation.replay import Replay, Run
from labeling.simulation.setting import Plan, Setting
from labeling.types import ABSTAIN, Bools, Codes
from tests.benchmarks.curves import pool_lines, write_config
from tests.benchmarks.quality import CLASSES, POOL_ROWS

PEOPLE = {"perfect": PERFECT, "5 % errors": Habits(error_rate=0.05)}
PROMISES = ("dataset", "selective")
DELTA = 0.05
DOUBLED = 0.1
"""Share of the audit that a second auditor answers as well."""


@dataclass(frozen=True)
class Size:
    """What each project spends: answers in all, those of them in the audit, and per round."""

    labels: int
    audits: int
    per_round: int = 100


def play(setting: Setting, seed: int) -> dict[str, Any]:
    """Play one project to its end and count what its certificates accept, and how much of it is wrong."""
    replay = Replay(setting, Run(ARMS["quorum"], seed))
    spent, step = list(replay.steps())[-1]
    lanes = step.lanes
    able = setting.clusters.all(step.eligible() & ~lanes.audit.outside)
    told = {"spent": spent, "audited": int(lanes.audit_so_far.members.sum()), "able": int(able.sum())}
    told |= doubled(setting, step, able, seed)
    answers = auditors_answers(setting, seed)
    point, _ = step.measure(spent, 0.0)
    told |= {"accuracy": point.accuracy, "hindsight": point.oracle_accepted}
    return told | {promise: outcome(step, promise, answers) for promise in PROMISES}


def outcome(step: Step, promise: str, answers: Codes) -> dict[str, Any]:
    """Count audit units: accepted, wrong against auditors' answers and against gold, and allowed to be."""
    setting = step.setting
    result = step.certify(step.eligible(), promise)
    accepted = result.accepted[setting.clusters.unit]
    return {
        "rows": float(accepted[setting.row_item].mean()),
        "units": int(result.accepted.sum()),
        "population": step.lanes.audit.population,
        "wrong_to_auditors": step.wrong_units(accepted, answers),
        "wrong": step.wrong_units(accepted, setting.gold),
        "room": step.room(promise, accepted),
    }


def auditors_answers(setting: Setting, seed: int, number: int = 1) -> Codes:
    """Give what an auditor would answer to each item, shape (n,), asked or not."""
    names, index = setting.schema.names, setting.schema.index
    person = Person.of(setting.habits, names, seed, number)
    said = np.full(len(setting), ABSTAIN, dtype=np.int8)
    for i in np.flatnonzero(setting.known):
        label, _ = person.answer(str(setting.digests[i]), names[setting.gold[i]], None)
        said[i] = index[label] if label is not None else ABSTAIN
    return said


def doubled(setting: Setting, step: Step, able: Bools, seed: int) -> dict[str, int]:
    """Have a second auditor answer a random share of the audit, and count where the two differ."""
    audited = np.flatnonzero((step.lanes.audited != ABSTAIN) & able[setting.clusters.unit])
    rng = np.random.default_rng([seed, len(audited)])
    items = rng.choice(audited, round(DOUBLED * len(audited)), replace=False)
    second = auditors_answers(setting, seed, number=2)[items]
    return {"doubled": len(items), "differ": int((second != step.lanes.audited[items]).sum())}


def play_all(name: str, projects: int, size: Size, out: Path, people: Sequence[str]) -> None:
    """Play the projects of a set that are not in the file yet, and write each down as it ends."""
    done = {(r["set"], r["people"], r["seed"]) for r in read(out)}
    with tempfile.TemporaryDirectory(prefix="quorum-projects-") as folder:
        config = write_config(Path(folder), name, pool_lines(name, POOL_ROWS.get(name)))
        project = open_project(str(config))
        pool, plan = load_answers(project, "label"), Plan(size.labels, size.per_round, size.audits)
        settings = {who: prepare(project, pool, plan, PEOPLE[who]) for who in people}
        for seed in range(projects):
            for who, setting in settings.items():
                if (name, who, seed) not in done:
                    append(out, {"set": name, "people": who, "seed": seed, **play(setting, seed)})
        project.store.close()


@dataclass(frozen=True)
class Tally:
    """What the projects of one set and one kind of people came to under one promise."""

    name: str
    people: str
    promise: str
    played: list[dict[str, Any]] = field(repr=False)

    @property
    def accepted(self) -> float:
        """Mean share of rows that the machine's label is accepted for."""
        return float(np.mean([told[self.promise]["rows"] for told in self.played]))

    @property
    def broken(self) -> int:
        """Projects of which more accepted labels are other than the auditors' answers than promised."""
        return sum(
            told[self.promise]["wrong_to_auditors"] > told[self.promise]["room"] for told in self.played
        )

    @property
    def untrue(self) -> int:
        """Projects of which more accepted labels are untrue than the auditors' own error allows."""
        return sum(told[self.promise]["wrong"] > untrue_at_most(told, self.promise) for told in self.played)

    @property
    def kept(self) -> bool:
        """Whether no promise breaks more often than delta, but for three standard errors."""
        n = len(self.played)
        slack = 3 * np.sqrt(DELTA * (1 - DELTA) / n)
        return bool(self.broken <= n * (DELTA + slack) and self.untrue <= n * (2 * DELTA + slack))

    def row(self) -> str:
        """Write it as a row of the table that ``main`` prints."""
        n = len(self.played)
        low, high = (float(side) for side in wilson_interval(self.broken, n))
        spent = np.mean([told["spent"] for told in self.played])
        figures = f"{n} | {spent:.0f} | {self.accepted:.3f} | {self.broken} ({low:.3f} to {high:.3f})"
        return f"| {self.name} | {self.people} | {self.promise} | {figures} | {self.untrue} |"


HEAD = (
    "| set | people | promise | projects | answers | accepted | broken against the auditors (95 %) "
    "| broken against gold, with the auditors' error |\n|---|---|---|---|---|---|---|---|"
)


def untrue_at_most(told: dict[str, Any], promise: str) -> int:
    """Bound the accepted labels that are not the truth, as a certificate with double audits does."""
    found = told[promise]
    rate = rate_at_most(told["differ"], told["doubled"], level_of_rate(DELTA))
    return int(found["room"]) + mistaken_at_most(rate, told["able"], found["units"])


def tallies(played: Sequence[dict[str, Any]]) -> list[Tally]:
    """Sort projects by set, people and promise."""
    groups = sorted({(told["set"], told["people"]) for told in played})
    return [
        Tally(*group, promise, [told for told in played if (told["set"], told["people"]) == group])
        for group in groups
        for promise in PROMISES
    ]


def append(out: Path, told: dict[str, Any]) -> None:
    """Add a line that survives a kill right after."""
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(out: Path) -> Iterator[dict[str, Any]]:
    """Give the projects that were played."""
    if out.exists():
        yield from map(json.loads, out.read_text(encoding="utf-8").splitlines())


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--labels", type=int, default=400)
    parser.add_argument("--audits", type=int, default=200)
    parser.add_argument("--sets", nargs="+", default=list(CLASSES))
    parser.add_argument("--people", nargs="+", default=list(PEOPLE))
    parser.add_argument("--out", type=Path, default=Path("projects.jsonl"))
    given = parser.parse_args()
    for name in given.sets:
        play_all(name, given.projects, Size(given.labels, given.audits), given.out, given.people)
    found = tallies(list(read(given.out)))
    sys.stdout.write("\n".join([HEAD, *(tally.row() for tally in found)]) + "\n")
    return 0 if all(tally.kept for tally in found) else 1


if __name__ == "__main__":
    sys.exit(main())
