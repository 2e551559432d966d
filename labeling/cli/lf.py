"""The commands for work on functions: `quorum lf test`, `errors`, `diff`, `suggest`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from labeling.cli import display, display_lf
from labeling.cli.options import F, show, takes_config, takes_json, takes_rescan
from labeling.development.bucket_names import BUCKETS


def takes_limit(what: str) -> Callable[[F], F]:
    """Give a command the --limit option."""
    return click.option(
        "--limit", type=click.IntRange(0), default=5, show_default=True, metavar="N", help=what
    )


@click.group()
def lf() -> None:
    """Work on functions: their examples, their errors, what an edit changed, what to write next."""


@lf.command("test")
@takes_config
@click.option(
    "--voter", "voters", multiple=True, metavar="NAME", help="Check this one alone; may be repeated."
)
@takes_json
def test_command(config: str | None, voters: tuple[str, ...], as_json: bool) -> None:
    """Check the examples beside the functions; exit code 1 where one fails."""
    from labeling.app import open_project
    from labeling.development.examples import check_functions

    with display.work() as progress:
        report = check_functions(open_project(config, progress=progress), voters)
    show(report.to_dict(), as_json, display_lf.examples)
    if not report.passed:
        sys.exit(1)


@lf.command()
@takes_config
@click.argument("voter", required=False)
@click.option(
    "--bucket",
    "buckets",
    type=click.Choice(tuple(BUCKETS)),
    multiple=True,
    help="Show this one; may be repeated.",
)
@takes_limit("Items shown of each bucket.")
@takes_rescan
@takes_json
def errors(
    config: str | None, voter: str | None, buckets: tuple[str, ...], limit: int, rescan: bool, as_json: bool
) -> None:
    """Show where a voter is wrong: by gold, by the other voters together, by each of them."""
    from labeling.app import open_project
    from labeling.development.errors import voter_errors

    if voter is None:
        config, voter = None, config
    if voter is None:
        raise click.UsageError("Missing argument 'VOTER'.")
    with display.work() as progress:
        report = voter_errors(open_project(config, progress=progress, rescan=rescan), voter, buckets, limit)
    show(report.to_dict(), as_json, display_lf.errors)


@lf.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG] [VOTER]...")
@takes_limit("Items shown of each kind of change.")
@takes_rescan
@takes_json
def diff(arguments: tuple[str, ...], limit: int, rescan: bool, as_json: bool) -> None:
    """Apply what was edited and show the votes and labels that changed."""
    from labeling.app import open_project
    from labeling.development.diff import compare_versions

    config, voters = config_first(arguments)
    with display.work() as progress:
        report = compare_versions(open_project(config, progress=progress, rescan=rescan), voters, limit)
    show(report.to_dict(), as_json, display_lf.diff)


@lf.command()
@takes_config
@takes_limit("Keywords of each class.")
@takes_rescan
@takes_json
def suggest(config: str | None, limit: int, rescan: bool, as_json: bool) -> None:
    """Show what no function covers yet, and keywords that would."""
    from labeling.app import open_project
    from labeling.development.suggest import suggest_functions

    with display.work() as progress:
        report = suggest_functions(open_project(config, progress=progress, rescan=rescan), limit)
    show(report.to_dict(), as_json, display_lf.suggestions)


def config_first(arguments: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Tell whether the first argument is a config or a voter: a voter has neither a file nor a path."""
    from labeling.config import find_config
    from labeling.errors import InputError

    if not arguments:
        return None, ()
    first = arguments[0]
    try:
        find_config(first)
    except InputError:
        if Path(first).suffix in (".yaml", ".yml") or len(Path(first).parts) > 1:
            raise
        return None, arguments
    return first, arguments[1:]
