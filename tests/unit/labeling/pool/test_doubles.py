"""Which texts of the audit a second person is asked about, and whose answer is a second one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labeling.certificates.audit import standing_sample
from labeling.certificates.units import Audit, Clusters
from labeling.gold import gold_labels
from labeling.pool.doubles import (
    TRIES,
    doubles_to_ask,
    second_answers_digest,
    second_labels,
    with_second_answers,
)
from labeling.pool.people import People
from labeling.store import StoredTask, TaskStatus
from labeling.types import ABSTAIN, Annotation, LabelClass, LabelSchema, Lane

SCHEMA = LabelSchema((LabelClass("HAM"), LabelClass("SPAM")))
DIGESTS = np.array([f"text {i}" for i in range(6)], dtype=object)


def task(digest: str, lane: Lane, number: int = 1, status: TaskStatus = TaskStatus.OPEN) -> StoredTask:
    name = f"{lane} {digest} {number}"
    return StoredTask(name, digest, digest, lane, 1, 0.5, None, None, None, name, status)


def said(asked: StoredTask, annotator: str, label: str | None, when: int = 0) -> tuple[str, Annotation]:
    time = f"2026-01-01T00:00:{when:02d}Z"
    name = f"{asked.task_id} {annotator}"
    skipped = label is None
    given = Annotation(name, asked.task_id, annotator, label, skipped, None, None, "", time)
    return asked.digest, given


def people(
    tasks: list[StoredTask],
    first: list[tuple[str, Annotation]],
    second: list[tuple[str, Annotation]] | None = None,
) -> People:
    lanes = {t.task_id: t.lane for t in tasks}
    return People(gold_labels(first, lanes, SCHEMA), tuple(tasks), None, tuple(first), tuple(second or ()))


def audit(known: People, share: float = 1.0, outside: tuple[int, ...] = ()) -> Audit:
    clusters = Clusters.of(DIGESTS)
    picked = np.isin(np.arange(len(DIGESTS)), outside)
    drawn, answers = np.ones(len(clusters), dtype=bool), known.labels(DIGESTS, SCHEMA, Lane.AUDIT)
    found = Audit(clusters, drawn, picked, answers)
    return with_second_answers(found, known, DIGESTS, "salt", share, SCHEMA)


def asked(known: People, now: tuple[str, ...] = (), **kwargs: object) -> set[str]:
    return set(DIGESTS[doubles_to_ask(audit(known, **kwargs), known, DIGESTS, now)])  # type: ignore[arg-type]


AUDITS = [task(str(d), Lane.AUDIT) for d in DIGESTS[:4]]
TWO = [said(AUDITS[0], "ann", "HAM"), said(AUDITS[1], "bob", "SPAM")]


def test_texts_that_auditors_are_asked_about_are_asked_again() -> None:
    assert asked(people(AUDITS, TWO)) == set(DIGESTS[:4])
    assert asked(people(AUDITS, TWO), now=("text 5",)) == {*DIGESTS[:4], "text 5"}
    assert asked(people(AUDITS, TWO), outside=(0, 1)) == {"text 2", "text 3"}
    assert asked(people(AUDITS, TWO), share=0.0) == set()


def test_one_person_is_too_few() -> None:
    assert asked(people(AUDITS, TWO[:1])) == set()
    assert asked(people(AUDITS, TWO[:1], [said(task("text 0", Lane.DOUBLE), "ann", "HAM")])) == set()


def test_nobody_is_asked_twice_at_a_time() -> None:
    waiting = task("text 0", Lane.DOUBLE)
    gone = task("text 1", Lane.DOUBLE, status=TaskStatus.WITHDRAWN)
    assert asked(people([*AUDITS, waiting, gone], TWO)) == {"text 1", "text 2", "text 3"}


def test_an_answer_or_skip_of_another_person_is_enough() -> None:
    again = task("text 0", Lane.DOUBLE)
    for label in ("SPAM", None):
        assert "text 0" not in asked(people([*AUDITS, again], TWO, [said(again, "bob", label)]))


def test_the_first_persons_own_answer_is_none_and_asked_anew_for_a_while() -> None:
    tries = [task("text 0", Lane.DOUBLE, number) for number in range(TRIES)]
    for n in range(TRIES):
        known = people([*AUDITS, *tries[:n]], TWO, [said(t, "ann", "HAM") for t in tries[:n]])
        assert "text 0" in asked(known)
        assert second_labels(known, SCHEMA) == {}
    known = people([*AUDITS, *tries], TWO, [said(t, "ann", "HAM") for t in tries])
    assert "text 0" not in asked(known)


def test_who_came_first_is_the_first_wherever_the_other_answered() -> None:
    """A second answer may come before the first one."""
    again = task("text 2", Lane.DOUBLE)
    before = people([*AUDITS, again], TWO, [said(again, "ann", "HAM")])
    assert second_labels(before, SCHEMA) == {"text 2": 0}
    own = people([*AUDITS, again], [*TWO, said(AUDITS[2], "ann", "HAM")], [said(again, "ann", "HAM")])
    assert second_labels(own, SCHEMA) == {}
    assert "text 2" in asked(own)


def test_the_last_answer_of_each_second_person_counts() -> None:
    again = [task("text 0", Lane.DOUBLE, number) for number in (1, 2)]
    changed = [said(again[0], "bob", "HAM", 1), said(again[1], "bob", "SPAM", 2)]
    assert second_labels(people([*AUDITS, *again], TWO, changed), SCHEMA) == {"text 0": 1}
    disputed = [said(again[0], "bob", "HAM"), said(again[1], "eve", "SPAM")]
    assert second_labels(people([*AUDITS, *again], TWO, disputed), SCHEMA) == {}
    strange = [said(again[0], "bob", "GONE")]
    assert second_labels(people([*AUDITS, *again], TWO, strange), SCHEMA) == {}


def test_units_know_who_answered_alike() -> None:
    again = [task(str(d), Lane.DOUBLE) for d in DIGESTS[:3]]
    second = [said(again[0], "bob", "HAM"), said(again[1], "ann", "HAM"), said(again[2], "bob", "SPAM")]
    found = audit(people([*AUDITS, *again], TWO, second))
    n = len(DIGESTS)
    everything, labels = np.ones(n, dtype=bool), np.zeros(n, dtype=np.int8)
    units = found.units(labels, np.ones(n), everything, np.zeros(2, dtype=bool))
    assert units.second is not None
    assert units.second.drawn.all()
    assert units.second.paired.tolist() == [True, True, False, False, False, False]
    assert units.second.alike[:2].tolist() == [True, False]
    assert found.second_counts == (6, 2)
    plain = replace(found, doubled=None)
    assert plain.second_counts == (0, 0)
    assert plain.units(labels, np.ones(n), everything, np.zeros(2, dtype=bool)).second is None


def test_a_text_of_two_items_needs_the_second_answer_on_both() -> None:
    clusters = Clusters.of(np.array(["same", "same", "other", "other"], dtype=object))
    first = np.array([0, 0, 1, 1], dtype=np.int8)
    second = np.array([0, ABSTAIN, 1, 0], dtype=np.int8)
    everything = np.ones(2, dtype=bool)
    found = Audit(clusters, everything, np.zeros(4, dtype=bool), first, everything, second)
    units = found.units(first, np.ones(4), np.ones(4, dtype=bool), np.zeros(2, dtype=bool))
    assert units.second is not None
    named = dict(zip(clusters.names, zip(units.second.paired, units.second.alike, strict=True), strict=True))
    assert not named["same"][0]
    assert named["other"] == (True, False)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_the_share_is_drawn_by_a_hash_of_its_own(share: float) -> None:
    names = np.array([f"name {i}" for i in range(4000)], dtype=object)
    clusters, nobody = Clusters.of(names), people([], [])
    audited = standing_sample("salt", clusters.names.tolist(), 0.25)
    empty = np.full(4000, ABSTAIN, dtype=np.int8)
    plain = Audit(clusters, audited, np.zeros(4000, dtype=bool), empty)
    few = with_second_answers(plain, nobody, names, "salt", share, SCHEMA)
    more = with_second_answers(plain, nobody, names, "salt", 2 * share, SCHEMA)
    assert few.doubled is not None
    assert more.doubled is not None
    assert not (few.doubled & ~more.doubled).any()
    assert few.doubled[audited].mean() == pytest.approx(share, abs=0.05)
    assert not few.doubled[~audited].any()


def test_the_digest_knows_who_was_asked_and_not_what_was_said() -> None:
    again = task("text 0", Lane.DOUBLE)
    ham, spam = (people([*AUDITS, again], TWO, [said(again, "bob", label)]) for label in ("HAM", "SPAM"))
    assert second_answers_digest(ham) == second_answers_digest(spam)
    assert second_answers_digest(ham) != second_answers_digest(people([*AUDITS, again], TWO))
    own = people([*AUDITS, again], TWO, [said(again, "ann", "HAM")])
    assert second_answers_digest(own) != second_answers_digest(ham)
