"""Telling that a job failed: one message to the webhook of the config, beside the exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from labeling.errors import QuorumError
from labeling.project import Project
from labeling.relabel.report import HELD, JobReport
from labeling.store.clock import now

LONGEST = 500
"""Characters of what is said that a message holds."""

INTERRUPTED, REFUSED, FAILED = 130, 3, 1


@contextmanager
def alarmed(project: Project) -> Iterator[None]:
    """Tell of whatever ends the block early; it goes on its way."""
    try:
        yield
    except BaseException as error:
        _tell(project, "failed", _exit_code(error), str(error) or type(error).__name__)
        raise


def tell_if_held(project: Project, report: JobReport) -> None:
    """Tell of a release that was held back."""
    if report.status == HELD:
        _tell(project, HELD, REFUSED, "; ".join(report.remarks))


def address(project: Project) -> str | None:
    """Give the address: as the config has it, or from the environment where it names a variable."""
    said = project.config.relabel.webhook
    return os.environ.get(said[1:]) if said is not None and said.startswith("$") else said


def _tell(project: Project, status: str, code: int, said: str) -> None:
    url = address(project)
    if url is None:
        return
    message = {
        "project": project.config.project,
        "command": "relabel",
        "status": status,
        "exit_code": code,
        "message": said[:LONGEST],
        "at": now(),
    }
    try:
        project.post(url, message)
    except QuorumError as error:
        project.progress(str(error), 0, 0)


def _exit_code(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return error.exit_code if isinstance(error, QuorumError) else FAILED
