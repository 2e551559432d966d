"""Who is asked what in a run: review picks and audit, with the answers so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from labeling.certificates.audit import keyed_hashes, rate_for, standing_sample
from labeling.certificates.units import Audit
from labeling.rounds.batches import suggestion_of
from labeling.simulation.setting import Setting
from labeling.types import ABSTAIN, Annotation, Codes, Floats, Ints, Lane, Learner, ReviewTask


class Lanes:
    """The two lanes of one run: selection is blind to the audit, and takes from it what it picks.

    Parameters
    ----------
    setting : Setting
        Of n items.
    seed : int
        Of the audit's draw.
    audits : int
        Answers that go to the audit.

    Attributes
    ----------
    reviewed, audited : array of int8, shape (n,)
        Answers by lane; -1 without. An audit answer about an item that selection picks counts in both.
    picked, uniform, asked : mask, shape (n,)
        Items that selection picked, those of them that it drew uniformly, and audit items that were asked
        about, answered or not.
    """

    def __init__(self, setting: Setting, seed: int, audits: int) -> None:
        n = len(setting)
        self._setting = setting
        self._salt = f"simulation {seed}"
        self.audits = audits
        self._apart = ~setting.known | setting.dev
        names, answerable = setting.clusters.names, ~setting.clusters.any(self._apart)
        rate = rate_for(self._salt, names[answerable].tolist(), audits)
        self._drawn = standing_sample(self._salt, names.tolist(), rate)
        self.reviewed = np.full(n, ABSTAIN, dtype=np.int8)
        self.audited = np.full(n, ABSTAIN, dtype=np.int8)
        self.picked = np.zeros(n, dtype=bool)
        self.uniform = np.zeros(n, dtype=bool)
        self.asked = np.zeros(n, dtype=bool)

    @property
    def human(self) -> Codes:
        """What people said of each item, shape (n,), -1 where nobody did."""
        return np.where(self.reviewed != ABSTAIN, self.reviewed, self.audited)

    @property
    def audit(self) -> Audit:
        """The audit as it stands."""
        outside = self.picked | self._apart
        return Audit(self._setting.clusters, self._drawn, outside, self.audited)

    @property
    def audit_so_far(self) -> Audit:
        """The audit as if planned to end here: a prefix of the hash order is a uniform sample, too."""
        audit = self.audit
        return replace(audit, drawn=audit.members & self._setting.clusters.all(self.asked))

    def choose(self, learner: Learner, size: int, audits: int) -> tuple[list[int], list[int]]:
        """Choose exactly ``size`` items for review and audit, fewer only where the pool is used up.

        Parameters
        ----------
        audits : int
            How many of them the audit takes, as long as it has some.
        """
        review = self._pick(learner, size - min(audits, len(self._waiting()), size))
        audit = self._waiting()[: size - len(review)].tolist()
        # What selection picks may leave the audit, whose place selection has to fill.
        while lacking := size - len(review) - len(audit):
            picked = self._pick(learner, lacking)
            if not picked:
                break
            review = review + picked
            audit = self._waiting()[: size - len(review)].tolist()
        self.asked[audit] = True
        return review, audit

    def _pick(self, learner: Learner, size: int) -> list[int]:
        """Pick items for review; what the auditors answered already counts at once and costs no answer."""
        review: list[int] = []
        while len(review) < size:
            free = np.flatnonzero(~self.picked & self._setting.known)
            slices, clusters = self._setting.slices, self._setting.clusters.unit
            before = np.flatnonzero(self.uniform)
            selection = learner.query(size - len(review), free, slices, clusters, before)
            chosen = selection.indices
            if not len(chosen):
                break
            self.picked[chosen] = True
            self.uniform[chosen[selection.uniform]] = True
            answered = chosen[self.audited[chosen] != ABSTAIN]
            self.reviewed[answered] = self.audited[answered]
            review += chosen[self.reviewed[chosen] == ABSTAIN].tolist()
        return review

    def _waiting(self) -> Ints:
        waiting = np.flatnonzero(self.audit.item_members & ~self.asked)
        hashes = keyed_hashes(
            self._salt, self._setting.clusters.names[self._setting.clusters.unit[waiting]].tolist()
        )
        return np.asarray(waiting[np.argsort(hashes, kind="stable")])

    def tasks(self, review: Sequence[int], audit: Sequence[int], proba: Floats | None) -> list[ReviewTask]:
        """Make the tasks of chosen items; review shows the most probable class of ``proba``, shape (n, k)."""
        reviews = [self._task(i, Lane.REVIEW, None if proba is None else proba[i]) for i in review]
        return [*reviews, *(self._task(i, Lane.AUDIT, None) for i in audit)]

    def _task(self, i: int, lane: Lane, proba: Floats | None) -> ReviewTask:
        digest = str(self._setting.digests[i])
        suggestion = None if proba is None else suggestion_of(proba, self._setting.schema)[0]
        return ReviewTask(digest, digest, digest, {}, lane, round=0, priority=0.0, suggestion=suggestion)

    def take(self, annotations: Sequence[Annotation], review: Sequence[int], audit: Sequence[int]) -> int:
        """Take what people said of chosen items; gives how many they labelled."""
        index = self._setting.schema.index
        said = {a.task_id: index[a.label] for a in annotations if a.label is not None}
        for lane, items in ((self.reviewed, review), (self.audited, audit)):
            for i in items:
                lane[i] = said.get(str(self._setting.digests[i]), ABSTAIN)
        return len(said)
