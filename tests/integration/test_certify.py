"""The life of a certificate: refused until the audit is answered, given, exported, voided, renewed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

from labeling.certificates.looks import look_share
from labeling.errors import GateRefused, InputError
from labeling.explain import explain_row
from labeling.export import export_labels
from labeling.pool import load_pool, seed_gold
from labeling.pool.audit import audit_status, standing_audit
from labeling.pool.training import training_gold
from labeling.project import Project
from labeling.rounds.certificate_page import write_certificate_page
from labeling.rounds.live import LEASE, certification, turn
from labeling.rounds.promotion import CertifyReport, fresh_audit
from labeling.store import certificates, frames, lease, manifest, releases, rounds
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import (
    answer,
    digest,
    gold_of,
    known,
    opened,
    small_rows,
    synced,
    write_project,
    write_rows,
)

ROOT = Path(__file__).parents[2]
ROWS = small_rows(200)
GOLD = gold_of(ROWS)
CRITICAL = "slices: {{s: {{where: \"'{lamp}' in text\", critical: true}}}}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = write_project(tmp_path, ROWS, audit=40, batch=20, alpha=0.2)
    with opened(path) as project, project.store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
    return path


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


@pytest.fixture
def queue(project: Project) -> FakeQueue:
    return FakeQueue(project.schema)


def until_audited(project: Project, queue: FakeQueue, gold: Mapping[str, str], limit: int = 12) -> int:
    """Answer everything that is asked, round by round, until the audit is complete; give the rounds.

    The first round tops the audit up or leaves it as it was drawn.
    """
    for done in range(1, limit + 1):
        turn(project)
        synced(project, queue)
        answer(queue, gold)
        synced(project, queue)
        report = certification_status(project)
        if report["open"] == 0:
            return done
    raise AssertionError(f"after {limit} rounds the audit is still open: {report}")


def certification_status(project: Project) -> dict[str, int]:
    pool, people = load_pool(project), known(project)
    with project.store.read() as tx:
        frame = frames.current(tx)
    assert frame is not None
    audit = standing_audit(pool.items, people, frame, seed_gold(project, pool) != -1, project.schema)
    return audit_status(audit, pool.items.digests, people).to_dict()


def certified(project: Project, queue: FakeQueue) -> CertifyReport:
    until_audited(project, queue, GOLD)
    report = certification(project)
    assert report.passed, report.statement
    return report


def shares_spent(project: Project) -> int:
    with project.store.read() as tx:
        frame = frames.current(tx)
        assert frame is not None
        return certificates.tests_in_frame(tx, frame.number)


def test_an_open_audit_is_no_test_and_costs_nothing(project: Project, queue: FakeQueue) -> None:
    turn(project)
    synced(project, queue)
    answer(queue, GOLD)
    synced(project, queue)
    before = digest(project)
    report = certification(project)
    assert (report.passed, report.delta_spent, report.certificate, report.release) == (False, 0.0, None, None)
    assert report.statement.startswith("no test yet, and none of delta spent: 10 of 40 audit answers, about")
    assert shares_spent(project) == 0
    assert digest(project) == before


def test_a_project_without_any_round_is_refused_in_words(project: Project) -> None:
    report = certification(project)
    assert not report.passed
    assert re.search(r"0 of \d+ audit answers", report.statement)


def test_people_who_answer_everything_reach_a_certificate(
    project: Project, queue: FakeQueue, tmp_path: Path
) -> None:
    with pytest.raises(GateRefused, match="no certificate holds"):
        export_labels(project, tmp_path / "before.csv", certified=True)
    assert not (tmp_path / "before.csv").exists()
    with pytest.raises(GateRefused, match="no certificate is in force"):
        write_certificate_page(project, tmp_path / "before.html")
    report = certified(project, queue)
    keys = ("promise", "alpha", "delta", "threshold", "audited", "errors", "accepted", "scorer", "covers")
    told = report.to_dict()
    assert told.keys() >= set(keys)
    assert (told["alpha"], told["promise"], told["passed"]) == (0.2, "dataset", True)
    assert report.delta_spent == pytest.approx(look_share(0.1, 1, 10))
    write_certificate_page(project, tmp_path / "pages" / "certificate.html")
    page = (tmp_path / "pages" / "certificate.html").read_text(encoding="utf-8")
    assert f"Certificate {report.number} of {project.config.project}" in page
    assert told["covers"] in page
    with project.store.read() as tx:
        published = releases.latest(tx)
        champion = certificates.champion(tx)
    assert published is not None
    assert champion is not None
    assert (published.number, published.test_number, report.release) == (1, report.number, 1)
    assert published.score_table == champion.score_table == told["covers"]

    frame = export_labels(project, tmp_path / "certified.csv", certified=True)
    machine = frame[frame["source"] == "certified"]
    assert len(machine) == told["accepted"] > 0
    assert set(frame["source"]) == {"human", "certified"}
    assert (machine["label"] == machine["id"].map(GOLD)).mean() >= 0.8
    assert set(machine["route"]) == {"accept"}
    written = pd.read_csv(tmp_path / "certified.csv", dtype=str)
    assert written["id"].tolist() == frame["id"].tolist()
    whole = export_labels(project, tmp_path / "whole.csv")
    assert len(whole) == 200
    assert whole["source"].isna().sum() == 200 - len(frame)

    after = turn(project)
    assert after.certificate is not None
    assert "answers" not in after.certificate
    assert after.routes["accept"] == len(frame)
    row = machine["id"].iloc[0]
    explained = explain_row(project, row)
    assert (explained.source, explained.route) == ("certified", "accept")
    assert f"certificate {report.number}" in explained.reason


def test_certifying_in_vain_changes_neither_queue_nor_audit(config: Path) -> None:
    config.write_text(config.read_text().replace("alpha: 0.2", "alpha: 0.01"))
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        until_audited(project, queue, GOLD)
        status, tasks = certification_status(project), known(project).tasks
        report = certification(project)
        assert (report.passed, report.certificate, report.delta_spent) == (False, None, 0.0)
        assert "Raise the audit" in report.statement
        assert known(project).tasks == tasks
        assert certification_status(project) == status
        assert shares_spent(project) == 0
        with project.store.read() as tx:
            tested = rounds.latest(tx)
        assert tested is not None
        assert certification(project).statement == report.statement
        following = turn(project)
        assert (following.round, following.repeated) == (tested.number + 1, False)
        assert len(known(project).tasks) > len(tasks)


def test_critical_items_are_never_accepted(project: Project, queue: FakeQueue, tmp_path: Path) -> None:
    certified(project, queue)
    frame = export_labels(project, tmp_path / "labels.parquet").set_index("id")
    fire = [r["id"] for r in ROWS if "smoke" in r["text"]]
    assert "certified" not in set(frame.loc[fire, "source"])
    assert set(frame.loc[fire].query("source != 'human'")["route"]) <= {"review"}


def test_what_becomes_critical_later_is_given_out_no_more(
    project: Project, queue: FakeQueue, config: Path, tmp_path: Path
) -> None:
    certified(project, queue)
    before = export_labels(project, tmp_path / "before.jsonl").set_index("id")
    lamp = next(
        w
        for w in ("lamp", "bulb", "plug", "hub")
        if (
            before["source"].eq("certified") & before.index.isin([r["id"] for r in ROWS if w in r["text"]])
        ).any()
    )
    config.write_text(
        config.read_text() + f"slices: {{s: {{where: \"'{lamp}' in text\", critical: true}}}}\n"
    )
    with opened(config) as later:
        turn(later)
        after = export_labels(later, tmp_path / "after.jsonl").set_index("id")
    inside = [r["id"] for r in ROWS if lamp in r["text"]]
    assert not after.loc[inside, "source"].eq("certified").any()
    rest = before.index.difference(inside)
    assert after.loc[rest, "source"].eq("certified").sum() == before.loc[rest, "source"].eq("certified").sum()


def test_new_and_edited_rows_are_not_covered(project: Project, queue: FakeQueue, tmp_path: Path) -> None:
    certified(project, queue)
    frame = export_labels(project, tmp_path / "labels.csv").set_index("id")
    accepted = frame.index[frame["source"] == "certified"]
    edited = {**next(r for r in ROWS if r["id"] == accepted[0]), "text": "refund of something else"}
    rows = [edited if r["id"] == accepted[0] else r for r in ROWS] + [
        {"id": "new", "text": "a parcel that nobody saw", "label": "SHIP"}
    ]
    write_rows(tmp_path, rows)
    unseen = export_labels(project, tmp_path / "labels.csv").set_index("id")
    assert unseen.loc[["new", accepted[0]], "label"].isna().all()
    assert set(unseen.loc[["new", accepted[0]], "route"]) == {"hold"}
    with pytest.raises(InputError, match=r"new is new or edited since round \d+. Run `quorum run`."):
        explain_row(project, "new")
    turn(project)
    seen = export_labels(project, tmp_path / "labels.csv").set_index("id")
    assert not set(seen.loc[["new", accepted[0]], "source"]) & {"certified"}
    assert explain_row(project, "new").suggestion == "SHIP"
    assert seen["source"].eq("certified").sum() == len(accepted) - 1


@pytest.mark.parametrize("how", ["edited", "deleted", "contradicted"])
def test_a_changed_audit_answer_voids_the_certificate(
    project: Project, queue: FakeQueue, tmp_path: Path, how: str
) -> None:
    report = certified(project, queue)
    audits = {t.task_id for t in known(project).tasks if t.lane == Lane.AUDIT}
    one = next(a for a in queue.annotations.values() if a.task_id in audits and a.label == "BILL")
    if how == "edited":
        queue.edit(one.annotation_id, "SHIP")
    elif how == "deleted":
        queue.delete(one.annotation_id)
    else:
        queue.answer(one.task_id, "SHIP", annotator="bob@example.com")
    sync = synced(project, queue)
    assert sync.reopened is not None
    assert f"certificate {report.number} no longer holds: 1 of the audit answers" in sync.reopened
    with pytest.raises(GateRefused):
        export_labels(project, tmp_path / "o.csv", certified=True)
    frame = export_labels(project, tmp_path / "o.csv")
    assert "certified" not in set(frame["source"].dropna())
    after = turn(project)
    assert after.certificate is None
    assert after.routes["accept"] == frame["source"].eq("human").sum()
    assert synced(project, queue).reopened is None


def test_an_edited_review_answer_voids_nothing(project: Project, queue: FakeQueue) -> None:
    certified(project, queue)
    reviewed = {t.task_id for t in known(project).tasks if t.lane == Lane.REVIEW}
    one = next(a for a in queue.annotations.values() if a.task_id in reviewed and a.label == "BILL")
    queue.edit(one.annotation_id, "SHIP")
    assert synced(project, queue).reopened is None


def test_every_test_spends_a_share_of_its_own_and_voiding_falls_through(
    project: Project, queue: FakeQueue, config: Path
) -> None:
    first = certified(project, queue)
    config.write_text(config.read_text().replace("alpha: 0.2", "alpha: 0.3"))
    with opened(config) as wider:
        second = certification(wider)
    assert second.passed, second.statement
    assert second.certificate is not None
    assert (second.certificate["test"], second.certificate["looks"]) == (2, 10)
    assert second.delta_spent == pytest.approx(look_share(0.1, 2, 10))
    assert (first.release, second.release) == (1, 2)
    assert first.delta_spent + second.delta_spent < 0.1
    with project.store.read() as tx:
        both = set.intersection(*(set(certificates.find(tx, n).result["answers"]) for n in (1, 2)))  # type: ignore[union-attr]
        by_task = {t.task_id: t.digest for t in known(project).tasks}
    shared = next(a for a in queue.annotations.values() if by_task[a.task_id] in both and a.label == "BILL")
    queue.edit(shared.annotation_id, "SHIP")
    synced(project, queue)
    with project.store.read() as tx:
        assert certificates.champion(tx) is None, "the first certificate rests on the same answer"


def test_a_fresh_audit_retires_the_answers_into_gold(project: Project, queue: FakeQueue) -> None:
    turn(project)
    synced(project, queue)
    waiting = {i for i in queue.open_ids() if queue.tasks[i].lane == Lane.AUDIT}
    answered = sorted(waiting)[:4]
    for task_id in answered:
        queue.answer(task_id, GOLD[queue.tasks[task_id].row_id])
    synced(project, queue)
    with project.store.read() as tx:
        old = frames.current(tx)
    report = certification(project, fresh=True)
    assert not report.passed
    assert "0 of 20 audit answers" in report.statement
    with project.store.read() as tx:
        new = frames.current(tx)
    assert old is not None
    assert new is not None
    assert new.number > old.number
    assert new.salt != old.salt
    people, pool = known(project), load_pool(project)
    retired = {people_task.digest for people_task in people.tasks if people_task.task_id in answered}
    training = training_gold(project, pool, people)
    assert {str(d) for d in pool.items.digests[training != -1]} == retired

    turn(project)
    done = synced(project, queue)
    open_audits = {t.digest for t in known(project).open_audit}
    status = certification_status(project)
    assert 0 < status["planned"] <= 20
    assert done.withdrawn > 0
    drawn = members(project)
    assert open_audits <= drawn
    assert {queue.tasks[i].digest for i in queue.open_ids() if queue.tasks[i].lane == Lane.AUDIT} <= drawn


def test_a_fresh_audit_before_any_exchange_sends_nothing_of_the_old_one(
    project: Project, queue: FakeQueue
) -> None:
    turn(project)
    with lease.acquire(project.store, LEASE) as held:
        fresh_audit(project, held)
    turn(project)
    synced(project, queue)
    audits = {t.digest for t in queue.tasks.values() if t.lane == Lane.AUDIT}
    assert audits
    assert audits <= members(project)


def members(project: Project) -> set[str]:
    """Contents of the standing audit."""
    pool, people = load_pool(project), known(project)
    with project.store.read() as tx:
        frame = frames.current(tx)
    assert frame is not None
    audit = standing_audit(pool.items, people, frame, pool.slices & False, project.schema)
    return set(pool.items.digests[audit.item_members].tolist())


def test_without_an_audit_there_is_no_certificate(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, small_rows(60), audit=0)) as project:
        queue = FakeQueue(project.schema)
        report = turn(project)
        assert report.audit["planned"] == 0
        synced(project, queue)
        assert {t.lane for t in queue.tasks.values()} == {Lane.REVIEW}
        refused = certification(project)
        assert (refused.passed, refused.delta_spent) == (False, 0.0)


def test_the_shipped_example_reaches_a_certificate(tmp_path: Path) -> None:
    """Annotators who answer all that they are asked need ten rounds at most."""
    shutil.copytree(ROOT / "configs" / "support_tickets", tmp_path / "configs" / "support_tickets")
    (tmp_path / "lfs").mkdir()
    shutil.copy(ROOT / "lfs" / "support_tickets.py", tmp_path / "lfs")
    config = tmp_path / "configs" / "support_tickets.yaml"
    shutil.copy(ROOT / "configs" / "support_tickets.yaml", config)
    lines = (tmp_path / "configs" / "support_tickets" / "tickets.jsonl").read_text(encoding="utf-8")
    gold = gold_of(json.loads(line) for line in lines.splitlines())
    with opened(config) as project:
        with project.store.write() as tx:
            frames.open_frame(tx, "a salt of no special virtue", 0.1)
        queue = FakeQueue(project.schema)
        assert until_audited(project, queue, gold) <= 10
        report = certification(project)
        assert report.passed, report.statement
        frame = export_labels(project, tmp_path / "labels.parquet", certified=True)
        with project.store.read() as tx:
            latest = rounds.latest(tx)
    assert latest is not None
    machine = frame[frame["source"] == "certified"]
    truth = machine["id"].map(gold)
    assert (machine["label"] != truth).sum() <= 0.1 * report.certificate["population"]  # type: ignore[index]
    assert "SAFETY" not in set(machine["label"])
    assert len(machine) > 300


def test_the_same_test_is_told_again_and_spends_nothing(project: Project, queue: FakeQueue) -> None:
    first = certified(project, queue)
    before, spent = digest(project), shares_spent(project)
    again = certification(project)
    assert (again.passed, again.number, again.delta_spent) == (True, first.number, 0.0)
    assert "as tested before" in again.statement
    assert again.to_dict()["accepted"] == first.to_dict()["accepted"]
    assert (digest(project), shares_spent(project)) == (before, spent)


def test_the_reason_of_a_certified_label_names_that_label(
    project: Project, queue: FakeQueue, tmp_path: Path
) -> None:
    certified(project, queue)
    turn(project)
    synced(project, queue)
    answer(queue, GOLD)
    synced(project, queue)
    turn(project)
    frame = export_labels(project, tmp_path / "o.jsonl")
    given_out = frame[frame["source"] == "certified"]
    assert len(given_out) > 0
    pairs = zip(given_out["label"], given_out["reason"], strict=True)
    assert all(f"{label}, " in reason for label, reason in pairs)


def test_another_floor_leaves_the_covered_scores_alone(
    project: Project, queue: FakeQueue, config: Path
) -> None:
    certified(project, queue)
    with project.store.read() as tx:
        champion = certificates.champion(tx)
        assert champion is not None
        before = manifest.find(tx, "scores", champion.scorer)
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"critical_floor: [\d.]+", "critical_floor: 0.9", text), encoding="utf-8")
    with opened(config) as changed:
        turn(changed)
        with changed.store.read() as tx:
            assert manifest.find(tx, "scores", champion.scorer) == before
