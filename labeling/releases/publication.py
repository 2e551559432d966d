"""Publishing: a set of labels becomes a numbered release, and as a rule the current one."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from labeling.errors import InputError
from labeling.project import Project
from labeling.releases.contents import Contents
from labeling.store import Lease, ManifestEntry, Release, certificates, manifest, promotions, releases
from labeling.store.promotions import How

LABELS, VOTES, ANSWERS = "release", "release_votes", "release_answers"


def publish(
    project: Project, lease: Lease, contents: Contents, how: How | None = How.PUBLISHED
) -> int | None:
    """Write a release down and give its number; None where the last release is the same.

    Parameters
    ----------
    lease : Lease
        Held by the caller.
    contents : Contents
        Of now: see `present_contents`.
    how : How or None
        What makes it the current one; None where it is only written.
    """
    with project.store.read() as tx:
        last = releases.latest(tx)
    identity = contents.identity
    if last is not None and last.identity == identity:
        return None
    written = write_tables(project, contents)
    with project.store.write() as tx:
        lease.check(tx)
        number = releases.publish(
            tx, contents.certificate, _score_table(tx, contents), identity=identity, made_of=contents.made_of
        )
        record_tables(tx, written, number)
        if how is not None:
            promotions.record(tx, number, how, who())
    return number


def write_tables(project: Project, contents: Contents) -> list[ManifestEntry]:
    """Write the tables of a release; they exist once `record_tables` says so."""
    tables = {LABELS: contents.labels, VOTES: contents.votes, ANSWERS: contents.answers}
    return [project.artifacts.write(kind, table, key="") for kind, table in tables.items()]


def record_tables(tx: sa.Connection, written: Iterable[ManifestEntry], number: int) -> None:
    """Say of which release the tables are."""
    for entry in written:
        manifest.record(tx, replace(entry, key=str(number)))


def _score_table(tx: sa.Connection, contents: Contents) -> str:
    test = None if contents.certificate is None else certificates.find(tx, contents.certificate)
    if test is not None:
        return test.score_table
    entry = manifest.find(tx, "scores", str(contents.made_of["scorer"]))
    return entry.digest if entry else ""


def read_contents(project: Project, number: int) -> Contents:
    """Read a release back.

    Raises
    ------
    InputError
        There is no such release, or it was made before labels were kept.
    """
    with project.store.read() as tx:
        release = releases.find(tx, number)
        numbers = [r.number for r in releases.all_releases(tx)]
        entries = [manifest.find(tx, kind, str(number)) for kind in (LABELS, VOTES, ANSWERS)]
    if release is None:
        there = f"There are {', '.join(map(str, numbers))}." if numbers else "There is none yet."
        raise InputError(f"release {number}: there is no such release. {there}")
    kept = [project.artifacts.read(entry) for entry in entries if entry is not None]
    if release.made_of is None or len(kept) < len(entries):
        raise InputError(f"release {number}: its labels were not kept. Choose a later release.")
    labels, votes, answers = kept
    return Contents(labels, votes, answers, release.made_of, number)


def last_release(project: Project) -> Release | None:
    """Give the last release whose labels were kept; None where there is none."""
    with project.store.read() as tx:
        kept = [release for release in releases.all_releases(tx) if release.identity is not None]
    return kept[-1] if kept else None


def is_pinned(tx: sa.Connection) -> bool:
    """Whether somebody rolled back, so that nothing becomes current but by hand."""
    entry = promotions.latest(tx)
    return entry is not None and entry.how == How.ROLLED_BACK


def who() -> str:
    """Name the user and the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"user {os.getuid()}"
    return f"{user}@{socket.gethostname()}"
