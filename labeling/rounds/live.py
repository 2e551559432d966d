"""The live loop: answers come in, rounds turn, new tasks go out, until somebody stops it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

from labeling.errors import QuorumError
from labeling.project import Desk, Project
from labeling.releases.contents import present_contents
from labeling.releases.publication import publish
from labeling.rounds.promotion import CertifyReport, certify_challenger, fresh_audit
from labeling.rounds.report import RoundReport
from labeling.rounds.sync import SyncReport, sync
from labeling.rounds.turn import run_round
from labeling.store import lease
from labeling.store.promotions import How

LEASE = "loop"
TICK_SECONDS = 3.0
LEASE_WAIT_SECONDS = 60.0
ROUNDS_PER_BATCH = 5

Say = Callable[[str], None]


def live(project: Project, *, greet: Callable[[Desk, RoundReport], None], say: Say) -> None:
    """Open the desk, then turn the loop; a new round after every fifth of a batch of new answers.

    Parameters
    ----------
    greet : callable
        Told once where people can log in, when the first batch is there.
    say : callable
        Told a line whenever something happened.

    Raises
    ------
    KeyboardInterrupt
        After everything that was started is stopped.
    """
    with ExitStack() as stack:
        with ThreadPoolExecutor(1) as pool:
            opening = pool.submit(stack.enter_context, project.connect())
            report = turn(project)
            desk = opening.result()
        exchange(project, desk)
        greet(desk, report)
        answered = report.gold
        while True:
            time.sleep(TICK_SECONDS)
            answered = tick(project, desk, answered, say)


def tick(project: Project, desk: Desk, answered: int, say: Say) -> int:
    """Exchange once, and turn the loop if enough was answered since it turned last.

    Parameters
    ----------
    answered : int
        Items that people had labelled at the last turn.

    Returns
    -------
    int
        The same, after this tick.
    """
    try:
        return _exchange_and_turn(project, desk, answered, say)
    except QuorumError as error:
        # A server that is away comes back, a file that is being edited is whole again in a moment.
        say(f"{error} Trying again.")
        return answered


def _exchange_and_turn(project: Project, desk: Desk, answered: int, say: Say) -> int:
    done = exchange(project, desk)
    if done.pulled:
        labelled = f"{done.gold} items labelled by people, {done.open} tasks open"
        say(f"{done.pulled} answers new or changed: {labelled}")
    if done.reopened:
        say(done.reopened)
    used_up = done.pulled > 0 and done.open == 0
    if done.gold - answered < fresh_answers(project) and not used_up and not done.reopened:
        return answered
    report = turn(project)
    done = exchange(project, desk)
    told = [part["said"] for part in (report.forecast, report.stopping) if part]
    pushed = f"round {report.round}: {done.pushed} new tasks, the queue has a new order"
    say("; ".join([pushed, report.missing, *told]))
    return done.gold


def fresh_answers(project: Project) -> int:
    """Answers after which the loop turns again."""
    return max(1, project.config.active.batch // ROUNDS_PER_BATCH)


def turn(project: Project) -> RoundReport:
    """Do a round under the lease."""
    with lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS) as held:
        return run_round(project, held)


def certification(project: Project, *, fresh: bool = False) -> CertifyReport:
    """Test the challenger under the lease, on a new audit if it is to be fresh; a pass makes a release."""
    with lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS) as held:
        report = fresh_audit(project, held) if fresh else certify_challenger(project, held)
        if not report.passed:
            return report
        release = publish(project, held, present_contents(project), How.PROMOTED)
        return replace(report, release=release)


def exchange(project: Project, desk: Desk) -> SyncReport:
    """Sync under the lease."""
    with lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS) as held:
        return sync(project, desk.queue, held)
