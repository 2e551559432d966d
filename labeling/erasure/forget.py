"""Forgetting a row: found wherever it is, deleted from queue, files and database, and never read again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow.compute as pc
import sqlalchemy as sa

from labeling.erasure.tables import Rewriting, rewrite_tables
from labeling.errors import InputError, QuorumError
from labeling.pool.stored import stored_items
from labeling.project import Project
from labeling.releases.publication import ANSWERS, LABELS, VOTES, read_contents
from labeling.rounds.live import LEASE, LEASE_WAIT_SECONDS
from labeling.spending import LEASE as MODELS_LEASE
from labeling.store import erasing, forgotten, lease, llm_calls, manifest, tasks
from labeling.store.forgotten import Forgotten


@dataclass(frozen=True)
class Erased:
    """What was erased.

    Attributes
    ----------
    id : str
    contents : int
        Contents that no other row has.
    answers, tasks, readings, opinions, calls : int
        Revisions of answers, review tasks, readings of language models, what models said of an answered item
        that had not seen the answer, and calls of language models.
    tables, files : int
        Stored tables that were written anew, and files that were removed.
    """

    id: str
    contents: int
    answers: int
    tasks: int
    readings: int
    opinions: int
    calls: int
    tables: int
    files: int

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def forget_row(project: Project, row_id: str) -> Erased:
    """Erase a row; the data file is the user's, but from now on the row in it is passed over.

    Raises
    ------
    InputError
        Nothing is known of such a row.
    Unavailable
        Another process turns the loop or asks language models, or the review queue cannot be had.
    """
    with (
        lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS) as held,
        lease.acquire(project.store, MODELS_LEASE, wait=LEASE_WAIT_SECONDS),
    ):
        digests = _contents_of(project, row_id)
        shared = _of_other_rows(project, row_id)
        erased = digests - shared
        _check_calls(project, erased)
        with project.store.read() as tx:
            sent = [t.task_id for t in tasks.all_tasks(tx) if t.digest in erased]
            entries = manifest.entries(tx)
        if sent:
            with project.connect() as desk:
                desk.queue.forget(sent)
        done = rewrite_tables(project.artifacts, entries, row_id, erased)
        with project.store.write() as tx:
            held.check(tx)
            counts = _commit(tx, row_id, erased, done)
        files = _remove_files(project)
        _correct_identities(project, done)
        project.store.compact()
    return Erased(row_id, len(erased), **counts, tables=len(done.written), files=files)


def _contents_of(project: Project, row_id: str) -> frozenset[str]:
    """Give the digests of all contents that the row ever had, as far as anything tells."""
    items, found = stored_items(project), set()
    if row_id in items.row_ids:
        found.add(str(items.digests[items.item_of_row(row_id)]))
    with project.store.read() as tx:
        found |= {t.digest for t in tasks.all_tasks(tx) if t.row_id == row_id}
        kept = manifest.entries(tx, LABELS)
        known = bool(forgotten.among(tx, Forgotten.ROW, [row_id]))
    for entry in kept:
        table = project.artifacts.read(entry)
        lines = table.filter(pc.equal(table["id"], row_id))
        found |= {digest.hex() for digest in lines["digest"].to_pylist()}
    if not found and not known:
        raise InputError(f'forget: nothing is known of a row with the id "{row_id}". Check the id.')
    return frozenset(found)


def _of_other_rows(project: Project, row_id: str) -> frozenset[str]:
    items = stored_items(project)
    others = items.row_ids != row_id
    return frozenset(map(str, items.row_digests[others]))


def _check_calls(project: Project, erased: frozenset[str]) -> None:
    with project.store.read() as tx:
        out = llm_calls.open_about(tx, erased)
    if out:
        raise QuorumError(
            f"forget: {out} calls of language models about it are out in a batch. "
            "Run `quorum llm run` until they came back, then forget it."
        )


def _commit(tx: sa.Connection, row_id: str, erased: frozenset[str], done: Rewriting) -> dict[str, int]:
    forgotten.record(tx, Forgotten.ROW, row_id)
    manifest.remove(tx, done.removed)
    for entry in done.written:
        manifest.record(tx, entry)
    erasing.erase_from_tests(tx, erased, done.renamed)
    erasing.erase_from_jobs(tx, row_id)
    return erasing.erase_contents(tx, erased)


def _remove_files(project: Project) -> int:
    """Remove the files that nothing names now; nobody else writes, for the leases are held."""
    with project.store.write() as tx:
        garbage = project.artifacts.garbage(manifest.entries(tx))
        project.artifacts.remove(garbage)
    return len(garbage)


def _correct_identities(project: Project, done: Rewriting) -> None:
    """Give releases that lost a row their new digests, lest the next job take that for a change."""
    touched = {int(entry.key) for entry in done.written if entry.kind in (LABELS, VOTES, ANSWERS)}
    identities = {number: read_contents(project, number).identity for number in sorted(touched)}
    with project.store.write() as tx:
        for number, identity in identities.items():
            erasing.set_identity(tx, number, identity)
