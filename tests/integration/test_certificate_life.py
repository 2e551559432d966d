"""What happens to a certificate after it was given: watched, voided, expired, outgrown, looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from labeling.certificates.looks import look_share
from labeling.errors import GateRefused
from labeling.export import export_labels
from labeling.pool import load_pool
from labeling.pool.training import training_gold
from labeling.project import Project
from labeling.releases.giving_out import export_release
from labeling.rounds.certificate_page import write_certificate_page
from labeling.rounds.live import certification, turn
from labeling.rounds.looks import share_of_next
from labeling.rounds.watch import Draws, read_draws
from labeling.store import certificates
from labeling.store.schema import tests as kept_tests
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows, synced, write_rows
from tests.snapshots import Snapshot, certified_project

ROWS = small_rows(200)
GOLD = gold_of(ROWS)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return certified_project(tmp_path_factory.mktemp("certified"), ROWS)


@pytest.fixture
def config(given: Snapshot, tmp_path: Path) -> Path:
    return given.copy_to(tmp_path / "copy")


@pytest.fixture
def queue(given: Snapshot) -> FakeQueue:
    return given.people()


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


def rewritten(config: Path, old: str, new: str) -> Path:
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new), encoding="utf-8")
    return config


def watch_tasks(project: Project) -> list[Any]:
    return [t for t in known(project).tasks if t.lane == Lane.WATCH]


def draws_of(project: Project) -> Draws:
    with project.store.read() as tx:
        return read_draws(project, tx, 1)


def released(project: Project) -> Mapping[str, str]:
    frame = export_labels(project, project.config.root / "o.csv")
    machine = frame[frame["source"] == "certified"]
    return dict(zip(machine["digest"], machine["label"], strict=True))


def watched_round(project: Project, queue: FakeQueue, wrong: bool, left: int = 0) -> str | None:
    """Turn once, answer what the watch asks but a few, review nothing; give why a certificate was voided."""
    turn(project)
    first = synced(project, queue)
    wanted = {t.task_id for t in watch_tasks(project)} & queue.open_ids()
    for task_id in sorted(wanted)[left:]:
        truth = GOLD[queue.tasks[task_id].row_id]
        queue.answer(task_id, {"BILL": "SHIP", "SHIP": "BILL"}[truth] if wrong else truth)
    return first.reopened or synced(project, queue).reopened


def test_a_few_accepted_texts_wait_for_people_who_cannot_tell_them(
    project: Project, queue: FakeQueue
) -> None:
    before = released(project)
    turn(project)
    synced(project, queue)
    asked, drawn = watch_tasks(project), draws_of(project)
    by_audit = {t.digest for t in known(project).open_audit if t.lane == Lane.AUDIT}
    assert len(drawn) == 5
    assert drawn.contents <= before.keys()
    left = len(before.keys() - known(project).picked)
    assert drawn.remaining == tuple(range(left, left - 5, -1))
    assert drawn.contents - by_audit == {t.digest for t in asked}
    sent = [queue.tasks[t.task_id] for t in asked]
    assert all(task.suggestion is None and task.confidence is None for task in sent)
    reviews = [t for t in queue.tasks.values() if t.lane == Lane.REVIEW]
    assert {key for task in sent for key in task.fields} <= {key for task in reviews for key in task.fields}
    assert len({t.priority for t in asked}) == len(asked) >= 3


def test_what_they_say_teaches_nothing_and_the_next_are_drawn(project: Project, queue: FakeQueue) -> None:
    assert watched_round(project, queue, wrong=False) is None
    first = {t.digest for t in watch_tasks(project)}
    pool, people = load_pool(project), known(project)
    learnt = {str(d) for d in pool.items.digests[training_gold(project, pool, people) != -1]}
    assert not learnt & first
    assert not people.picked & first
    before = draws_of(project)
    assert watched_round(project, queue, wrong=False) is None
    after = draws_of(project)
    assert after.texts[: len(before)] == before.texts
    assert after.remaining[: len(before)] == before.remaining
    assert len(after) == len(before) + len(first)
    said = turn(project)
    assert said.certificate is not None
    line = next(r for r in said.remarks if "watch" in r)
    looked = len({t.digest for t in watch_tasks(project)} & known(project).gold.keys())
    assert f"people looked at {looked} of the accepted texts since, and label 0 of them otherwise" in line


def test_an_alarm_voids_the_certificate_and_its_audit_in_words(
    project: Project, queue: FakeQueue, tmp_path: Path
) -> None:
    reasons = [watched_round(project, queue, wrong=True, left=1) for _ in range(5)]
    reason = next(r for r in reasons if r)
    assert reason.startswith("the standing alarm rang: certificate 1 no longer holds. Of ")
    assert "have another label than the one released" in reason
    with pytest.raises(GateRefused):
        export_labels(project, tmp_path / "o.csv", certified=True)
    after = turn(project)
    assert after.certificate is None
    assert reason in after.remarks
    synced(project, queue)
    assert not {t.task_id for t in watch_tasks(project)} & queue.open_ids()
    answer(queue, GOLD)
    synced(project, queue)
    refused = certification(project)
    assert not refused.passed
    assert refused.delta_spent == 0
    assert refused.statement.startswith("no test: the standing alarm rang on certificate 1")
    seen = {t.digest for t in watch_tasks(project)} & known(project).gold.keys()
    assert not certification(project, fresh=True).passed
    assert seen <= known(project).picked, "what was found wrong teaches the next scorer"
    assert not seen & {t.digest for t in watch_tasks(project)}


def aged(project: Project, days: int) -> None:
    """Make the certificates as old as that."""
    given_at = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
    with project.store.write() as tx:
        tx.execute(update(kept_tests).values(recorded_at=given_at))


def test_a_certificate_without_an_end_does_not_expire(project: Project) -> None:
    aged(project, 4000)
    assert turn(project).certificate is not None


def test_a_certificate_expires_with_its_days(config: Path, queue: FakeQueue, tmp_path: Path) -> None:
    rewritten(config, "critical_floor", "expires: 30, critical_floor")
    with opened(rewritten(config, "alpha: 0.2", "alpha: 0.3")) as project:
        report = certification(project)
        assert report.passed, report.statement
        assert report.certificate is not None
        assert report.certificate["expires"] == 30
        aged(project, 29)
        assert set(released(project).values()) == {"BILL", "SHIP"}
        aged(project, 31)
        assert not released(project)
        with pytest.raises(GateRefused, match="no certificate holds"):
            export_labels(project, tmp_path / "o.csv", certified=True)
        with pytest.raises(GateRefused, match="certificate 2 expired on 20"):
            write_certificate_page(project, tmp_path / "page.html")
        assert report.release is not None
        with pytest.raises(GateRefused, match="certificate 2 expired on 20"):
            export_release(project, str(report.release), tmp_path / "o.csv", certified=True)
        again = certification(project)
        assert (again.passed, again.number) == (True, 3)
        assert again.delta_spent > 0
        aged(project, 31)
        after = turn(project)
        assert after.certificate is None
        [said] = [r for r in after.remarks if "expired" in r]
        assert said.startswith("certificate 3 expired on 20")
        assert "30 days after it was given. Run `quorum certify` to test again." in said
        assert after.routes["accept"] == sum(g.label is not None for g in known(project).gold.values())


def test_new_rows_of_another_kind_are_told(config: Path) -> None:
    more = [{"id": f"n{i}", "text": f"where is the thing {i}", "label": "SHIP"} for i in range(60)]
    write_rows(config.parent, [*ROWS, *more])
    with opened(config) as project:
        report = turn(project)
        [said] = [r for r in report.remarks if "unlike" in r]
        assert said.startswith("the 60 texts that certificate 1 does not cover are unlike the 200 that it")
        assert "coverage differ by 0." in said
        again = certification(project)
        assert said in again.to_dict()["remarks"]


def test_new_rows_of_the_same_kind_are_not(config: Path) -> None:
    more = [{**r, "id": f"n{r['id']}", "text": f"{r['text']} please"} for r in ROWS[:60]]
    write_rows(config.parent, [*ROWS, *more])
    with opened(config) as project:
        assert not [r for r in turn(project).remarks if "unlike" in r]


def test_rows_that_are_gone_are_told_with_what_the_bound_comes_to(config: Path) -> None:
    write_rows(config.parent, ROWS[:120])
    with opened(config) as project:
        report = turn(project)
        [said] = [r for r in report.remarks if "are gone or were changed" in r]
        assert said.startswith("80 of the texts that certificate 1 covers")
        assert "its bound counts them" in said
        kept = export_labels(project, config.parent / "o.csv")
        assert len(kept) == 120
        assert "certified" in set(kept["source"].dropna())
    write_rows(config.parent, ROWS)
    with opened(config) as project:
        assert not [r for r in turn(project).remarks if "are gone" in r]


def test_changed_and_new_content_is_held_and_what_turns_back_is_covered_again(config: Path) -> None:
    with opened(config) as project:
        covered = released(project)
        ids = export_labels(project, config.parent / "o.csv").set_index("digest")["id"]
    victim = ids[next(iter(covered))]
    changed = [{**r, "text": f"{r['text']} (edited)"} if r["id"] == victim else r for r in ROWS]
    write_rows(config.parent, [*changed, {"id": "new", "text": "invoice for a new hub", "label": "BILL"}])
    with opened(config) as project:
        turn(project)
        frame = export_labels(project, config.parent / "o.csv").set_index("id")
        for row in (victim, "new"):
            assert frame.loc[row, "label"] is None or frame.loc[row, "source"] == "human"
            assert frame.loc[row, "route"] in ("hold", "review")
        assert len(released(project)) == len(covered) - 1
    write_rows(config.parent, ROWS)
    with opened(config) as project:
        turn(project)
        assert set(covered) - known(project).picked <= released(project).keys()


def test_an_audit_is_not_looked_at_more_often_than_was_planned(config: Path, queue: FakeQueue) -> None:
    with opened(rewritten(config, "alpha: 0.2", "looks: 2, alpha: 0.3")) as project:
        assert certification(project).passed
        with project.store.read() as tx:
            planned = [t.result["looks"] for t in certificates.of_frame(tx, 1)]
        assert planned == [10, 10], "the plan is that of the first test"
        assert share_of_next(project) == pytest.approx(look_share(0.1, 3, 10))
        with project.store.write() as tx:
            first = certificates.of_frame(tx, 1)[0]
            tx.execute(update(kept_tests).values(result={**first.result, "looks": 2}))
    with opened(rewritten(config, "alpha: 0.3", "alpha: 0.25")) as project:
        refused = certification(project)
        assert (refused.passed, refused.delta_spent) == (False, 0.0)
        assert refused.statement.startswith(
            "no test: all 2 tests that this audit was planned for took place."
        )


def test_an_audit_keeps_the_delta_that_its_tests_shared(config: Path) -> None:
    with opened(rewritten(config, "delta: 0.1", "delta: 0.05")) as project:
        refused = certification(project)
    assert (refused.passed, refused.delta_spent) == (False, 0.0)
    assert refused.statement.startswith("no test: former ones of this audit shared a delta of 0.1, ")
    assert "routing.delta is 0.05 now. Write 0.1 again, or start a new audit" in refused.statement


def test_the_certificate_that_accepts_more_stays_in_force(project: Project, queue: FakeQueue) -> None:
    with project.store.read() as tx:
        champion = certificates.champion(tx)
    assert champion is not None
    accepted = released(project)
    audits = [t for t in known(project).tasks if t.lane == Lane.AUDIT]
    assert audits
    turn(project)
    synced(project, queue)
    answer(queue, GOLD, lanes=(Lane.REVIEW, Lane.AUDIT))
    synced(project, queue)
    report = certification(project)
    if report.number != champion.number:
        assert len(released(project)) >= len(accepted.keys() - known(project).picked)
        return
    assert report.passed
    assert "stays in force" in report.statement
    assert report.delta_spent > 0
    again = certification(project)
    assert (again.passed, again.delta_spent, again.number) == (True, 0.0, champion.number)
