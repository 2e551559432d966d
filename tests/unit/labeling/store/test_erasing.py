from __future__ import annotations

from labeling.store import (
    Store,
    certificates,
    erasing,
    forgotten,
    frames,
    jobs,
    llm_calls,
    releases,
    rounds,
    tasks,
)
from labeling.store import annotations as answers
from labeling.store.forgotten import Forgotten
from labeling.store.schema import metadata
from labeling.types import Annotation, Lane, ReviewTask

TASKS = [ReviewTask(f"task {i}", f"digest {i}", f"row {i}", {}, Lane.REVIEW, 1, 0.5) for i in range(2)]
SAID = [Annotation(f"{i}", f"task {i}", "ada", "HAM", False, 1.0, None, "v1", "2026") for i in range(2)]


def test_contents_go_with_all_revisions_and_others_stay(store: Store) -> None:
    with store.write() as tx:
        tasks.intend(tx, TASKS)
        answers.record(tx, SAID, {t.task_id: t.digest for t in TASKS})
        answers.mark_deleted(tx, frozenset({"1"}))
        llm_calls.intend(
            tx,
            [llm_calls.CallIntent(1, "voter", "digest 0", 0, "request", "model", 0.5)],
        )
        before = llm_calls.spent(tx, "model")
        counts = erasing.erase_contents(tx, ["digest 0"])
        assert counts == {"answers": 2, "tasks": 1, "readings": 0, "opinions": 0, "calls": 1}
        assert [t.task_id for t in tasks.all_tasks(tx)] == ["task 1"]
        assert [a.digest for a in answers.current(tx)] == ["digest 1"]
        assert answers.history(tx, "digest 0") == []
        assert llm_calls.spent(tx, "model") == before > 0


def test_no_table_about_contents_is_left_out() -> None:
    """A further table whose rows are about one content joins ``BY_CONTENT``."""
    about = {
        column
        for table in metadata.sorted_tables
        for column in table.c
        if column.name in ("digest", "item") and table.name not in ("manifest", "llm_calls")
    }
    assert about == set(erasing.BY_CONTENT.values())


def test_tests_follow_the_score_tables(store: Store) -> None:
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
        turn = rounds.record(tx, inputs="in", scorer="s", score_table="old", summary={})
        number = certificates.record_test(
            tx,
            frame=1,
            round_number=turn.number,
            scorer="s",
            score_table="old",
            passed=True,
            result={"answers": {"a": "HAM", "b": "SPAM"}, "covers": "old"},
        )
        releases.publish(tx, number, "old", identity="i", made_of={})
        erasing.erase_from_tests(tx, {"a"}, {"old": "new"})
        test, release, latest = certificates.find(tx, number), releases.find(tx, 1), rounds.latest(tx)
        erasing.set_identity(tx, 1, "j")
        assert (found := releases.find(tx, 1)) is not None
        assert found.identity == "j"
    assert test is not None
    assert release is not None
    assert latest is not None
    assert (test.score_table, release.score_table, latest.score_table) == ("new", "new", "new")
    assert test.result == {"answers": {"b": "SPAM"}, "covers": "new"}


def test_a_row_goes_from_the_reports_of_jobs(store: Store) -> None:
    flips = [{"id": "r1", "why": "x"}, {"id": "r2", "why": "y"}]
    with store.write() as tx:
        for report in ({"flips": flips}, {}):
            jobs.record(tx, inputs="i", status="published", release=None, report=report, started_at="2026")
        erasing.erase_from_jobs(tx, "r1")
        assert [job.report for job in jobs.recent(tx, 2)] == [{}, {"flips": flips[1:]}]


def test_what_is_forgotten_is_known_by_digest_alone(store: Store) -> None:
    with store.write() as tx:
        for _ in range(2):
            forgotten.record(tx, Forgotten.ROW, "row of ada")
        assert forgotten.among(tx, Forgotten.ROW, ["row of ada", "other"]) == {"row of ada"}
        rows = tx.exec_driver_sql("SELECT * FROM forgotten").all()
    assert len(rows) == 1
    assert "ada" not in str(rows)
