"""What is different between two sets of labels: rows, voters, people, the certificate, and each label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labeling.releases.contents import Contents
from labeling.releases.reasons import Reasons
from labeling.types import Bools, Ints

ABSENT = -1


@dataclass(frozen=True)
class RowChanges:
    """Rows that came, whose content changed, and that went."""

    added: int
    changed: int
    gone: int

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


@dataclass(frozen=True)
class VoterChange:
    """A voter that was added, edited or removed, with the versions before and after."""

    name: str
    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Flip:
    """A row whose label is another one, with the reason; None stands for no label."""

    id: str
    before: str | None
    after: str | None
    why: str


@dataclass(frozen=True)
class Changes:
    """What is different.

    Attributes
    ----------
    rows : RowChanges
    voters : tuple of VoterChange
    answers : tuple of (int, int)
        Answers of people that came, and that went or were edited.
    certificate : tuple of (int or None, int or None)
        Before and after.
    flips : tuple of Flip
        Of rows that are in both, in the order of the later set.
    """

    rows: RowChanges
    voters: tuple[VoterChange, ...]
    answers: tuple[int, int]
    certificate: tuple[int | None, int | None]
    flips: tuple[Flip, ...] = field(repr=False)

    @property
    def flipped(self) -> int:
        """Rows whose class is another one."""
        return sum(flip.before is not None and flip.after is not None for flip in self.flips)

    @property
    def gained(self) -> int:
        """Rows that had no label and have one."""
        return sum(flip.before is None for flip in self.flips)

    @property
    def lost(self) -> int:
        """Rows that had a label and have none."""
        return sum(flip.after is None for flip in self.flips)

    @property
    def moves(self) -> list[dict[str, Any]]:
        """How many labels went from what to what, the most frequent first."""
        counted = Counter((flip.before, flip.after) for flip in self.flips)
        return [{"before": b, "after": a, "rows": n} for (b, a), n in counted.most_common()]

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """How many labels are other ones for which reason, the most frequent first."""
        return [{"why": why, "rows": n} for why, n in Counter(f.why for f in self.flips).most_common()]

    def __bool__(self) -> bool:
        before, after = self.certificate
        return bool(self.rows or self.voters or any(self.answers) or before != after or self.flips)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "changed": {
                "rows": asdict(self.rows),
                "voters": [asdict(voter) for voter in self.voters],
                "answers": {"new": self.answers[0], "gone": self.answers[1]},
            },
            "certificate": {"before": self.certificate[0], "after": self.certificate[1]},
            "flipped": self.flipped,
            "gained": self.gained,
            "lost": self.lost,
            "moves": self.moves,
            "reasons": self.reasons,
            "flips": [asdict(flip) for flip in self.flips],
        }


def compare(before: Contents | None, after: Contents) -> Changes:
    """Say what is different; before the first release all is new and no label is another one."""
    if before is None:
        everything = RowChanges(after.labels.num_rows, 0, 0)
        voters = voter_changes({}, after.made_of["voters"])
        return Changes(everything, voters, (after.answers.num_rows, 0), (None, after.certificate), ())
    here, there = in_both(before.labels, after.labels)
    edited = differs(here["digest"], there["digest"])
    other = np.flatnonzero(differs(here["label"], there["label"]))
    chosen = pa.array(other)
    return Changes(
        row_changes(before.labels, after.labels),
        voter_changes(before.made_of["voters"], after.made_of["voters"]),
        answer_changes(before.answers, after.answers),
        (before.certificate, after.certificate),
        _flips(before, after, there.take(chosen), here.take(chosen), edited[other]),
    )


def in_both(before: pa.Table, after: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give the lines, after and before, of the rows that are in both tables, by ``id``."""
    place = places(after["id"], before["id"])
    both = np.flatnonzero(place != ABSENT)
    return after.take(pa.array(both)), before.take(pa.array(place[both]))


def row_changes(before: pa.Table, after: pa.Table) -> RowChanges:
    """Count the rows that came, changed and went, by ``id`` and ``digest``."""
    here, there = in_both(before, after)
    edited = int(differs(here["digest"], there["digest"]).sum())
    return RowChanges(after.num_rows - here.num_rows, edited, before.num_rows - here.num_rows)


def places(of: pa.ChunkedArray, among: pa.ChunkedArray) -> Ints:
    """Give the place of each value of one column in another, shape (n,); -1 where it is in none."""
    found = pc.index_in(of, value_set=among.combine_chunks()).fill_null(ABSENT)
    return np.asarray(found.to_numpy(), dtype=np.int64)


def differs(one: pa.ChunkedArray, other: pa.ChunkedArray) -> Bools:
    """Mask, shape (n,): where two columns hold different values; two nulls are the same."""
    unequal = pc.not_equal(one, other)
    missing = pc.xor(one.is_null(), other.is_null())
    return np.asarray(pc.if_else(unequal.is_null(), missing, unequal).to_numpy(), dtype=bool)


def voter_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[VoterChange, ...]:
    """Give the voters that came, went or have another version, by name."""
    found = []
    for name in sorted({*before, *after}):
        old, new = (side.get(name, {}).get("version") for side in (before, after))
        if name not in before:
            found.append(VoterChange(name, "added", None, new))
        elif name not in after:
            found.append(VoterChange(name, "removed", old, None))
        elif old != new:
            found.append(VoterChange(name, "edited", old, new))
    return tuple(found)


def answer_changes(before: pa.Table, after: pa.Table) -> tuple[int, int]:
    """Count the answers that came and those that went; an edited one is both."""
    old, new = (
        Counter(zip(*(t[c].to_pylist() for c in ("digest", "annotator", "label")), strict=True))
        for t in (before, after)
    )
    return (new - old).total(), (old - new).total()


def _flips(
    before: Contents, after: Contents, there: pa.Table, here: pa.Table, edited: Bools
) -> tuple[Flip, ...]:
    if not here.num_rows:
        return ()
    reasons = Reasons(before, after)
    why = reasons.of_rows(there, here, edited)
    columns = (here["id"].to_pylist(), there["label"].to_pylist(), here["label"].to_pylist(), why)
    return tuple(Flip(*values) for values in zip(*columns, strict=True))
