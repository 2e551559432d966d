"""What the answers of language models amount to: one vote, or abstention with its reason, per item."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Executable, func, select
from sqlalchemy.dialects import postgresql, sqlite

from labeling.store.llm_calls import storable
from labeling.store.schema import llm_votes
from labeling.types import Outcome, Reading, digest_of

CHUNK = 500


@dataclass(frozen=True, slots=True)
class StoredVote:
    """The reading of an item by one version of a voter, as version ``reader`` of the parsing gave it.

    ``call`` is the id of the call that it was read from.
    """

    voter: str
    item: str
    reading: Reading
    reader: int
    call: int


@dataclass(frozen=True, slots=True)
class StoredReadings:
    """All readings of one version of a voter, as columns of one length, in the order of the digests.

    Attributes
    ----------
    items : tuple of str
        Content digests.
    outcomes : tuple of str
        Values of `Outcome`.
    labels : tuple of str or None
        Names of the classes voted for; None abstains.
    confidence : array of float32, shape (n,)
        As the model put it, in (0, 1]; NaN where it did not.
    named : tuple of str or None
        Names of the classes that answers name though they do not count.
    readers : tuple of int
        Versions of the parsing.
    """

    items: tuple[str, ...]
    outcomes: tuple[str, ...]
    labels: tuple[str | None, ...]
    confidence: npt.NDArray[np.float32]
    named: tuple[str | None, ...]
    readers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.items)


def put(tx: Connection, votes: Iterable[StoredVote]) -> None:
    """Store readings; one that is there already for the voter and item is replaced, the last one counts."""
    rows = [_row(vote) for vote in {(vote.voter, vote.item): vote for vote in votes}.values()]
    if rows:
        tx.execute(_replacing(tx.dialect.name), rows)


def find(tx: Connection, voter: str, items: Collection[str]) -> dict[str, StoredVote]:
    """Give the readings of some items, by digest; those without one are left out."""
    found = {}
    digests = list(items)
    for start in range(0, len(digests), CHUNK):
        some = llm_votes.c.item.in_(digests[start : start + CHUNK])
        for row in tx.execute(select(llm_votes).where(llm_votes.c.voter == voter, some)):
            found[row.item] = _vote(row)
    return found


def readings(tx: Connection, voter: str) -> StoredReadings:
    """Give all readings of one version of a voter."""
    c = llm_votes.c
    query = select(c.item, c.outcome, c.label, c.confidence, c.named, c.reader).where(c.voter == voter)
    columns: Sequence[Any] = list(zip(*tx.execute(query.order_by(c.item)), strict=True)) or [()] * 6
    items, outcomes, labels, confidence, named, readers = columns
    return StoredReadings(items, outcomes, labels, np.array(confidence, np.float32), named, readers)


def count(tx: Connection, voter: str) -> int:
    """Count the items that have a reading by one version of a voter."""
    return int(tx.scalar(select(func.count()).where(llm_votes.c.voter == voter)) or 0)


def answers_digest(tx: Connection, voter: str) -> str | None:
    """Digest which answers of one version of a voter there are, without reading them; None without any."""
    c = llm_votes.c
    found = (func.count(), func.sum(c.call), func.max(c.call), func.min(c.reader), func.max(c.reader))
    row = tx.execute(select(*found).where(c.voter == voter)).one()
    return digest_of(*map(int, row)) if row[0] else None


@cache
def _replacing(dialect: str) -> Executable:
    row = postgresql.insert(llm_votes) if dialect == "postgresql" else sqlite.insert(llm_votes)
    values = [column.name for column in llm_votes.c if not column.primary_key]
    return row.on_conflict_do_update(
        index_elements=llm_votes.primary_key.columns, set_={name: row.excluded[name] for name in values}
    )


def _row(vote: StoredVote) -> dict[str, Any]:
    reading = vote.reading
    return {
        "voter": vote.voter,
        "item": vote.item,
        "outcome": reading.outcome.value,
        "label": reading.label,
        "confidence": reading.confidence,
        "evidence": None if reading.evidence is None else storable(reading.evidence),
        "named": None if reading.named is None else storable(reading.named),
        "reader": vote.reader,
        "call": vote.call,
    }


def _vote(row: Any) -> StoredVote:
    reading = Reading(Outcome(row.outcome), row.label, row.confidence, row.evidence, row.named)
    return StoredVote(row.voter, row.item, reading, row.reader, row.call)
