"""Where each voter errs, with the texts, as a notebook shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from labeling.development.bucket_names import BUCKETS
from labeling.development.buckets import Codes, missed, right, wrong
from labeling.errors import InputError
from labeling.html import folded, table
from labeling.notebook.data import texts_of
from labeling.notebook.views import gold_codes
from labeling.types import Ints, VoteMatrix

if TYPE_CHECKING:
    from labeling.notebook.data import Data

KINDS: Mapping[str, Callable[[Codes, Codes], Ints]] = {"wrong": wrong, "missed": missed, "right": right}
SHOWN = 10
"""Items of a bucket that are shown."""


@dataclass(frozen=True, repr=False)
class Buckets:
    """The items of each voter by kind: ``wrong``, ``missed``, ``right``.

    Attributes
    ----------
    votes : VoteMatrix
        Of n items.
    gold : array of int8, shape (n,)
    texts : list of str, length n
    """

    votes: VoteMatrix = field(repr=False)
    gold: npt.NDArray[np.int8] = field(repr=False)
    texts: list[str] = field(repr=False)

    def __getitem__(self, voter_and_kind: tuple[str, str]) -> Ints:
        """Give the items of a bucket, by position, such as of ``buckets["links", "wrong"]``.

        Raises
        ------
        KeyError
            No voter or no bucket has that name.
        """
        voter, kind = voter_and_kind
        if voter not in self.votes.voters:
            raise KeyError(f"{voter!r}: expected one of {', '.join(self.votes.voters)}")
        if kind not in KINDS:
            raise KeyError(f"{kind!r}: expected one of {', '.join(KINDS)}")
        return KINDS[kind](self.votes.hard[:, self.votes.voters.index(voter)], self.gold)

    def __repr__(self) -> str:
        return "\n".join(self._title(voter) for voter in self.votes.voters)

    def _repr_html_(self) -> str:
        return "".join(folded(self._title(voter), self._content(voter)) for voter in self.votes.voters)

    def _title(self, voter: str) -> str:
        counts = (f"{len(self[voter, kind])} {kind}" for kind in KINDS)
        return f"{voter}: {', '.join(counts)}"

    def _content(self, voter: str) -> str:
        return "".join(self._bucket(voter, kind) for kind in KINDS if len(self[voter, kind]))

    def _bucket(self, voter: str, kind: str) -> str:
        found, names = self[voter, kind], (*self.votes.names, None)
        votes = self.votes.hard[:, self.votes.voters.index(voter)]
        rows = [(i, names[votes[i]], names[self.gold[i]], self.texts[i]) for i in found[:SHOWN].tolist()]
        more = f"; the first {SHOWN} of {len(found)}" if len(found) > SHOWN else ""
        return table(("item", "vote", "gold", "text"), rows, left=4, note=f"{kind}: {BUCKETS[kind]}{more}")


def buckets(votes: VoteMatrix, gold: Iterable[str | None], data: Data, *, text: str = "text") -> Buckets:
    """Sort the items of each voter by what gold says of its vote.

    Parameters
    ----------
    votes : VoteMatrix
        Of n items.
    gold : iterable of str or None, length n
        Class names; None and NaN where the class is not known.
    data : DataFrame, or iterable of mappings, or iterable of texts
        The n items that were voted on.
    text : str
        The field that is shown.

    Raises
    ------
    InputError
        Votes, gold and data are not of the same items.
    """
    texts = texts_of(data, text)
    if len(texts) != len(votes):
        raise InputError(f"data: expected the {len(votes)} items that were voted on, got {len(texts)}.")
    return Buckets(votes, gold_codes(gold, votes), texts)
