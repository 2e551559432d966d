"""Critical items: by slice, by vote or by probability; none of them is ever accepted by machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeling.types import ABSTAIN, Bools, Codes, Floats, VoteMatrix


@dataclass(frozen=True)
class CriticalReasons:
    """Why items are critical; one may be so for several reasons.

    Attributes
    ----------
    in_slice : mask, shape (n,)
        A critical slice matches.
    voted : array of int8, shape (n,)
        A critical class that some voter votes for; -1 where nobody does.
    probable : array of int8, shape (n,)
        The most probable critical class, where it is the label or its probability exceeds the floor; else -1.
    chance : array, shape (n,)
        Probability of the most probable critical class, in [0, 1]; 0 where none is critical.
    """

    in_slice: Bools
    voted: Codes
    probable: Codes
    chance: Floats

    @property
    def mask(self) -> Bools:
        """Mask, shape (n,): items that are critical for any reason."""
        return np.asarray(self.in_slice | (self.voted != ABSTAIN) | (self.probable != ABSTAIN))


def critical_reasons(
    votes: VoteMatrix, proba: Floats, critical: Bools, slices: Bools, floor: float
) -> CriticalReasons:
    """Give the reasons why items are critical.

    Parameters
    ----------
    votes : VoteMatrix
        Of n items on k classes.
    proba : array, shape (n, k)
    critical : mask, shape (k,)
        Critical classes of the schema.
    slices : mask, shape (n,)
        Items in a critical slice.
    floor : float
        In [0, 1].
    """
    by_vote = np.append(critical, False)  # index -1: abstains
    voted = np.where(by_vote[votes.hard], votes.hard, ABSTAIN).max(axis=1, initial=ABSTAIN).astype(np.int8)
    classes = np.flatnonzero(critical)
    if not len(classes):
        nothing = np.full(len(votes), ABSTAIN, dtype=np.int8)
        return CriticalReasons(slices, voted, nothing, np.zeros(len(votes)))
    best = classes[proba[:, classes].argmax(axis=1)]
    chance = proba[:, classes].max(axis=1)
    flagged = (chance > floor) | critical[proba.argmax(axis=1)]
    return CriticalReasons(slices, voted, np.where(flagged, best, ABSTAIN).astype(np.int8), chance)


def critical_mask(votes: VoteMatrix, proba: Floats, critical: Bools, slices: Bools, floor: float) -> Bools:
    """Mask, shape (n,): items that are never accepted by machine; parameters as in ``critical_reasons``."""
    return critical_reasons(votes, proba, critical, slices, floor).mask
