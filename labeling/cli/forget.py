"""The command `quorum forget`."""

from __future__ import annotations

from typing import Any

import click

from labeling.cli import display
from labeling.cli.options import show, takes_config, takes_json


@click.command()
@takes_config
@click.argument("row_id", metavar="ID", required=False)
@takes_json
def forget(config: str | None, row_id: str | None, as_json: bool) -> None:
    """Erase a row: its text, votes, answers and labels, in every release too."""
    from labeling.app import open_project
    from labeling.erasure.forget import forget_row

    if row_id is None:
        config, row_id = None, config
    if row_id is None:
        raise click.UsageError("Missing argument 'ID'.")
    with display.work() as progress:
        result = forget_row(open_project(config, progress=progress), row_id)
    show(result.to_dict(), as_json, _say)


def _say(told: dict[str, Any]) -> None:
    answers = f"{told['answers']:,} answers, {told['tasks']:,} review tasks"
    models = f"{told['readings']:,} readings and {told['calls']:,} calls of language models"
    display.say(f"forgot {told['id']}: {answers}, {models}")
    display.say(f"  {told['tables']:,} tables written anew, {told['files']:,} files removed")
    display.say("  the row in your own file stays yours to remove; it is passed over from now on")
