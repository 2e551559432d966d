"""Writes what the benchmarks found into the documentation: tables, and pictures of learning curves."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.curves import BATCH, Curves
from tests.benchmarks.harness import Result

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = "pictures"
HEAD = """\
# Benchmarks

`make bench` writes this page; `make bench-short` writes a shorter form of it in less than ten minutes.
This is the {form} form, on {machine}. Both sides of a comparison ran in the same run, in turn.

## Answers and accuracy

The loop was replayed on real data with recorded votes: people who answer truly, {batch} answers a
round, no audit, accuracy over all rows. Each arm has the same text features.

| arm | is |
|---|---|
| quorum | votes, text and answers in one model; items by the default strategy |
| active only | the same without votes |
| random | the same with votes, items at random |
| modal | modAL's `ActiveLearner`, logistic regression, uncertainty sampling |
| snorkel | snorkel's `LabelModel`, logistic regression on its labels, answers on random rows in their place |

`quorum simulate` does the same on your own data: see [Simulation](simulation.md).
"""


def machine() -> str:
    """Say on what machine this runs, without its name."""
    return f"{os.cpu_count()} cores of {platform.machine()}, Python {platform.python_version()}"


def as_markdown(
    families: Mapping[str, Mapping[str, Result]], compared: Sequence[Curves], form: str, where: str
) -> str:
    """Give the page.

    Parameters
    ----------
    families : mapping of str to mapping of str to Result
        Results by name, by what they are about.
    compared : sequence of Curves
    form : str
        ``short`` or ``full``.
    where : str
        The machine.
    """
    sections = [HEAD.format(form=form, machine=where, batch=BATCH), *map(curve_section, compared)]
    for title, results in families.items():
        sections.append(f"## {title}\n\n{result_table(results)}")
    return "\n".join(sections)


def curve_section(curves: Curves) -> str:
    """Give picture, table and savings of one set."""
    result, arms = curves.result, [name.replace("_", " ") for name in curves.result.curves]
    lines = [
        f"### {curves.name}: {result.rows:,} rows, {result.seeds} seeds",
        "",
        f"![Accuracy over answers on {curves.name}]({PICTURES}/{curves.picture})",
        "",
        f"| answers | {' | '.join(arms)} | ECE | log-loss |",
        "|---" * (len(arms) + 3) + "|",
    ]
    for points in zip(*result.curves.values(), strict=False):
        cells = [f"{share(p['accuracy'])} ± {share(p['accuracy_std'])}" for p in points]
        loose = [share(points[0]["ece"]), share(points[0]["log_loss"])]
        lines.append(f"| {points[0]['labels']} | {' | '.join([*cells, *loose])} |")
    saved = [f"- {s.describe()}" for s in result.saved]
    return "\n".join(
        [*lines, "", "ECE and log-loss are quorum's, on rows without an answer.", "", *saved, ""]
    )


def share(value: float | None) -> str:
    """Give a number with three digits, without the zero in front; a dash where there is none."""
    return "–" if value is None else f"{value:.3f}".removeprefix("0")


def result_table(results: Mapping[str, Result]) -> str:
    """Give the table of one family."""
    lines = ["| benchmark | ours | peer | ratio | floor | as it should be |", "|---|---|---|---|---|---|"]
    for name, r in results.items():
        good = "yes" if r.good else "no"
        lines.append(
            f"| {name} | {r.ours:g} {r.unit} | {r.peer:g} {r.unit} | {r.ratio:g} | {r.floor:g} | {good} |"
        )
    return "\n".join([*lines, ""])


def write_page(
    families: Mapping[str, Mapping[str, Result]], compared: Sequence[Curves], form: str, docs: Path = DOCS
) -> None:
    """Write page and pictures."""
    for curves in compared:
        curves.draw(docs / PICTURES)
    (docs / "benchmarks.md").write_text(as_markdown(families, compared, form, machine()), encoding="utf-8")
