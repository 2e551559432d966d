"""How much certificates accept on real sets, of what hindsight would; writes the table into the docs.

Usage: ``python -m tests.benchmarks.certificates``; QUORUM_DATA names the folder of data. Exits 1 where
``dataset`` falls under its floor.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labeling.app import open_project
from labeling.certificates.guarantee import acceptable_wrong, error_budget, safe_prefix
from labeling.certificates.reach import plan_prefixes
from labeling.certificates.region import plan_region
from labeling.certificates.selective import sequence_of_tests
from labeling.simulation.arms import ARMS
from labeling.simulation.habits import PERFECT
from labeling.simulation.measures import Step
from labeling.simulation.preparation import load_answers, prepare
from labeling.simulation.replay import Replay, Run
from labeling.simulation.setting import Plan
from tests.benchmarks.curves import pool_lines, write_config
from tests.benchmarks.quality import CLASSES, POOL_ROWS
from tests.certificate_profiles import Bools, Floats, draw_audit, plain_recipe

PAGE = Path(__file__).parents[2] / "docs" / "certificates.md"
BEGIN, END = "<!-- power: begin -->\n", "<!-- power: end -->\n"
ALPHA = DELTA = 0.05
REVIEWED, AUDITED = 200, 400
SEEDS, DRAWS = 3, 40
FLOORS = {"youtube": 0.93, "imdb_llm": 0.9, "agnews": 0.9}
COLUMNS = ("dataset", "dataset, drawn", "selective", "selective, drawn", "plain, same claim", "plain")


@dataclass(frozen=True)
class Scored:
    """What a scorer says after 200 review answers: units that could be accepted, safest first.

    Attributes
    ----------
    errors : array, shape (top,)
        Predicted.
    wrong : mask, shape (top,)
    population : int
        Units that were not reviewed.
    """

    errors: Floats = field(repr=False)
    wrong: Bools = field(repr=False)
    population: int

    @classmethod
    def of(cls, step: Step) -> Scored:
        clusters, audit = step.setting.clusters, step.lanes.audit
        able = clusters.all(step.eligible() & ~audit.outside)
        errors = 1 - clusters.least(step.confidence)[able]
        wrong = clusters.any(step.machine != step.setting.gold)[able]
        order = np.argsort(errors, kind="stable")
        return cls(errors[order], wrong[order], audit.population)


def scored_sets() -> Iterator[tuple[str, list[Scored]]]:
    """Teach the scorers of every set, with several seeds."""
    for name in CLASSES:
        with tempfile.TemporaryDirectory(prefix="quorum-power-") as folder:
            config = write_config(Path(folder), name, pool_lines(name, POOL_ROWS.get(name)))
            project = open_project(str(config))
            plan = Plan(REVIEWED, REVIEWED // 4, audits=0)
            setting = prepare(project, load_answers(project, "label"), plan, PERFECT)
            runs = (Replay(setting, Run(ARMS["quorum"], seed)) for seed in range(SEEDS))
            yield name, [Scored.of(list(run.steps())[-1][1]) for run in runs]
            project.store.close()


def power(scored: Scored, seed: int) -> dict[str, float]:
    """Give the share of hindsight that each way to audit accepts, averaged over audits."""
    top, rng = len(scored.wrong), np.random.default_rng(seed)
    regions = {p: _region(scored, p) for p in ("dataset", "selective")}
    shares: dict[str, list[float]] = {name: [] for name in COLUMNS}
    for _ in range(DRAWS):
        standing = rng.permutation(scored.population)[:top] < AUDITED
        for promise, region in regions.items():
            drawn = np.append(draw_audit(rng, region, min(AUDITED, region - 1)), np.zeros(top - region, bool))
            shares[promise].append(_share(scored, standing, promise, top))
            shares[f"{promise}, drawn"].append(_share(scored, drawn, promise, region))
        reached = plain_recipe(scored.wrong, standing, ALPHA, DELTA)
        shares["plain"].append(_ratio(scored, standing, "selective", reached))
        shares["plain, same claim"].append(_tested(scored, standing, top, _even_steps(top)))
    return {name: float(np.mean(found)) for name, found in shares.items()}


def _even_steps(top: int) -> list[int]:
    return [int(prefix) for prefix in np.linspace(0.3 * top, top, 24)]


def _region(scored: Scored, promise: str) -> int:
    return plan_region(promise, scored.errors, scored.population, AUDITED, ALPHA, DELTA)


def _share(scored: Scored, audited: Bools, promise: str, top: int) -> float:
    inside, failed = audited[:top], (audited & scored.wrong)[:top]
    if promise == "dataset":
        budget = error_budget(ALPHA, scored.population)
        allowed = acceptable_wrong(top, int(inside.sum()), budget, DELTA)
        return _ratio(scored, audited, promise, 0 if allowed is None else safe_prefix(failed, allowed))
    prefixes = plan_prefixes(scored.errors[:top], int(inside.sum()), ALPHA, DELTA).tolist()
    return _tested(scored, audited, top, prefixes)


def _tested(scored: Scored, audited: Bools, top: int, prefixes: Sequence[int]) -> float:
    failed = (audited & scored.wrong)[:top]
    steps = sequence_of_tests(prefixes, audited[:top], failed, ALPHA, DELTA)
    return _ratio(scored, audited, "selective", max((s.prefix for s in steps if s.passed), default=0))


def _ratio(scored: Scored, audited: Bools, promise: str, prefix: int) -> float:
    """Give the unaudited units of a prefix, as a share of those that hindsight would accept."""
    unaudited = np.cumsum(~audited)
    wrong = np.cumsum(scored.wrong & ~audited)
    room = error_budget(ALPHA, scored.population) if promise == "dataset" else ALPHA * unaudited
    within = np.flatnonzero(wrong <= room)
    hindsight = int(unaudited[within[-1]]) if len(within) else 0
    return int(unaudited[prefix - 1]) / hindsight if prefix and hindsight else 0.0


def table(found: Sequence[tuple[str, list[dict[str, float]]]]) -> str:
    """Write the means over seeds as a table."""
    lines = [f"| set | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, runs in found:
        means = [float(np.mean([run[column] for run in runs])) for column in COLUMNS]
        lines.append(f"| {name} | {' | '.join(f'{mean:.2f}' for mean in means)} |")
    return "\n".join(lines) + "\n"


def write_between(begin: str, end: str, written: str) -> None:
    """Replace what stands between two marks of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(before + begin + written + end + after, encoding="utf-8")


def main() -> int:
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, scorers in scored_sets():
            found.append((name, [power(scored, seed) for seed, scored in enumerate(scorers)]))
            sys.stderr.write(table(found[-1:]))
    write_between(BEGIN, END, table(found))
    drawn = {name: np.mean([run["dataset, drawn"] for run in runs]) for name, runs in found}
    return int(any(drawn[name] < floor for name, floor in FLOORS.items()))


if __name__ == "__main__":
    sys.exit(main())
