"""Replaying the loop with a gold column as the people: arms, seeds, and what they come to on average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

import numpy as np

from labeling.project import Project
from labeling.simulation.arms import DEFAULT_ARMS, Arm, chosen_arms
from labeling.simulation.curves import Saving, mean_curve, savings
from labeling.simulation.habits import PERFECT, Habits
from labeling.simulation.kept import keep_run, read_run
from labeling.simulation.preparation import load_answers, prepare
from labeling.simulation.processes import replay_all
from labeling.simulation.replay import Outcome, Run
from labeling.simulation.setting import Plan, Setting

PART = "simulation"


@dataclass(frozen=True)
class Simulation:
    """Curves by way of choosing, each a list of steps averaged over seeds.

    Attributes
    ----------
    curves : mapping of str to list
        Steps by arm.
    violations : float or None
        Share of audited runs whose last certificate accepts more wrong labels than it promises; None without
        an audit.
    seeds, rows, items, gold_conflicts : int
        The last counts items whose rows differ in the truth.
    people : str
        Who answered, in words.
    saved : list of Saving
        What ``quorum`` needs for the accuracy of each other arm; empty where it was not simulated.
    """

    curves: dict[str, list[dict[str, Any]]] = field(repr=False)
    violations: float | None
    seeds: int
    rows: int
    items: int
    gold_conflicts: int
    people: str
    saved: list[Saving] = field(repr=False)

    def title(self, project: str) -> str:
        """Say over a picture what it shows."""
        times = "one run" if self.seeds == 1 else f"mean of {self.seeds} runs, band: one standard deviation"
        return f"{project}: {self.rows:,} rows, {self.people}\n{times}"

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self) | {"saved": [asdict(s) | {"said": s.describe()} for s in self.saved]}


def simulate(
    project: Project,
    *,
    gold: str,
    labels: int,
    batch: int | None = None,
    seeds: int = 1,
    audit: int | None = None,
    people: Habits = PERFECT,
    arms: Sequence[str] = DEFAULT_ARMS,
    strategies: Sequence[str] = (),
    voters: Sequence[str] | None = None,
    jobs: int = 1,
) -> Simulation:
    """Replay the loop: every answer comes from the column ``gold``, as people of some habits give it.

    One answer labels all rows of its item and counts as one label. ``active_only`` is the same learner
    without votes, ``random`` the same learner with votes and items drawn uniformly, ``modal`` and
    ``snorkel`` are what users of those libraries would write; none of them spends answers on an audit. The
    certificate of each step is the one that a first test there would give. Finished runs are kept in the
    project's artifacts and not done again as long as nothing that they depend on changes.

    Parameters
    ----------
    gold : str
        Column of class names; no voter sees it.
    labels : int
        Answers in all, of both lanes.
    batch : int, optional
        Answers per round; default ``active.batch``.
    seeds : int
        Repetitions with other random choices.
    audit : int, optional
        How many of the answers go to the audit; default ``routing.audit``, at most half of the answers.
    people : Habits
    arms : sequence of str
    strategies : sequence of str
        Each adds an arm: ``quorum`` with items chosen that way.
    voters : sequence of str, optional
        Names or patterns of those who vote; all if left out.
    jobs : int
        Processes; the outcome does not depend on it.

    Raises
    ------
    InputError
        Of the data or the arguments; ``gold`` is no column of it or holds other names than the classes.
    """
    chosen = chosen_arms(arms, strategies)
    pool = load_answers(project, gold)
    most = min(labels // 2, project.config.routing.audit) if audit is None else min(audit, labels)
    plan = Plan(labels, batch or project.config.active.batch, most)
    setting = prepare(project, pool, plan, people, voters)
    for arm in chosen:
        setting.learner(arm, seed=0)  # a strategy that there is not is found out before the first run
    outcomes = outcomes_of(project, setting, chosen, seeds, jobs)
    curves = {
        arm.name: mean_curve([outcomes[Run(arm, seed)].points for seed in range(seeds)]) for arm in chosen
    }
    return Simulation(
        curves=curves,
        violations=violations(outcomes) if plan.audits else None,
        seeds=seeds,
        rows=pool.items.n_rows,
        items=len(pool),
        gold_conflicts=pool.known.conflicts if pool.known else 0,
        people=people.describe(),
        saved=savings(curves),
    )


def outcomes_of(
    project: Project, setting: Setting, arms: Sequence[Arm], seeds: int, jobs: int
) -> dict[Run, Outcome]:
    """Read what was done before, and do the rest; each run is kept as soon as it is finished."""
    runs = [Run(arm, seed) for seed, arm in product(range(seeds), arms)]
    found = {run: read_run(project, run.key(setting)) for run in runs}
    outcomes = {run: outcome for run, outcome in found.items() if outcome is not None}
    if outcomes:
        project.progress(PART, len(outcomes), len(runs))
    for run, outcome in replay_all(setting, [run for run in runs if run not in outcomes], jobs):
        keep_run(project, run.key(setting), outcome)
        outcomes[run] = outcome
        project.progress(PART, len(outcomes), len(runs))
    return outcomes


def violations(outcomes: dict[Run, Outcome]) -> float | None:
    """Give the share of audited runs whose last certificate is broken; None where there is none."""
    broken = [outcome.violated for run, outcome in outcomes.items() if run.arm.audited]
    return float(np.mean(broken)) if broken else None
