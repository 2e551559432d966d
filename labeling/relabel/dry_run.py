"""What a job would do, told without doing any of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from labeling.items import Items, recorded_votes
from labeling.lf.examples import Voter
from labeling.pool import project_functions
from labeling.pool.prelabels import project_voters
from labeling.pool.stored import read_present
from labeling.project import Project
from labeling.releases.changes import RowChanges, VoterChange, row_changes, voter_changes
from labeling.releases.publication import last_release, read_contents
from labeling.store import TaskStatus, llm_votes, tasks
from labeling.types import digest_of
from labeling.votes import VoteStore, column_key
from labeling.votes.alignment import place_blocks


@dataclass(frozen=True)
class Foreseen:
    """What a job would do.

    Attributes
    ----------
    rows : RowChanges
        Since the last release.
    voters : tuple of VoterChange
        Since the last release.
    calls : mapping of str to int
        Calls of functions that would be made, by voter.
    stored : int
        Calls of functions that are stored.
    questions : mapping of str to int
        Texts that language models would be asked about, by voter.
    outgoing : int
        Tasks that wait to be sent.
    certify : str
        Whether the config lets a job test the challenger.
    """

    rows: RowChanges
    voters: tuple[VoterChange, ...]
    calls: dict[str, int]
    stored: int
    questions: dict[str, int]
    outgoing: int
    certify: str

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping, with the keys of a job's report where these are known before."""
        return {
            "status": "dry run",
            "changed": {"rows": asdict(self.rows), "voters": [asdict(voter) for voter in self.voters]},
            "calls": {
                "ran": sum(self.calls.values()),
                "cached": self.stored,
                "asked": sum(self.questions.values()),
            },
            "calls_by_voter": self.calls,
            "questions_by_voter": self.questions,
            "outgoing": self.outgoing,
            "certify": self.certify,
            "flipped": None,
        }


def foresee(project: Project) -> Foreseen:
    """Say what a job would do; nothing is called, asked, sent or written.

    Answers that wait in the review queue are not looked at.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    config = project.config
    items, functions = read_present(project), project_functions(project)
    asked = project_voters(project, items.public_fields)
    versions = {str(f.name): digest_of(f.fingerprint, items.text_field) for f in functions}
    last = last_release(project)
    before = read_contents(project, last.number) if last else None
    voters: dict[str, dict[str, str | None]] = {name: {"version": v} for name, v in versions.items()}
    voters |= {name: {"version": None} for name in recorded_votes(items, config).codes}
    voters |= {voter.name: {"version": voter.version} for voter in asked.voters}
    calls = _calls(project, items, functions)
    with project.store.read() as tx:
        outgoing = sum(t.status == TaskStatus.INTENDED for t in tasks.all_tasks(tx))
        answered = {v.name: {*llm_votes.readings(tx, v.version).items} for v in asked.voters}
    return Foreseen(
        rows=row_changes(before.labels, _rows(items)) if before else RowChanges(items.n_rows, 0, 0),
        voters=voter_changes(before.made_of["voters"] if before else {}, voters),
        calls=calls,
        stored=len(items) * len(functions) - sum(calls.values()),
        questions={name: len({*items.digests} - known) for name, known in answered.items()},
        outgoing=outgoing,
        certify=config.relabel.certify,
    )


def _rows(items: Items) -> pa.Table:
    digests = items.digest_column.take(pa.array(items.row_item))
    return pa.table({"id": items.id_column.cast(pa.string()), "digest": digests})


def _calls(project: Project, items: Items, functions: list[Voter]) -> dict[str, int]:
    """Count the votes of each function that are not stored."""
    votes = VoteStore(project.artifacts)
    with project.store.read() as tx:
        blocks, columns = votes.block_entries(tx), votes.column_entries(tx)
    placed = place_blocks(votes, blocks, items.digest_column)
    missing = {}
    for function in functions:
        version, known = digest_of(function.fingerprint, items.text_field), 0
        for block in placed:
            entry = columns.get(column_key(block.key, version))
            known += int((votes.read_column(entry).known & block.present).sum()) if entry else 0
        missing[str(function.name)] = len(items) - known
    return missing
