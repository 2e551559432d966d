"""The commands `quorum backup` and `quorum restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from labeling.cli import display
from labeling.cli.options import show, takes_config, takes_json


@click.command()
@takes_config
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@takes_json
def backup(config: str | None, out: Path, as_json: bool) -> None:
    """Write database and artifacts into one file."""
    from labeling.app import open_project
    from labeling.backup import write_backup

    with display.work() as progress:
        result = write_backup(open_project(config, progress=progress), out)
    show(result.to_dict(), as_json, lambda told: _say("wrote", told))


@click.command()
@takes_config
@click.option(
    "--from", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file."
)
@takes_json
def restore(config: str | None, file: Path, as_json: bool) -> None:
    """Put a backup back into a project that holds nothing yet."""
    from labeling.app import open_project
    from labeling.backup import restore as put_back

    with display.work() as progress:
        result = put_back(open_project(config, progress=progress), file)
    show(result.to_dict(), as_json, lambda told: _say("restored", told))


def _say(verb: str, told: dict[str, Any]) -> None:
    size = f"{told['bytes'] / 1e6:,.1f} MB"
    display.say(f"{verb} {told['file']}: {told['rows']:,} rows, {told['artifacts']:,} artifacts, {size}")
    display.say(f"  state {told['state']}")
