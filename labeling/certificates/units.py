"""The audit units of a scored pool: its items by cluster, with what the auditors answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from labeling.certificates import AuditedUnits
from labeling.certificates.auditors import SecondAnswers
from labeling.types import ABSTAIN, Bools, Floats, Ints


@dataclass(frozen=True)
class Clusters:
    """The u clusters of n items: items of equal text, which are audited and accepted together.

    Attributes
    ----------
    names : array of str, shape (u,)
    unit : array of int, shape (n,)
        Index of each item's cluster.
    """

    names: npt.NDArray[np.object_] = field(repr=False)
    unit: Ints = field(repr=False)

    @classmethod
    def of(cls, clusters: npt.NDArray[np.object_]) -> Clusters:
        """Group items by their cluster's name, shape (n,)."""
        names, unit = np.unique(clusters.astype(str), return_inverse=True)
        return cls(names.astype(object), unit)

    def __len__(self) -> int:
        return len(self.names)

    def any(self, items: Bools) -> Bools:
        """Mask over clusters, shape (u,), of which at least one item is in the mask, shape (n,)."""
        mask = np.zeros(len(self), dtype=bool)
        mask[self.unit[items]] = True
        return mask

    def all(self, items: Bools) -> Bools:
        """Mask over clusters of which every item is in the mask."""
        return ~self.any(~items)

    def least(self, values: Floats) -> Floats:
        """Smallest value of each cluster, shape (u,)."""
        lowest = np.full(len(self), np.inf)
        np.minimum.at(lowest, self.unit, values)
        return lowest


@dataclass(frozen=True)
class Audit:
    """The standing sample over a pool's clusters, as it stands now.

    Attributes
    ----------
    clusters : Clusters
        u of them over n items.
    drawn : mask, shape (u,)
        Clusters that the keyed hash draws, whatever happened to them since.
    outside : mask, shape (n,)
        Items that review picked, that have a known label or are in the dev split: neither audited nor
        machine-labelled.
    answers : array of int8, shape (n,)
        The auditors' classes; -1 where they have not settled.
    doubled : mask, shape (u,), or None
        Clusters that a second person is asked about, if they are in the audit.
    second : array of int8, shape (n,), or None
        The second person's classes; -1 without.
    """

    clusters: Clusters
    drawn: Bools = field(repr=False)
    outside: Bools = field(repr=False)
    answers: npt.NDArray[np.int8] = field(repr=False)
    doubled: Bools | None = field(default=None, repr=False)
    second: npt.NDArray[np.int8] | None = field(default=None, repr=False)

    @cached_property
    def members(self) -> Bools:
        """Clusters in the audit, shape (u,): drawn, and no item of them was picked."""
        return np.asarray(self.drawn & ~self.clusters.any(self.outside))

    @cached_property
    def answered(self) -> Bools:
        """Clusters all of whose items the auditors settled, shape (u,)."""
        return self.clusters.all(self.answers != ABSTAIN)

    @property
    def item_members(self) -> Bools:
        """Items in the audit, shape (n,)."""
        return np.asarray(self.members[self.clusters.unit])

    def units(
        self, labels: npt.NDArray[np.int8], confidence: Floats, eligible: Bools, critical_classes: Bools
    ) -> AuditedUnits:
        """Give what a test looks at: a cluster is as safe as its least safe item, and wrong if any item is.

        Parameters
        ----------
        labels : array of int8, shape (n,)
            The machine's.
        confidence : array, shape (n,)
        eligible : mask, shape (n,)
            Items whose label may be accepted.
        critical_classes : mask, shape (k,)
        """
        settled = self.answers != ABSTAIN
        truly_critical = settled & np.append(critical_classes, False)[self.answers]
        return AuditedUnits(
            clusters=self.clusters.names.tolist(),
            scores=self.clusters.least(confidence),
            eligible=self.clusters.all(eligible & ~self.outside),
            audited=self.members,
            answered=self.answered,
            wrong=self.clusters.any(settled & (self.answers != labels)),
            critical=self.clusters.any(truly_critical) if critical_classes.any() else None,
            second=self._second_answers(),
        )

    @property
    def second_counts(self) -> tuple[int, int]:
        """Count the audited clusters that are doubled, and those of them with answers of two people."""
        found = self._second_answers()
        return (0, 0) if found is None else (int(found.drawn.sum()), int((found.drawn & found.paired).sum()))

    def _second_answers(self) -> SecondAnswers | None:
        if self.doubled is None or self.second is None:
            return None
        both = (self.answers != ABSTAIN) & (self.second != ABSTAIN)
        return SecondAnswers(
            drawn=self.doubled & self.members,
            paired=self.clusters.all(both),
            alike=self.clusters.all(self.answers == self.second),
        )

    @property
    def population(self) -> int:
        """Clusters of which no item is outside, audited ones included: what the promise counts."""
        return int((~self.clusters.any(self.outside)).sum())
