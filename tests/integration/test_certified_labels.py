"""What a project with a certificate gives out, what its certificate covers, and what voids it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from labeling.certificates.looks import look_share
from labeling.errors import GateRefused, InputError
from labeling.explain import explain_row
from labeling.export import export_labels
from labeling.project import Project
from labeling.rounds.live import certification, turn
from labeling.rounds.promotion import CertifyReport
from labeling.store import certificates, manifest
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import (
    answer,
    digest,
    gold_of,
    known,
    opened,
    shares_spent,
    small_rows,
    synced,
    write_rows,
)
from tests.snapshots import Snapshot, certified_project

ROWS = small_rows(200)
GOLD = gold_of(ROWS)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return certified_project(tmp_path_factory.mktemp("certified"), ROWS)


@pytest.fixture
def config(given: Snapshot, tmp_path: Path) -> Path:
    return given.copy_to(tmp_path)


@pytest.fixture
def queue(given: Snapshot) -> FakeQueue:
    return given.people()


@pytest.fixture
def first(given: Snapshot) -> CertifyReport:
    return given.report


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


def test_critical_items_are_never_accepted(project: Project, tmp_path: Path) -> None:
    frame = export_labels(project, tmp_path / "labels.parquet").set_index("id")
    fire = [r["id"] for r in ROWS if "smoke" in r["text"]]
    assert "certified" not in set(frame.loc[fire, "source"])
    assert set(frame.loc[fire].query("source != 'human'")["route"]) <= {"review"}


def test_what_becomes_critical_later_is_given_out_no_more(
    project: Project, config: Path, tmp_path: Path
) -> None:
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


def test_new_and_edited_rows_are_not_covered(project: Project, tmp_path: Path) -> None:
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
    project: Project, queue: FakeQueue, first: CertifyReport, tmp_path: Path, how: str
) -> None:
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
    assert f"certificate {first.number} no longer holds: 1 of the audit answers" in sync.reopened
    with pytest.raises(GateRefused):
        export_labels(project, tmp_path / "o.csv", certified=True)
    frame = export_labels(project, tmp_path / "o.csv")
    assert "certified" not in set(frame["source"].dropna())
    after = turn(project)
    assert after.certificate is None
    assert after.routes["accept"] == frame["source"].eq("human").sum()
    assert synced(project, queue).reopened is None


def test_an_edited_review_answer_voids_nothing(project: Project, queue: FakeQueue) -> None:
    reviewed = {t.task_id for t in known(project).tasks if t.lane == Lane.REVIEW}
    one = next(a for a in queue.annotations.values() if a.task_id in reviewed and a.label == "BILL")
    queue.edit(one.annotation_id, "SHIP")
    assert synced(project, queue).reopened is None


def test_every_test_spends_a_share_of_its_own_and_voiding_falls_through(
    project: Project, queue: FakeQueue, first: CertifyReport, config: Path
) -> None:
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


def test_the_same_test_is_told_again_and_spends_nothing(project: Project, first: CertifyReport) -> None:
    before, spent = digest(project), shares_spent(project)
    again = certification(project)
    assert (again.passed, again.number, again.delta_spent) == (True, first.number, 0.0)
    assert "as tested before" in again.statement
    assert again.to_dict()["accepted"] == first.to_dict()["accepted"]
    assert (digest(project), shares_spent(project)) == (before, spent)


def test_the_reason_of_a_certified_label_names_that_label(
    project: Project, queue: FakeQueue, tmp_path: Path
) -> None:
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


def test_another_floor_leaves_the_covered_scores_alone(project: Project, config: Path) -> None:
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
