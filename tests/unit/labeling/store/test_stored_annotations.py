from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from labeling.store import Store, annotations, open_store
from labeling.store.schema import annotations as table
from labeling.types import Annotation

DIGESTS = {"task 1": "digest 1", "task 2": "digest 2"}
ANSWER = Annotation(
    annotation_id="7",
    task_id="task 1",
    annotator="ada",
    label="SPAM",
    skipped=False,
    seconds=3.5,
    suggestion=None,
    guideline="v1",
    updated_at="2026-01-02T03:04:05+00:00",
)
words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
answers = st.builds(
    Annotation,
    annotation_id=st.sampled_from("abcd"),
    task_id=st.sampled_from(["task 1", "task 2", "of others"]),
    annotator=words,
    label=st.none() | words,
    skipped=st.booleans(),
    seconds=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    suggestion=st.none() | words,
    guideline=words,
    updated_at=words,
)
pulls = st.lists(st.tuples(st.lists(answers, max_size=4), st.sets(st.sampled_from("abcd"))), max_size=5)


@pytest.fixture(scope="module")
def shared() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder)}/state.db")
        yield store
        store.close()


def _revisions(tx: Connection) -> int:
    return tx.scalar(select(func.count()).select_from(table)) or 0


def _labels(tx: Connection) -> list[str | None]:
    return [stored.annotation.label for stored in annotations.current(tx)]


def test_an_answer_comes_back_with_the_content_it_was_given_for(store: Store) -> None:
    with store.write() as tx:
        assert annotations.record(tx, [ANSWER], DIGESTS) == 1
    with store.read() as tx:
        assert annotations.current(tx) == [annotations.StoredAnnotation(ANSWER, "digest 1")]


def test_an_answer_delivered_twice_is_stored_once(store: Store) -> None:
    with store.write() as tx:
        assert annotations.record(tx, [ANSWER, ANSWER], DIGESTS) == 1
        assert annotations.record(tx, [replace(ANSWER)], DIGESTS) == 0
        assert _revisions(tx) == 1


def test_an_edit_is_a_further_revision(store: Store) -> None:
    edited = replace(ANSWER, label="HAM", updated_at="2026-01-02T04:00:00+00:00")
    with store.write() as tx:
        annotations.record(tx, [ANSWER], DIGESTS)
        assert annotations.record(tx, [edited, edited], DIGESTS) == 1
        assert annotations.record(tx, [ANSWER], DIGESTS) == 1
        assert _labels(tx) == ["SPAM"]
        past = annotations.history(tx, "digest 1")
    assert [(stored.revision, stored.annotation.label) for stored in past] == [
        (1, "SPAM"),
        (2, "HAM"),
        (3, "SPAM"),
    ]


def test_answers_to_tasks_of_others_are_left_out_and_counted(store: Store) -> None:
    mixed = [ANSWER, replace(ANSWER, annotation_id="8", task_id="of others")]
    with store.write() as tx:
        assert annotations.record(tx, mixed, DIGESTS) == 1
        assert annotations.unknown(mixed, DIGESTS) == 1
        assert _revisions(tx) == 1


def test_a_deletion_is_a_revision_and_can_be_taken_back(store: Store) -> None:
    with store.write() as tx:
        annotations.record(tx, [ANSWER, replace(ANSWER, annotation_id="8", label="HAM")], DIGESTS)
        assert annotations.mark_deleted(tx, frozenset({"8", "unheard of"})) == 1
        assert _labels(tx) == ["HAM"]
        assert annotations.mark_deleted(tx, frozenset({"8"})) == 0
        assert annotations.mark_deleted(tx, frozenset({"7", "8"})) == 1
        assert sorted(filter(None, _labels(tx))) == ["HAM", "SPAM"]
        assert [stored.deleted for stored in annotations.history(tx, "digest 1")] == [
            False,
            False,
            True,
            False,
        ]


def test_an_answer_given_again_after_its_deletion_counts(store: Store) -> None:
    with store.write() as tx:
        annotations.record(tx, [ANSWER], DIGESTS)
        annotations.mark_deleted(tx, frozenset())
        assert annotations.record(tx, [ANSWER], DIGESTS) == 1
        assert _labels(tx) == ["SPAM"]


def test_more_answers_than_one_statement_may_name(store: Store) -> None:
    many = [replace(ANSWER, annotation_id=str(i)) for i in range(2 * annotations.CHUNK + 1)]
    with store.write() as tx:
        assert annotations.record(tx, many, DIGESTS) == len(many)
        assert annotations.record(tx, many, DIGESTS) == 0
        assert annotations.mark_deleted(tx, frozenset()) == len(many)
        assert annotations.current(tx) == []


@settings(max_examples=60, deadline=None)
@given(history=pulls)
def test_current_is_what_the_last_pull_showed(shared: Store, history: list) -> None:
    with shared.write() as tx:
        tx.execute(table.delete())
        expected: dict[str, Annotation] = {}
        deleted: dict[str, Annotation] = {}
        for given_now, present in history:
            ours = {a.annotation_id: a for a in given_now if a.task_id in DIGESTS}
            known = deleted | expected | ours
            annotations.record(tx, given_now, DIGESTS)
            annotations.mark_deleted(tx, frozenset(present))
            expected = {i: a for i, a in known.items() if i in present}
            deleted = {i: a for i, a in known.items() if i not in present}
            size = _revisions(tx)
            last_of_each = [
                a for a in given_now if a is ours.get(a.annotation_id) and a.annotation_id in present
            ]
            assert annotations.record(tx, last_of_each, DIGESTS) == 0
            assert annotations.mark_deleted(tx, frozenset(present)) == 0
            assert _revisions(tx) == size
        found = annotations.current(tx)
    assert {stored.annotation.annotation_id: stored.annotation for stored in found} == expected
    assert all(stored.digest == DIGESTS[stored.annotation.task_id] for stored in found)
