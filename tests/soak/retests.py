"""Tests one project again on each of thirty days: how often any promise breaks, and what stays accepted.

Usage: ``python -m tests.soak.retests [--months 2000] [--projects 3] [--seed 0]``: months are drawn over audit
units, projects are whole ones with data that grow and people who answer. Exits 1 where promises break more
often than they may, or where more than .15 less is accepted than by a single test.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from labeling.certificates.guarantee import acceptable_wrong, delta_share, error_budget
from labeling.certificates.looks import look_share
from labeling.export import export_labels
from labeling.project import Project
from labeling.rounds.live import certification, turn
from labeling.store import certificates, frames
from labeling.types import Bools, Floats, Ints, Lane
from tests.fakes import FakeQueue
from tests.projects import gold_of, opened, small_rows, synced, write_project, write_rows

DAYS = 30
ALPHA = DELTA = 0.05
LOST = 0.15

START, DAILY, REVIEWED = 500, 6, 3
"""Rows of a whole project on its first day, new ones a day, and review answers of a round."""

Spend = Callable[[int], float]


@dataclass(frozen=True)
class Profile:
    """A project over a month: its texts, its audit, and how the scorer errs.

    ``errors`` is the share of wrong labels on the first day and falls by the part ``better`` up to the last;
    the larger ``sharp``, the more of them stand at the end of the ranking.
    """

    texts: int
    audited: int
    growth: float
    errors: float
    sharp: float
    better: float


PROFILES = {
    "sharp, no new texts": Profile(1500, 400, 0.0, 0.08, 12, 0.2),
    "sharp, a third more texts": Profile(1500, 400, 0.33, 0.08, 12, 0.2),
    "mediocre, no new texts": Profile(1500, 400, 0.0, 0.08, 1.5, 0.2),
    "mediocre, a third more texts": Profile(1500, 400, 0.33, 0.08, 1.5, 0.2),
    "mediocre, of 5,000": Profile(5000, 400, 0.33, 0.08, 1.5, 0.2),
    "mediocre, no better": Profile(3000, 400, 0.33, 0.08, 2, 0.0),
    "mediocre, a fifth wrong": Profile(3000, 400, 0.33, 0.2, 2, 0.1),
}


@dataclass(frozen=True)
class Month:
    """What thirty tests came to: whether any promise broke, and shares of the last day's texts."""

    broken: bool
    in_force: float
    last: float
    single: float


def planned(test: int) -> float:
    """Spend by the plan of thirty looks."""
    return look_share(DELTA, test, DAYS)


def unplanned(test: int) -> float:
    """Spend what never runs out, for comparison."""
    return delta_share(DELTA, test)


def score_tables(rng: np.random.Generator, profile: Profile) -> Iterator[tuple[Floats, Ints]]:
    """Give, day by day, the chance that each label is wrong and the texts by rank, safest first."""
    final = round(profile.texts * (1 + profile.growth))
    hardness, wobble = rng.random(final), rng.normal(0, 1, final)
    for day in np.linspace(0, 1, DAYS):
        present = round(profile.texts + (final - profile.texts) * day)
        base = hardness[:present] ** profile.sharp
        risk = base / base.mean() * profile.errors * (1 - profile.better * day)
        wobble = 0.97 * wobble + rng.normal(0, 0.25, final)
        seen = hardness[:present] + 0.03 * wobble[:present]
        yield np.clip(risk, 0, 0.9), np.argsort(seen, kind="stable")


@cache
def allowed(texts: int, audited: int, delta: float) -> int:
    """Give the acceptance number, -1 where nothing may be accepted."""
    found = acceptable_wrong(texts, audited, error_budget(ALPHA, texts), delta)
    return -1 if found is None else found


def accepted(failed: Bools, audited: int, delta: float) -> int:
    """Give the length of the accepted prefix."""
    places, may = np.flatnonzero(failed), allowed(len(failed), audited, delta)
    if may < 0:
        return 0
    return int(places[may]) if len(places) > may else len(failed)


def month(rng: np.random.Generator, profile: Profile, spend: Spend) -> Month:
    """Live through a month: new texts join the audit, the test that accepts more stays in force."""
    final = round(profile.texts * (1 + profile.growth))
    luck, drawn = rng.random(final), rng.random(final) < profile.audited / profile.texts
    broken, held, prefix, single = False, 0, 0, 0.0
    for day, (risk, order) in enumerate(score_tables(rng, profile), start=1):
        wrong, audited = (luck[: len(order)] < risk)[order], drawn[: len(order)][order]
        prefix = accepted(wrong & audited, int(audited.sum()), spend(day))
        hidden = (wrong & ~audited)[:prefix].sum()
        broken |= bool(hidden > error_budget(ALPHA, len(order)))
        held = max(held, prefix)
        single = accepted(wrong & audited, int(audited.sum()), DELTA) / len(order)
    return Month(broken, held / final, prefix / final, single)


