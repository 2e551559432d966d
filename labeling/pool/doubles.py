"""Double audits: which texts of the audit a second person is asked about, and what that one said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from labeling.certificates.audit import standing_sample
from labeling.certificates.units import Audit
from labeling.gold import amount_to, one_each
from labeling.pool.people import People
from labeling.types import ABSTAIN, Annotation, Ints, LabelSchema, Lane, among, digest_of

TRIES = 3
"""Tasks for a second answer that one text may have: the queue cannot keep the first person from taking it."""


def with_second_answers(
    audit: Audit,
    people: People,
    digests: npt.NDArray[np.object_],
    salt: str,
    share: float,
    schema: LabelSchema,
) -> Audit:
    """Tell an audit over n items which of its texts are doubled, and what the second person said.

    Parameters
    ----------
    digests : array of str, shape (n,)
        Of the items' contents.
    salt : str
        Of the audit frame. Which texts are doubled is drawn by a hash of its own, whatever anybody answers.
    share : float
        Of the audit, in [0, 1].
    """
    drawn = np.flatnonzero(audit.drawn)
    doubled = np.zeros(len(audit.drawn), dtype=bool)
    doubled[drawn] = standing_sample(f"second {salt}", audit.clusters.names[drawn].tolist(), share)
    said = second_labels(people, schema)
    second = np.full(len(digests), ABSTAIN, dtype=np.int8)
    answered = np.flatnonzero(among(digests, said))
    second[answered] = [said[str(digest)] for digest in digests[answered]]
    return replace(audit, doubled=doubled, second=second)


def second_labels(people: People, schema: LabelSchema) -> dict[str, int]:
    """Class indices that second people settled on, by content digest; who answered first is none of them."""
    told: dict[str, list[str]] = {}
    for digest, answers in _second_people(people).items():
        told[digest] = [str(a.label) for a in one_each(answers) if a.label in schema.index]
    settled = {digest: amount_to(labels)[0] for digest, labels in told.items()}
    return {digest: schema.index[label] for digest, label in settled.items() if label is not None}


def doubles_to_ask(
    audit: Audit, people: People, digests: npt.NDArray[np.object_], asked_now: Collection[str]
) -> Ints:
    """Give the items of doubled texts that a second person is to be asked about now, as rows.

    Those whose audit task was made, of which no other person answered and nobody is being asked. Nothing
    while only one person answers at all.

    Parameters
    ----------
    asked_now : collection of str
        Contents whose audit tasks this round makes.
    """
    if audit.doubled is None or len(people.annotators) < 2:
        return np.empty(0, dtype=np.int64)
    done, waiting = _second_people(people).keys(), {t.digest for t in people.open_doubles}
    tries = Counter(t.digest for t in people.tasks if t.lane == Lane.DOUBLE)
    asked = {t.digest for t in people.task_of.values() if t.lane == Lane.AUDIT} | set(asked_now)
    rows = np.flatnonzero((audit.doubled & audit.members)[audit.clusters.unit])
    free = (i for i in rows if digests[i] in asked and digests[i] not in done and digests[i] not in waiting)
    return np.array([i for i in free if tries[digests[i]] < TRIES], dtype=np.int64)


def second_answers_digest(people: People) -> str:
    """Digest of what ``doubles_to_ask`` depends on, without what anybody said."""
    return digest_of(sorted(_second_people(people)), len(people.second), len(people.annotators) > 1)


def _second_people(people: People) -> dict[str, list[Annotation]]:
    """Second answers and skips by content digest, without those of people who answered it first."""
    found: dict[str, list[Annotation]] = {}
    for digest, annotation in people.second:
        first = people.gold.get(digest)
        if first is None or annotation.annotator not in first.annotators:
            found.setdefault(digest, []).append(annotation)
    return found
