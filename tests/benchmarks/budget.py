"""How many answers a target takes where review and audit share them; writes the table into the docs.

Usage: ``python -m tests.benchmarks.budget``; QUORUM_DATA names the folder of data.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labeling.app import open_project
from labeling.certificates.budget import Need, need_of, split_answers
from labeling.certificates.guarantee import acceptable_wrong, chance_of_few, error_budget, fewest_audited
from labeling.simulation.arms import ARMS
from labeling.simulation.habits import PERFECT
from labeling.simulation.preparation import load_answers, prepare
from labeling.simulation.replay import Replay, Run
from labeling.simulation.setting import Plan
from tests.benchmarks.certificates import ALPHA, DELTA, Scored, write_between
from tests.benchmarks.curves import pool_lines, write_config
from tests.benchmarks.quality import POOL_ROWS

BEGIN, END = "<!-- budget: begin -->\n", "<!-- budget: end -->\n"
TARGETS = {"youtube": 0.9, "imdb_llm": 0.9, "agnews": 0.7}
LABELS, BATCH, SEEDS = 400, 50, 2
MOST = 600
POWER = 0.8
HEAD = (
    "| set | target | review answers | audit answers | in all | probability of the target "
    "| fewest in hindsight |\n|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True)
class Stop:
    """Where review ended, and the audit that was asked then.

    Attributes
    ----------
    labels, audited : int
    scored : Scored
        What the scorer said then.
    """

    labels: int
    audited: int
    scored: Scored = field(repr=False)

    @property
    def answers(self) -> int:
        """Of both lanes."""
        return self.labels + self.audited


def rounds_of(name: str) -> list[list[tuple[int, Scored]]]:
    """Review a set with several seeds, and give what the scorer of each round says."""
    with tempfile.TemporaryDirectory(prefix="quorum-budget-") as folder:
        project = open_project(str(write_config(Path(folder), name, pool_lines(name, POOL_ROWS.get(name)))))
        setting = prepare(project, load_answers(project, "label"), Plan(LABELS, BATCH, audits=0), PERFECT)
        runs = [Replay(setting, Run(ARMS["quorum"], seed)) for seed in range(SEEDS)]
        found = [[(spent, Scored.of(step)) for spent, step in run.steps()] for run in runs]
        project.store.close()
    return found


def shared(rounds: Sequence[tuple[int, Scored]], target: float) -> Stop:
    """Share answers round by round as a project does; review ends at the last round at the latest."""
    past: list[Need] = []
    for labels, scored in rounds:
        population = scored.population
        least = fewest_audited(population, error_budget(ALPHA, population), DELTA)
        now = need_of("dataset", scored.errors, population, labels, target, ALPHA, DELTA)
        split = split_answers(now, past, target, least, MOST, BATCH)
        past.append(now)
        if split.audit_first:
            break
    return Stop(labels, split.size, scored)


def probability(scored: Scored, audited: int, target: float) -> float:
    """Give the chance that so many audit answers, over the whole population, accept the target."""
    top, goal = len(scored.wrong), int(np.ceil(target * len(scored.wrong)))
    inside = round(audited * top / scored.population)
    allowed = acceptable_wrong(top, inside, error_budget(ALPHA, scored.population), DELTA)
    wrong = int(scored.wrong[:goal].sum())
    return 0.0 if allowed is None else chance_of_few(top, wrong, inside, allowed)


def fewest(rounds: Sequence[tuple[int, Scored]], target: float) -> int:
    """Give the fewest answers with which who knows the wrong labels reaches the target four times in five."""
    return min(
        labels + bisect_left(range(scored.population), POWER, key=lambda n: probability(scored, n, target))
        for labels, scored in rounds
    )


def row(name: str, target: float, runs: Sequence[Sequence[tuple[int, Scored]]]) -> str:
    """Write the means over seeds as a row of the table."""
    stops = [shared(rounds, target) for rounds in runs]
    reached = np.mean([probability(stop.scored, stop.audited, target) for stop in stops])
    counts = [
        np.mean([stop.labels for stop in stops]),
        np.mean([stop.audited for stop in stops]),
        np.mean([stop.answers for stop in stops]),
    ]
    hindsight = np.mean([fewest(rounds, target) for rounds in runs])
    told = " | ".join(f"{count:.0f}" for count in counts)
    return f"| {name} | {target:.1f} | {told} | {reached:.2f} | {hindsight:.0f} |\n"


def main() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = [row(name, target, rounds_of(name)) for name, target in TARGETS.items()]
    write_between(BEGIN, END, HEAD + "".join(written))
    return 0


if __name__ == "__main__":
    sys.exit(main())
