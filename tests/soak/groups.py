"""Counts what promises by class accept on real sets beside one promise for all, and whether they hold.

Usage: ``python -m tests.soak.groups [--sets trec agnews] [--scorers 2] [--draws 5] [--audits 400 800]``.
Scorers learn from 200 review answers; the audit is drawn anew for each run, so that runs share scorers.
QUORUM_DATA names the folder of data. Exits 1 where promises break more often than they may.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labeling.app import open_project
from labeling.certificates import AuditedUnits, Outcome, Terms, certify
from labeling.certificates.grouping import Grouping, group_doubt
from labeling.certificates.groups import certify_groups
from labeling.certificates.guarantee import error_budget
from labeling.pool.groups import agreed
from labeling.scoring import cross_fitted
from labeling.simulation.arms import ARMS
from labeling.simulation.habits import PERFECT
from labeling.simulation.measures import Step
from labeling.simulation.preparation import load_answers, prepare
from labeling.simulation.replay import Replay, Run
from labeling.simulation.setting import Plan, Setting
from labeling.types import Bools, Floats, PoolGold
from tests.benchmarks.curves import pool_lines, write_config
from tests.benchmarks.quality import POOL_ROWS
from tests.soak.critical import redrawn

ALPHA = DELTA = 0.05
LABELS = 200
WHOLE, MOST = 0, (1, 2, 3)


@dataclass(frozen=True)
class Trained:
    """A scorer after its review answers, with what these say of each class."""

    step: Step
    doubt: Floats

    @classmethod
    def of(cls, setting: Setting, seed: int) -> Trained:
        replay = Replay(setting, Run(ARMS["quorum"], seed))
        step = list(replay.steps())[-1][1]
        gold = PoolGold(step.lanes.reviewed, step.lanes.uniform)
        proba = cross_fitted(replay._learner, gold, gold.rows, setting.digests.tolist())
        said = proba.argmax(axis=1)
        doubt = group_doubt(said, 1 - proba.max(axis=1), said != gold.told, len(setting.schema))
        return cls(step, doubt)


def outcomes(trained: Trained, audits: int, promise: str, seed: int) -> Iterator[tuple[int, int, bool]]:
    """Test one audit: how many groups may be tested at most, units accepted, whether a promise is broken."""
    step, setting = trained.step, trained.step.setting
    audit = redrawn(step, audits, np.random.default_rng([seed, audits]))
    units = audit.units(step.machine, step.confidence, step.eligible(), setting.schema.critical)
    group = agreed(audit.clusters, step.machine.astype(np.int64))
    counted = ~audit.clusters.any(audit.outside)
    grouping = Grouping.of("class", setting.schema.names, group, counted, trained.doubt)
    terms = Terms(promise, ALPHA, DELTA, audit.population, 1, 1, "", "", ("gold",), looks=1)
    wrong = audit.clusters.any(step.machine != setting.gold)
    for most in (WHOLE, *MOST):
        found = tested(units, terms, grouping, most)
        yield most, int(found.accepted.sum()), broken(found, grouping, wrong)


def tested(units: AuditedUnits, terms: Terms, grouping: Grouping, most: int) -> Outcome:
    return certify(units, terms) if most == WHOLE else certify_groups(units, terms, grouping, most)


def broken(outcome: Outcome, grouping: Grouping, wrong: Bools) -> bool:
    """Tell whether any promise of an outcome does not hold."""
    certificate = outcome.certificate
    for part in (certificate.groups or (certificate,)) if certificate else ():
        inside = outcome.accepted.copy()
        if part.group is not None:
            inside &= grouping.unit == grouping.names.index(part.group.removeprefix("class "))
        among = part.population if part.promise == "dataset" else int(inside.sum())
        if (inside & wrong).sum() > error_budget(ALPHA, among):
            return True
    return False


def setting_of(name: str) -> Setting:
    with tempfile.TemporaryDirectory(prefix="quorum-groups-") as folder:
        config = write_config(Path(folder), name, pool_lines(name, POOL_ROWS.get(name)))
        project = open_project(str(config))
        setting = prepare(project, load_answers(project, "label"), Plan(LABELS, 50, 0), PERFECT)
        project.store.close()
    return setting


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", nargs="+", default=["trec", "agnews"])
    parser.add_argument("--scorers", type=int, default=2)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--audits", type=int, nargs="+", default=[400, 800])
    given = parser.parse_args()
    runs, violations = 0, 0
    for name in given.sets:
        setting = setting_of(name)
        scorers = [Trained.of(setting, seed) for seed in range(given.scorers)]
        for audits in given.audits:
            for promise in ("dataset", "selective"):
                found = [
                    line
                    for scorer in scorers
                    for draw in range(given.draws)
                    for line in outcomes(scorer, audits, promise, draw)
                ]
                runs += len(found)
                violations += sum(broke for _, _, broke in found)
                told = (np.mean([n for m, n, _ in found if m == most]) for most in (WHOLE, *MOST))
                print(name, audits, promise, *(f"{mean:,.0f}" for mean in told), flush=True)  # noqa: T201
    print(f"{violations} of {runs} outcomes broken")  # noqa: T201
    return 0 if violations <= runs * DELTA + 3 * np.sqrt(runs * DELTA * (1 - DELTA)) else 1


if __name__ == "__main__":
    sys.exit(main())
