"""The analysis of votes as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from labeling.analysis import Totals, VoterShares, totals, voter_shares
from labeling.errors import InputError
from labeling.html import paragraph, table
from labeling.redundancy import RedundantPair, redundant_pairs
from labeling.types import ABSTAIN, VoteMatrix

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

TOTAL = "any of them"
COLUMNS = ("voter", "votes for", "coverage", "overlaps", "conflicts", "accuracy", "95 %", "judged")


@dataclass(frozen=True, repr=False)
class VoteAnalysis:
    """What each voter does, and all together.

    Attributes
    ----------
    voters : tuple of VoterShares, length m
    totals : Totals
    redundant : tuple of RedundantPair
        Voters that say nearly the same.
    items : int
    """

    voters: tuple[VoterShares, ...]
    totals: Totals
    redundant: tuple[RedundantPair, ...]
    items: int

    def to_frame(self) -> pd.DataFrame:
        """Give the table, a row per voter and a last one for all together; shares lie in [0, 1]."""
        import pandas as pd

        rows = [asdict(voter) for voter in self.voters]
        rows.append({"name": TOTAL, **asdict(self.totals), "judged": 0})
        frame = pd.DataFrame(rows).set_index("name")
        return frame.assign(polarity=frame["polarity"].map(", ".join))

    def __repr__(self) -> str:
        lines = [COLUMNS, *map(_cells, self.voters), self._last()]
        widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
        aligned = [
            "  ".join(
                c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        return "\n".join([*aligned, *self._remarks()])

    def _repr_html_(self) -> str:
        rows = [*map(_cells, self.voters), self._last()]
        return table(COLUMNS, rows, left=2, note=f"{self.items:,} items") + "".join(
            paragraph(line) for line in self._remarks()
        )

    def _last(self) -> tuple[str, ...]:
        t = self.totals
        shares = (_percent(share) for share in (t.coverage, t.overlaps, t.conflicts))
        return (TOTAL, f"{len(t.polarity)} classes", *shares, "", "", "")

    def _remarks(self) -> list[str]:
        return [
            f"{pair.first} and {pair.second} are much alike: both say the same on "
            f"{_percent(pair.similarity)} of the items on which either votes"
            for pair in self.redundant
        ]


def analyse(votes: VoteMatrix, gold: Iterable[str | None] | None = None) -> VoteAnalysis:
    """Say what each voter does, and how often it is right where gold is known.

    Parameters
    ----------
    votes : VoteMatrix
        Of n items.
    gold : iterable of str or None, length n, optional
        Class names; None and NaN where the class is not known.

    Raises
    ------
    InputError
        ``gold`` is of another length, or holds what is no class.
    """
    known = gold_codes(gold, votes)
    return VoteAnalysis(
        voters=tuple(voter_shares(votes, known, votes.names)),
        totals=totals(votes, votes.names),
        redundant=tuple(redundant_pairs(votes)),
        items=len(votes),
    )


def gold_codes(gold: Iterable[str | None] | None, votes: VoteMatrix) -> npt.NDArray[np.int8]:
    """Give class names as indices, shape (n,); -1 where the class is not known.

    Raises
    ------
    InputError
        There are more or fewer than votes, or one of them is no class.
    """
    if gold is None:
        return np.full(len(votes), ABSTAIN, dtype=np.int8)
    names = [None if name != name else name for name in gold]  # NaN alone differs from itself
    if len(names) != len(votes):
        raise InputError(f"gold: expected {len(votes)} classes, one per item, got {len(names)}.")
    index: Mapping[str | None, int] = {None: ABSTAIN, **{name: i for i, name in enumerate(votes.names)}}
    strangers = sorted({str(name) for name in names if name not in index})
    if strangers:
        voted = ", ".join(votes.names)
        raise InputError(
            f"gold: {', '.join(strangers)} is none of the classes of the votes ({voted}). "
            "Name all classes when functions are applied: apply(functions, data, classes=[...])."
        )
    return np.array([index[name] for name in names], dtype=np.int8)


def _cells(voter: VoterShares) -> tuple[str, ...]:
    shares = (voter.coverage, voter.overlaps, voter.conflicts, voter.accuracy)
    low_high = voter.accuracy_interval
    interval = f"{100 * low_high[0]:.0f}–{100 * low_high[1]:.0f}" if low_high else ""
    percents = (_percent(share) for share in shares)
    return (voter.name, ", ".join(voter.polarity), *percents, interval, f"{voter.judged:,}")


def _percent(share: Any) -> str:
    return "" if share is None else f"{share:.1%}"
