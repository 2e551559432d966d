"""The job: pull, read, run what is missing, test where the config says so, publish, push, report."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.items import recorded_votes
from labeling.pool import project_functions
from labeling.pool.prelabels import project_voters
from labeling.pool.stored import stored_items
from labeling.project import Project
from labeling.relabel.inputs import job_inputs
from labeling.relabel.report import HELD, UNCHANGED, JobReport
from labeling.relabel.steps import ask_models, check_voters, drift_of, publish_or_hold, try_challenger
from labeling.releases.changes import Changes, RowChanges, compare
from labeling.releases.contents import Contents, present_contents
from labeling.releases.publication import read_contents
from labeling.rounds.live import LEASE, LEASE_WAIT_SECONDS
from labeling.rounds.sync import (
    open_tasks,
    pull_answers,
    push_tasks,
    reprioritise,
    withdraw_stale,
)
from labeling.rounds.turn import run_round
from labeling.store import Job, Lease, jobs, lease
from labeling.store.clock import now
from labeling.types import ReviewQueue


@dataclass(frozen=True)
class Started:
    """A job under work."""

    project: Project
    held: Lease
    last: Job | None
    begun: float
    at: str
    pulled: int
    reopened: str | None

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self.begun


def relabel(
    project: Project, *, wait: float = LEASE_WAIT_SECONDS, without: tuple[str, ...] = ()
) -> JobReport:
    """Do what changed since the last job; a second one at once changes nothing.

    Parameters
    ----------
    wait : float
        Seconds to wait for another process that turns the loop.
    without : tuple of str
        Voters that have no say this time.

    Raises
    ------
    Unavailable
        The lease or the review queue cannot be had.
    InputError
        Of the config, the data or the functions.
    QuorumError
        A voter of the last release cannot run; nothing was published.
    """
    begun, at = time.monotonic(), now()
    with lease.acquire(project.store, LEASE, wait=wait) as held, project.connect() as desk:
        project = replace(project, without=_known_voters(project, without))
        pulled, reopened = pull_answers(project, desk.queue, held)
        with project.store.read() as tx:
            last = jobs.latest(tx)
        job = Started(project, held, last, begun, at, pulled, reopened)
        inputs = job_inputs(project)
        if last is not None and last.inputs == inputs:
            return _keep(job, _repeated(job, last), inputs)
        return _keep(job, _work(job, desk.queue), None)


def _known_voters(project: Project, names: tuple[str, ...]) -> frozenset[str]:
    """Make sure that the project has these voters."""
    if names:
        items = stored_items(project)
        known = [str(f.name) for f in project_functions(project)]
        known += [
            *recorded_votes(items, project.config).codes,
            *project_voters(project, items.public_fields).names,
        ]
        strange = [name for name in names if name not in known]
        if strange:
            raise InputError(
                *(f"--without: {name!r} is no voter.{did_you_mean(name, known)}" for name in strange)
            )
    return frozenset(names)


def _work(job: Started, queue: ReviewQueue) -> JobReport:
    project, held = job.project, job.held
    # Before the round, which looks at what is withdrawn: a job that is killed after it would do another one.
    withdrawn = withdraw_stale(project, queue, held, stored_items(project))
    asked, remarks = ask_models(project)
    tested = try_challenger(project, held)
    turn = run_round(project, held)
    contents = present_contents(project)
    check_voters(project, contents, turn.unasked)
    changes = compare(_before(job), contents)
    drift = drift_of(project, contents)
    outcome = publish_or_hold(project, held, contents, drift)
    people = _exchange(job, queue) | {"withdrawn": withdrawn}
    return JobReport(
        status=outcome.status,
        changes=changes.to_dict(),
        calls={**turn.calls, **asked},
        release=outcome.release,
        drift=drift.to_dict(),
        round=turn.round,
        routes=turn.routes,
        people=people,
        tested=tested,
        remarks=[*filter(None, [job.reopened, *remarks, outcome.remark, *turn.remarks])],
        seconds=job.seconds,
    )


def _exchange(job: Started, queue: ReviewQueue) -> dict[str, int]:
    """Send what the round chose, and its order; give the counts."""
    items = stored_items(job.project)
    counts = {
        "pulled": job.pulled,
        "pushed": push_tasks(job.project, queue, job.held, items),
    }
    reprioritise(job.project, queue, job.held, items)
    return counts | {"open": open_tasks(job.project)}


def _before(job: Started) -> Contents | None:
    """Give the release that was the last one when the job before ended."""
    if job.last is None or job.last.release is None:
        return None
    return read_contents(job.project, job.last.release)


def _repeated(job: Started, last: Job) -> JobReport:
    """Report that nothing changed; a release that is held back is told again."""
    told: dict[str, Any] = last.report
    held = told["certificate"]["after"]
    nothing = Changes(RowChanges(0, 0, 0), (), (0, 0), (held, held), ())
    return JobReport(
        status=HELD if last.status == HELD else UNCHANGED,
        changes=nothing.to_dict(),
        calls={"ran": 0, "cached": told["calls"]["ran"] + told["calls"]["cached"], "asked": 0, "cost": None},
        release=told["release"] | {"written": None},
        drift=told["drift"],
        round=told["round"],
        routes=told["routes"],
        people=told["people"] | {"pulled": job.pulled, "pushed": 0, "withdrawn": 0},
        remarks=told["remarks"],
        seconds=job.seconds,
    )


def _keep(job: Started, report: JobReport, inputs: str | None) -> JobReport:
    """Write the job down: what it stood on is as it is now, for the job itself moved it."""
    inputs = inputs or job_inputs(job.project)
    with job.project.store.write() as tx:
        job.held.check(tx)
        jobs.record(
            tx,
            inputs=inputs,
            status=report.status,
            release=report.release["last"],
            report=report.to_dict(),
            started_at=job.at,
        )
    return report
