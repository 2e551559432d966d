"""The commands around releases: `quorum releases`, `diff`, `rollback`, `promote`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from labeling.cli import display, display_releases
from labeling.cli.options import F, show, takes_config, takes_json


def takes_reason(command: F) -> F:
    """Give a command the --reason option."""
    return click.option("--reason", metavar="TEXT", help="Why, for the log.")(command)


def config_and(arguments: Sequence[str], count: int, names: str) -> tuple[str | None, Sequence[str]]:
    """Tell the config, which may be left out, from the ``count`` arguments that have to follow it."""
    if len(arguments) == count:
        return None, arguments
    if len(arguments) == count + 1:
        return arguments[0], arguments[1:]
    raise click.UsageError(f"Expected [CONFIG] {names}.")


@click.command("releases")
@takes_config
@takes_json
def releases_command(config: str | None, as_json: bool) -> None:
    """List releases, what they were made of, and who made which current."""
    from labeling.app import open_project
    from labeling.releases.listing import list_releases

    with display.work() as progress:
        result = list_releases(open_project(config, progress=progress))
    show(result, as_json, display_releases.releases)


@click.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG] A B")
@click.option("--limit", default=20, show_default=True, help="Rows that are shown.")
@takes_json
def diff(arguments: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Say what is different between two releases, row by row and why."""
    from labeling.app import open_project
    from labeling.releases.changes import compare
    from labeling.releases.giving_out import number_of
    from labeling.releases.publication import read_contents

    config, (first, second) = config_and(arguments, 2, "A B")
    with display.work() as progress:
        project = open_project(config, progress=progress)
        before, after = (read_contents(project, number_of(project, name)) for name in (first, second))
        changes = compare(before, after)
    result = {"before": before.number, "after": after.number, **changes.to_dict()}
    show(result, as_json, lambda told: display_releases.diff(told, limit))


@click.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG] A")
@takes_reason
@takes_json
def rollback(arguments: tuple[str, ...], reason: str | None, as_json: bool) -> None:
    """Make an earlier release the current one; its certificate is the one in force again."""
    from labeling.app import open_project
    from labeling.releases.giving_out import number_of
    from labeling.rounds.rollback import roll_back

    config, (name,) = config_and(arguments, 1, "A")
    with display.work() as progress:
        project = open_project(config, progress=progress)
        result = roll_back(project, number_of(project, name), reason)
    show(result.to_dict(), as_json, display_releases.promoted)


@click.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG] N")
@takes_reason
@takes_json
def promote(arguments: tuple[str, ...], reason: str | None, as_json: bool) -> None:
    """Make a release current that was held back, or that a rollback left."""
    from labeling.app import open_project
    from labeling.releases.giving_out import number_of
    from labeling.rounds.rollback import promote as make_current

    config, (name,) = config_and(arguments, 1, "N")
    with display.work() as progress:
        project = open_project(config, progress=progress)
        result = make_current(project, number_of(project, name), reason)
    show(result.to_dict(), as_json, display_releases.promoted)
