"""The commands that advise people on the loop, `quorum forecast` and `quorum recheck`, as people see them."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from labeling.cli import display
from labeling.cli.options import show, takes_config, takes_json
from labeling.cli.texts import printable

EXCERPT = 100
"""Characters of a text."""


@click.command()
@takes_config
@takes_json
def forecast(config: str | None, as_json: bool) -> None:
    """Say how accurate labels are, what more answers would bring and cost, and whether to stop."""
    from labeling.app import open_project
    from labeling.rounds.advice import last_advice

    with display.work() as progress:
        result = last_advice(open_project(config, progress=progress))
    show(result, as_json, show_forecast)


@click.command()
@takes_config
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Items of each kind.")
@takes_json
def recheck(config: str | None, limit: int, as_json: bool) -> None:
    """List human labels that are probably wrong, and items that another person should answer."""
    from labeling.app import open_project
    from labeling.recheck import recheck as look_again

    with display.work() as progress:
        result = look_again(open_project(config, progress=progress))
    show(result.to_dict(), as_json, lambda told: show_recheck(told, limit))


def show_forecast(result: dict[str, Any]) -> None:
    """Print what was told with the last round, and cost against accuracy."""
    display.say(f"round {result['round']}: {result['forecast']['said']}")
    display.say(result["stopping"]["said"])
    curve = result["forecast"]["curve"]
    if not curve:
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("labels", "accuracy", "95 % interval", "people", "models", ""):
        table.add_column(column, justify="right")
    for point in curve:
        table.add_row(*curve_row(point))
    display.OUT.print(table)


def curve_row(point: dict[str, Any]) -> tuple[str, ...]:
    """Give the cells of one point of the curve."""
    seconds = point["seconds"]
    return (
        f"{point['labels']:,}",
        f"{point['accuracy']:.3f}",
        f"{point['low']:.3f} to {point['high']:.3f}",
        "–" if seconds is None else f"{seconds / 3600:.1f} h",
        f"${point['spent']:,.2f}",
        "expected" if point["ahead"] else "",
    )


def show_recheck(result: dict[str, Any], limit: int) -> None:
    """Print the labels in doubt, then the items for a second opinion."""
    doubts, opinions = result["doubts"], result["second_opinions"]
    display.say(f"{len(doubts)} of {result['examined']} labels are probably wrong")
    for doubt in doubts[:limit]:
        display.say(
            f"{doubt['id']}: {' and '.join(doubt['by'])} said {doubt['answer']}, the model {doubt['model']}"
        )
        display.say(f"  {excerpt(doubt['text'])}")
        display.say(f"  {doubt['why']}")
    if opinions:
        display.say(f"another person's answer would help at {len(opinions)} items:")
    for opinion in opinions[:limit]:
        said = opinion["answer"] or "nothing that most agree on"
        display.say(
            f"{opinion['id']}: {' and '.join(opinion['by'])} said {said} (score {opinion['score']:.2f})"
        )
    for name, share in result["people"].items():
        display.say(f"{name}: agrees with others and with a model that is sure in {share:.0%}")


def excerpt(text: str) -> str:
    """Give the beginning of a text in one line."""
    line = printable(text)
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"
