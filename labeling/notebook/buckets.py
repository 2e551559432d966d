"""Where each voter errs, with the texts, as a notebook shows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from labeling.config.suggest import did_you_mean, listed
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
        if not isinstance(voter_and_kind, tuple) or len(voter_and_kind) != 2:
            raise KeyError(_no_pair(voter_and_kind, self.votes.voters))
        voter, kind = voter_and_kind
        _check_known(voter, self.votes.voters)
        _check_known(kind, KINDS)
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


def _no_pair(key: object, voters: Sequence[str]) -> str:
    known = key in voters
    example = key if known else next(iter(voters), "VOTER")
    said = f'{key!r}: expected a voter and a bucket, such as "{example}", "wrong".'
    return said if known else said + did_you_mean(str(key), voters)


def _check_known(name: str, known: Collection[str]) -> None:
    if name not in known:
        raise KeyError(f"{name!r}: expected one of {listed(known)}.{did_you_mean(str(name), known)}")


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
