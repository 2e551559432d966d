"""The command that replays the loop, and how its result is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from labeling.cli import display
from labeling.cli.options import show, takes_config, takes_json

SHARES = {"accepted": "accepted", "wrong among all": "accepted_error", "hindsight": "oracle_accepted"}
"""Columns of the first arm that has an audit: ``quorum``, or it with another strategy."""


def names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Take names with commas between them apart."""
    return None if value is None else tuple(filter(None, map(str.strip, value.split(","))))


@click.command("simulate")
@takes_config
@click.option("--gold", required=True, metavar="COLUMN", help="The column that answers for people.")
@click.option("--labels", required=True, type=click.IntRange(1), help="Answers in all.")
@click.option("--batch", type=click.IntRange(1), help="Answers a round; default active.batch.")
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="Repetitions.")
@click.option(
    "--audit",
    type=click.IntRange(0),
    help="Answers for the audit; default routing.audit, at most half.",
)
@click.option(
    "--people",
    default="perfect",
    show_default=True,
    help="noisy:SHARE, anchored:SHARE, skipping:SHARE, slow:SECONDS, with commas; or a YAML file.",
)
@click.option(
    "--arms",
    callback=names,
    default="quorum,active_only,random",
    show_default=True,
    help="Also: modal, snorkel, as users of those would do it.",
)
@click.option(
    "--strategy", callback=names, default="", metavar="NAMES", help="quorum with these strategies, too."
)
@click.option(
    "--voters", callback=names, metavar="NAMES", help="Who votes, by name or pattern; none for nobody."
)
@click.option("--jobs", type=click.IntRange(1), help="Processes; default one a core.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Learning curves as PNG.")
@click.option("--hours", is_flag=True, help="Draw against hours of people's time.")
@takes_json
def simulate_command(
    config: str | None,
    plot: Path | None,
    hours: bool,
    as_json: bool,
    jobs: int | None,
    people: str,
    strategy: tuple[str, ...],
    **plan: Any,
) -> None:
    """Replay the loop with a gold column as the people."""
    from labeling.app import open_project
    from labeling.label_models.chunks import available_threads
    from labeling.simulation import simulate
    from labeling.simulation.picture import draw_curves
    from labeling.simulation.reading import read_people

    with display.work() as progress:
        project = open_project(config, progress=progress)
        habits = read_people(people, project.schema.names)
        jobs = jobs or available_threads()
        result = simulate(project, people=habits, strategies=strategy, jobs=jobs, **plan)
        if plot is not None:
            title = result.title(project.config.project)
            draw_curves(result.curves, plot, title, "hours" if hours else "labels")
    show(result.to_dict(), as_json, simulation)


def simulation(result: dict[str, Any]) -> None:
    """Print learning curves as a table, and what they amount to."""
    curves = result["curves"]
    audited = result["violations"] is not None
    table = _table("labels", *(name.replace("_", " ") for name in curves), *(SHARES if audited else ()))
    first = next((i for i, name in enumerate(curves) if name.startswith("quorum")), 0)
    for points in zip(*curves.values(), strict=False):
        cells = [f"{p['accuracy']:.3f} ± {p['accuracy_std']:.3f}" for p in points]
        shares = [display.percent(points[first][key]) for key in SHARES.values()] if audited else []
        table.add_row(str(points[first]["labels"]), *cells, *shares)
    display.OUT.print(table)
    display.say(f"accuracy over all rows, {result['seeds']} seeds, {result['people']}")
    if audited:
        display.say(f"certificates broken: {display.percent(result['violations'])}")
    for saved in result["saved"]:
        display.say(saved["said"])


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    return table
