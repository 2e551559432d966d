from __future__ import annotations

from labeling.store import Store, jobs, releases, state_digest, tasks
from labeling.store import annotations as answers
from labeling.types import Annotation, Lane, ReviewTask


def test_the_last_jobs_come_first_and_decide_nothing(store: Store) -> None:
    with store.write() as tx:
        assert jobs.latest(tx) is None
        release = releases.publish(tx, None, "t", identity="i", made_of={})
        before = state_digest(tx)
        for status in ("published", "unchanged"):
            jobs.record(
                tx, inputs="in", status=status, release=release, report={"status": status}, started_at="2026"
            )
        assert state_digest(tx) == before
        last = jobs.latest(tx)
        assert last is not None
        assert (last.number, last.status, last.release, last.report) == (
            2,
            "unchanged",
            1,
            {"status": "unchanged"},
        )
        assert [job.number for job in jobs.recent(tx, 5)] == [2, 1]
        assert [job.number for job in jobs.recent(tx, 1)] == [2]


def test_what_a_job_counts_moves_with_answers_and_tasks(store: Store) -> None:
    task = ReviewTask("task", "digest", "row", {}, Lane.REVIEW, 1, 0.5)
    said = Annotation("1", "task", "ada", "HAM", False, 1.0, None, "v1", "2026-01-01")
    with store.write() as tx:
        assert (answers.count(tx), tasks.counts(tx)) == (0, [])
        tasks.intend(tx, [task])
        answers.record(tx, [said], {"task": "digest"})
        assert tasks.counts(tx) == [("review", "intended", 1)]
        answers.mark_deleted(tx, frozenset())
        assert answers.count(tx) == 2
