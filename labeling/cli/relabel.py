"""The scheduled job and its trace: `quorum relabel`, `quorum jobs`."""

from __future__ import annotations

import sys

import click

from labeling.cli import display, display_relabel
from labeling.cli.options import show, takes_config, takes_json, takes_rescan


@click.command()
@takes_config
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for another process.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; nothing is called, sent or written.")
@click.option("--without", multiple=True, metavar="VOTER", help="Go on without a voter that cannot run.")
@takes_rescan
@takes_json
def relabel(
    config: str | None, wait: float, dry_run: bool, without: tuple[str, ...], rescan: bool, as_json: bool
) -> None:
    """Do what changed since the last job: pull, run, test, publish, push, report."""
    from labeling.app import open_project
    from labeling.relabel.alarm import alarmed, tell_if_held
    from labeling.relabel.dry_run import foresee
    from labeling.relabel.job import relabel as do
    from labeling.relabel.report import HELD

    with display.work() as progress:
        project = open_project(config, progress=progress, rescan=rescan)
        if dry_run:
            foreseen = foresee(project)
        else:
            with alarmed(project):
                report = do(project, wait=wait, without=without)
            tell_if_held(project, report)
    if dry_run:
        show(foreseen.to_dict(), as_json, display_relabel.foreseen)
        return
    show(report.to_dict(), as_json, display_relabel.job)
    if report.status == HELD:
        sys.exit(3)


@click.command()
@takes_config
@click.option("--limit", default=20, show_default=True, help="Jobs that are shown.")
@takes_json
def jobs(config: str | None, limit: int, as_json: bool) -> None:
    """List the last scheduled jobs, the last first."""
    from labeling.app import open_project
    from labeling.relabel.trace import recent_jobs

    with display.work() as progress:
        result = recent_jobs(open_project(config, progress=progress), limit)
    show(result, as_json, display_relabel.jobs)
