"""The commands: they parse and print, use cases do the work and are imported when they are called."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import click

from labeling.cli import STOPPED, display, display_votes
from labeling.cli.advice import forecast, recheck
from labeling.cli.backup import backup, restore
from labeling.cli.end_model import export, score
from labeling.cli.forget import forget
from labeling.cli.lf import lf
from labeling.cli.llm import llm
from labeling.cli.options import show, takes_config, takes_json, takes_rescan
from labeling.cli.people import people
from labeling.cli.relabel import jobs, relabel
from labeling.cli.releases import diff, promote, releases_command, rollback
from labeling.cli.report import report
from labeling.cli.simulate import simulate_command
from labeling.errors import QuorumError


class Commands(click.Group):
    """A group whose errors are words and exit codes, never tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; translate what is raised."""
        try:
            return super().invoke(ctx)
        except QuorumError as error:
            display.to_stderr(f"quorum: {error}")
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            display.to_stderr(STOPPED)
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except OSError as error:
            display.to_stderr(f"quorum: {error}. Check the path, the rights to it and the disk.")
            ctx.exit(1)
        except Exception as error:
            display.to_stderr(f"quorum: {report_fault(error)}")
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quorum")
def main() -> None:
    """Weak supervision and active labelling with a certificate of the error rate."""


def report_fault(error: Exception) -> str:
    """Keep the traceback of a fault of our own in a file, and say where."""
    with tempfile.NamedTemporaryFile("w", prefix="quorum-", suffix=".log", delete=False) as log:
        traceback.print_exception(error, file=log)
    said = f"{type(error).__name__}: {error}"
    return (
        f"a fault of the program, not of your input: {said}. Details are in {log.name}; please report them."
    )


@main.command()
@click.argument("name")
@click.option(
    "--in", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder."
)
def init(name: str, folder: Path) -> None:
    """Write a config, functions and data to start from."""
    from labeling.starter import start_project

    for path in start_project(name, folder):
        display.say(f"wrote {path}")
    display.say(f"next: quorum votes {folder / 'configs' / name}.yaml")


@main.command()
@takes_config
@click.option(
    "--reliability",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The label model's confidence against people's labels, as PNG.",
)
@takes_rescan
@takes_json
def votes(config: str | None, reliability: Path | None, rescan: bool, as_json: bool) -> None:
    """Apply the voters and show what each does."""
    from labeling.app import open_project
    from labeling.voting import analyse_votes

    with display.work() as progress:
        project = open_project(config, progress=progress, rescan=rescan)
        report = analyse_votes(project)
    if reliability is not None:
        report.plot_reliability(reliability, project.config.project)
    show(report.to_dict(), as_json, display_votes.votes)


@main.command()
@takes_config
@takes_rescan
@takes_json
def run(config: str | None, rescan: bool, as_json: bool) -> None:
    """Do one round: votes, model, routes, next batch. Needs no server."""
    from labeling.app import open_project
    from labeling.rounds.live import turn

    with display.work() as progress:
        report = turn(open_project(config, progress=progress, rescan=rescan))
    show(report.to_dict(), as_json, display.round_report)


@main.command()
@takes_config
def up(config: str | None) -> None:
    """Start Label Studio and keep the loop turning until Ctrl-C."""
    from labeling.app import open_project
    from labeling.rounds.live import live

    with display.progress() as progress:
        project = open_project(config, progress=progress)
        live(project, greet=display.greeting, say=display.say)


@main.command()
@takes_config
@takes_json
def sync(config: str | None, as_json: bool) -> None:
    """Pull answers, push what the last round selected."""
    from labeling.app import open_project
    from labeling.rounds.live import exchange

    with display.work() as progress:
        project = open_project(config, progress=progress)
        with project.connect() as desk:
            report = exchange(project, desk)
    show(report.to_dict(), as_json, display.sync_report)


@main.command()
@takes_config
@click.option("--fresh", is_flag=True, help="Freeze the labels; draw a new audit for one test.")
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), help="The certificate in force as HTML."
)
@takes_json
def certify(config: str | None, fresh: bool, page: Path | None, as_json: bool) -> None:
    """Test the last round's labels on the audit; a pass makes a release."""
    from labeling.app import open_project
    from labeling.rounds.certificate_page import write_certificate_page
    from labeling.rounds.live import certification

    with display.work() as progress:
        project = open_project(config, progress=progress)
        report = certification(project, fresh=fresh)
    show(report.to_dict(), as_json, display.certificate)
    if page is not None:
        write_certificate_page(project, page)
    if not report.passed:
        sys.exit(3)


@main.command()
@takes_config
@click.argument("row_id", metavar="ID", required=False)
@takes_json
def explain(config: str | None, row_id: str | None, as_json: bool) -> None:
    """Say why a row has its label."""
    from labeling.app import open_project
    from labeling.explain import explain_row

    if row_id is None:
        config, row_id = None, config
    if row_id is None:
        raise click.UsageError("Missing argument 'ID'.")
    with display.work() as progress:
        result = explain_row(open_project(config, progress=progress), row_id)
    show(result.to_dict(), as_json, display.explanation)


@main.command()
@takes_config
@click.option("--old-versions", is_flag=True, help="Also votes of versions that no function has now.")
@takes_json
def clean(config: str | None, old_versions: bool, as_json: bool) -> None:
    """Remove files that nothing names any more."""
    from labeling.app import open_project
    from labeling.cleaning import clean as clean_up

    with display.work() as progress:
        result = clean_up(open_project(config, progress=progress), old_versions=old_versions)
    show(result.to_dict(), as_json, display.cleaning)


@main.command()
@takes_config
@takes_json
def doctor(config: str | None, as_json: bool) -> None:
    """Say what is wrong with this set-up and how to mend it."""
    from labeling.app import examine

    with display.work():
        findings = examine(config)
    show({"findings": [f.to_dict() for f in findings]}, as_json, display.findings)
    if not all(f.ok for f in findings):
        sys.exit(1)


main.add_command(simulate_command)
main.add_command(export)
main.add_command(score)
main.add_command(lf)
main.add_command(forecast)
main.add_command(recheck)
main.add_command(people)
main.add_command(report)
main.add_command(llm)
for release_command in (releases_command, diff, rollback, promote, relabel, jobs, backup, restore, forget):
    main.add_command(release_command)
