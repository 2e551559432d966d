"""The commands around language models as voters: `quorum llm plan`, `run`, `show`, `agree`, `suggest`."""

from __future__ import annotations

import os
import sys

import click

from labeling.cli import display, display_llm, display_models
from labeling.cli.options import F, show, takes_config, takes_json


@click.group()
def llm() -> None:
    """Have language models vote: what that would cost, the run, what was asked; and functions by them."""


def takes_renewal(command: F) -> F:
    """Give a command the --renew-examples option."""
    return click.option(
        "--renew-examples", is_flag=True, help="Show the labels of today in nearest-example prompts."
    )(command)


@llm.command()
@takes_config
@takes_renewal
@takes_json
def plan(config: str | None, renew_examples: bool, as_json: bool) -> None:
    """Say what is still to be asked, and what that would take and cost; nothing is asked."""
    from labeling.app import open_project
    from labeling.prelabels.plan import plan_prelabels

    with display.work() as progress:
        result = plan_prelabels(open_project(config, progress=progress), renew_examples=renew_examples)
    show(result.to_dict(), as_json, display_llm.plan)


@llm.command()
@takes_config
@takes_renewal
@takes_json
def run(config: str | None, renew_examples: bool, as_json: bool) -> None:
    """Ask what is missing; what was answered is never asked again."""
    from labeling.app import open_project
    from labeling.prelabels.run import run_prelabels

    with display.work() as progress:
        report = run_prelabels(open_project(config, progress=progress), renew_examples=renew_examples)
    show(report.to_dict(), as_json, display_llm.run)
    if report.failures:
        for failure in report.failures:
            display.to_stderr(f"quorum: {failure}")
        sys.exit(report.failures[0].exit_code)


@llm.command("show")
@takes_config
@click.argument("row_id", metavar="ID", required=False)
@takes_json
def show_command(config: str | None, row_id: str | None, as_json: bool) -> None:
    """Show what was sent about a row, what came back and what it cost."""
    from labeling.app import open_project
    from labeling.prelabels.show import show_row

    if row_id is None:
        config, row_id = None, config
    if row_id is None:
        raise click.UsageError("Missing argument 'ID'.")
    with display.work() as progress:
        result = show_row(open_project(config, progress=progress), row_id)
    show(result.to_dict(), as_json, display_llm.shown)


@llm.command()
@takes_config
@click.option(
    "--voter",
    "voters",
    multiple=True,
    metavar="NAME",
    help="Compare this one, of whatever kind; may be repeated.",
)
@takes_json
def agree(config: str | None, voters: tuple[str, ...], as_json: bool) -> None:
    """Show how far language models say the same, right or wrong, and which of them are one voter."""
    from labeling.app import open_project
    from labeling.prelabels.agree import compare_models

    with display.work() as progress:
        report = compare_models(open_project(config, progress=progress), voters)
    show(report.to_dict(), as_json, display_models.agreement)


@llm.command()
@takes_config
@click.option(
    "--accept", multiple=True, metavar="NAME", help="Take this one of the last answer; may be repeated."
)
@click.option("--dry-run", is_flag=True, help="Ask and try, write no function.")
@takes_json
def suggest(config: str | None, accept: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Have a model propose keywords and patterns as data; what gold speaks for is written to a file."""
    from labeling.app import open_project
    from labeling.development.proposals import suggest_by_model

    with display.work() as progress:
        project = open_project(config, progress=progress)
        report = suggest_by_model(project, accept=accept, person=os.environ.get("USER", ""), dry_run=dry_run)
    show(report.to_dict(), as_json, display_models.proposals)
