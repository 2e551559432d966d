"""The command `quorum report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from labeling.cli import display
from labeling.cli.options import show, takes_config, takes_json


@click.command()
@takes_config
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The HTML file.")
@takes_json
def report(config: str | None, out: Path, as_json: bool) -> None:
    """Write all figures of the project as one HTML file that needs no network."""
    from labeling.app import open_project
    from labeling.report.page import write_report

    with display.work() as progress:
        result = write_report(open_project(config, progress=progress), out)
    show({"out": str(out), **result.to_dict()}, as_json, written)


def written(result: dict[str, Any]) -> None:
    """Say where the page is, and which sections have nothing to show yet."""
    display.say(f"wrote {result['out']}")
    for name, part in result.items():
        if isinstance(part, dict) and "absent" in part:
            display.say(f"  {name}: {part['absent']}")