def months(profile: Profile, spend: Spend, runs: int, seed: int) -> dict[str, float]:
    """Give means over months."""
    rng = np.random.default_rng(seed)
    lived = [month(rng, profile, spend) for _ in range(runs)]
    names = ("broken", "in_force", "last", "single")
    return {name: float(np.mean([getattr(m, name) for m in lived])) for name in names}


def check_months(runs: int, seed: int) -> bool:
    """Print a line per profile and say whether all keep what is asked."""
    within = DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / runs)
    good = True
    for name, profile in PROFILES.items():
        told = months(profile, planned, runs, seed)
        other = months(profile, unplanned, max(runs // 10, 1), seed)
        kept = told["broken"] <= within and told["single"] - told["in_force"] <= LOST
        good &= kept
        say(
            f"{name:30} broken {told['broken']:.4f}  accepted: single {told['single']:.3f}, "
            f"in force {told['in_force']:.3f}, the thirtieth {told['last']:.3f}; "
            f"without a plan {other['in_force']:.3f}{'' if kept else '  NOT KEPT'}"
        )
    return good


def play_project(folder: Path, seed: int) -> tuple[bool, int, int, float]:
    """Play a project for a month: whether a promise broke, tests, releases, the share labelled at last."""
    rows = small_rows(START + DAILY * DAYS)
    rows = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    gold = gold_of(rows)
    config = write_project(folder, rows[:START], audit=80, batch=20, alpha=0.1)
    text = config.read_text(encoding="utf-8").replace("routing: {", f"routing: {{looks: {DAYS}, ")
    config.write_text(text, encoding="utf-8")
    with opened(config) as project:
        with project.store.write() as tx:
            frames.open_frame(tx, f"salt {seed}", 0.1)
        queue = FakeQueue(project.schema)
        for _ in range(5):
            _ask(project, queue, gold)
    broken, share = False, 0.0
    for day in range(DAYS):
        write_rows(folder, rows[: START + DAILY * day])
        with opened(config) as project:
            wrong, share = _day(project, queue, gold, folder)
            broken |= wrong
    with opened(config) as project, project.store.read() as tx:
        tested = certificates.of_frame(tx, 1)
    return broken, len(tested), sum(t.passed for t in tested), share


def _ask(project: Project, queue: FakeQueue, gold: dict[str, str]) -> None:
    """Turn once; people answer all blind tasks, and the first few of review."""
    turn(project)
    synced(project, queue)
    waiting = sorted((queue.tasks[i] for i in queue.open_ids()), key=lambda task: task.priority)
    blind = [task for task in waiting if task.lane != Lane.REVIEW]
    for task in [*blind, *[task for task in waiting if task.lane == Lane.REVIEW][:REVIEWED]]:
        queue.answer(task.task_id, gold[task.row_id])
    synced(project, queue)


def _day(project: Project, queue: FakeQueue, gold: dict[str, str], folder: Path) -> tuple[bool, float]:
    for _ in range(2):
        _ask(project, queue, gold)
    certification(project)
    frame = export_labels(project, folder / "labels.csv")
    machine = frame[frame["source"] == "certified"]
    with project.store.read() as tx:
        champion = certificates.champion(tx)
    may = error_budget(champion.result["alpha"], champion.result["population"]) if champion else 0
    wrong = int((machine["label"] != machine["id"].map(gold)).sum())
    return wrong > may, float(frame["label"].notna().mean())


def check_projects(projects: int, seed: int) -> bool:
    """Print a line per project and say whether no promise broke."""
    good = True
    for i in range(projects):
        with tempfile.TemporaryDirectory() as folder:
            broken, tested, passed, share = play_project(Path(folder), seed + i)
        good &= not broken
        said = f"{tested} tests, {passed} releases, {share:.2f} labelled at last"
        say(f"project {i + 1}: {said}: {'BROKEN' if broken else 'kept'}")
    return good


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run both and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=2000)
    parser.add_argument("--projects", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    good = check_months(chosen.months, chosen.seed) if chosen.months else True
    good &= check_projects(chosen.projects, chosen.seed)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
