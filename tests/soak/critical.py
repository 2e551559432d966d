"""Counts truly critical items among what certificates accept on trec, with ABBR, 1.6 % of the rows, critical.

Usage: ``python -m tests.soak.critical [--scorers 5] [--draws 20] [--labels 200] [--audits 400]
[--floors 0.02 0.005 1.0]``. Scorers learn once from review answers; the audit is drawn anew for each run, so
that runs share scorers. QUORUM_DATA names the folder of data. Exits 1 where bounds fail more often than they
may.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from labeling.app import open_project
from labeling.certificates import Outcome
from labeling.certificates.units import Audit
from labeling.simulation.arms import ARMS
from labeling.simulation.habits import PERFECT
from labeling.simulation.measures import Step
from labeling.simulation.preparation import load_answers, prepare
from labeling.simulation.replay import Replay, Run
from labeling.simulation.setting import Plan, Setting
from tests.benchmarks.curves import pool_lines, write_config

CRITICAL = "ABBR"
DELTA = 0.05


@dataclass(frozen=True)
class Count:
    """What one run accepted: audit units, truly critical ones among them, and the bound on these.

    ``accepted`` is 0 where there is no certificate.
    """

    accepted: int
    critical: int
    at_most: int

    @property
    def broken(self) -> bool:
        """Whether more are critical than the certificate says."""
        return self.critical > self.at_most


def trec(folder: Path) -> Path:
    """Write the set as a project in which ABBR is critical."""
    config = write_config(folder, "trec", pool_lines("trec", None))
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("{name: ABBR}", "{name: ABBR, critical: true}"), encoding="utf-8")
    return config


def trained(setting: Setting, seed: int) -> Step:
    """Give a scorer that has learnt from all review answers of a run."""
    return list(Replay(setting, Run(ARMS["quorum"], seed)).steps())[-1][1]


def redrawn(step: Step, audits: int, rng: np.random.Generator) -> Audit:
    """Draw an audit of that many units from what review did not pick, answered without an error."""
    audit, setting = step.lanes.audit, step.setting
    free = np.flatnonzero(~audit.clusters.any(audit.outside))
    drawn = np.zeros(len(audit.clusters), dtype=bool)
    drawn[rng.choice(free, audits, replace=False)] = True
    return replace(audit, drawn=drawn, answers=setting.gold)


def count(step: Step, outcome: Outcome) -> Count:
    """Count what a test accepted."""
    certificate = outcome.certificate
    if certificate is None or certificate.critical_at_most is None:
        return Count(0, 0, 0)
    setting = step.setting
    truly = setting.clusters.any(setting.schema.critical[setting.gold] & setting.known)
    hidden = int((outcome.accepted & truly).sum())
    return Count(certificate.accepted, hidden, certificate.critical_at_most)


def counts(step: Step, audits: int, draws: int, seed: int) -> Iterator[Count]:
    """Test the promise of the config on so many audits of one scorer."""
    rng = np.random.default_rng([seed, audits])
    for _ in range(draws):
        lanes = _Redrawn(redrawn(step, audits, rng))
        tested = replace(step, lanes=lanes)  # type: ignore[arg-type]
        yield count(step, tested.certify(step.eligible(), step.setting.routing.promise))


@dataclass(frozen=True)
class _Redrawn:
    """The lanes of a run of which a test sees another audit."""

    audit: Audit

    @property
    def audit_so_far(self) -> Audit:
        return self.audit


def with_floor(step: Step, floor: float) -> Step:
    """Give the same scorer under another critical floor."""
    routing = step.setting.routing.model_copy(update={"critical_floor": floor})
    return replace(step, setting=replace(step.setting, routing=routing))


def played(
    floors: Sequence[float], scorers: int, draws: int, labels: int, audits: int
) -> dict[float, list[Count]]:
    """Play all runs at each critical floor."""
    with tempfile.TemporaryDirectory(prefix="quorum-critical-") as folder:
        project = open_project(str(trec(Path(folder))))
        setting = prepare(project, load_answers(project, "label"), Plan(labels, 50, 0), PERFECT)
        project.store.close()
    found: dict[float, list[Count]] = {floor: [] for floor in floors}
    for seed in range(scorers):
        step = trained(setting, seed)
        for floor, runs in found.items():
            runs += counts(with_floor(step, floor), audits, draws, seed)
    return found


def tell(floor: float, runs: list[Count]) -> bool:
    """Print what runs came to; give whether the bound held as often as it promises."""
    given = [run for run in runs if run.accepted]
    broken = sum(run.broken for run in given)
    allowed = len(runs) * DELTA + 3 * np.sqrt(len(runs) * DELTA * (1 - DELTA))
    truth = np.array([run.critical / run.accepted for run in given])
    bound = np.array([run.at_most / run.accepted for run in given])
    units = np.array([run.accepted for run in given])
    print(  # noqa: T201
        f"floor {floor}: {len(given)} of {len(runs)} runs certify, {units.mean():,.0f} units on average; "
        f"truly critical among them {truth.mean():.3%} (worst {truth.max():.3%}), bound {bound.mean():.3%} "
        f"({bound.min():.3%} to {bound.max():.3%}), broken {broken} times"
    )
    return broken <= allowed


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scorers", type=int, default=5)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--audits", type=int, default=400)
    parser.add_argument("--floors", type=float, nargs="+", default=[0.02, 0.005, 1.0])
    given = parser.parse_args()
    found = played(given.floors, given.scorers, given.draws, given.labels, given.audits)
    held = [tell(floor, runs) for floor, runs in found.items()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
