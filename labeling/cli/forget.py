"""The command `quorum forget`."""

from __future__ import annotations

from typing import Any

import click

from labeling.cli import display
from labeling.cli.options import show, takes_config, takes_json


@click.command()
@takes_config
@click.argument("row_id", metavar="[ID]", required=False)
@click.option("--annotator", metavar="NAME", help="All answers of a person, instead of a row.")
@click.option("--voter", metavar="NAME[@VERSION]", help="All votes of earlier versions of a voter.")
@click.option("--model", metavar="NAME", help="All that a language model said.")
@takes_json
def forget(
    config: str | None,
    row_id: str | None,
    annotator: str | None,
    voter: str | None,
    model: str | None,
    as_json: bool,
) -> None:
    """Erase a row everywhere; or what a person, a voter or a language model contributed."""
    from labeling.app import open_project
    from labeling.erasure.contributions import remove_annotator, remove_model, remove_voter
    from labeling.erasure.forget import forget_row

    removals = [(remove_annotator, annotator), (remove_voter, voter), (remove_model, model)]
    chosen = [(remove, name) for remove, name in removals if name is not None]
    if not chosen and row_id is None:
        config, row_id = None, config
    if len(chosen) + (row_id is not None) != 1:
        raise click.UsageError("Expected one of ID, --annotator, --voter, --model.")
    with display.work() as progress:
        project = open_project(config, progress=progress)
        if row_id is not None:
            told, human = forget_row(project, row_id).to_dict(), _say_row
        else:
            [(remove, name)] = chosen
            told, human = remove(project, name).to_dict(), _say_removed
    show(told, as_json, human)


def _say_row(told: dict[str, Any]) -> None:
    answers = f"{told['answers']:,} answers, {told['tasks']:,} review tasks"
    models = f"{told['readings']:,} readings and {told['calls']:,} calls of language models"
    display.say(f"forgot {told['id']}: {answers}, {models}")
    display.say(f"  {told['tables']:,} tables written anew, {told['files']:,} files removed")
    display.say("  the row in your own file stays yours to remove; it is passed over from now on")


def _say_removed(told: dict[str, Any]) -> None:
    machine = f"{told['columns']:,} columns of votes, {told['readings']:,} readings of language models"
    display.say(f"removed what {told['what']} contributed: {told['answers']:,} answers, {machine}")
    for number in told["certificates"]:
        display.say(f"  certificate {number} no longer holds")
    if told["release"]:
        display.say(f"  release {told['release']} holds the labels without it")
