"""A planned draw for one release: frozen labels, a seed that anybody can use again, a single test."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from labeling.certificates.certificate import Certificate
from labeling.certificates.draw import drawn_positions
from labeling.errors import GateRefused
from labeling.export import export_labels
from labeling.pool import load_pool
from labeling.project import Project
from labeling.rounds.certificate_page import write_certificate_page
from labeling.rounds.live import certification, turn
from labeling.rounds.promotion import CertifyReport
from labeling.store import AuditFrame, ManifestEntry, certificates, frames, manifest
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows, synced, write_project, write_rows
from tests.snapshots import Snapshot, answered_rounds

ROWS = small_rows(200)
GOLD = gold_of(ROWS)


def new_project(folder: Path) -> Path:
    return write_project(folder, ROWS, audit=40, batch=20, alpha=0.2)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A project whose model learnt a little before its labels were frozen and its audit was drawn."""
    config = new_project(tmp_path_factory.mktemp("drawn"))
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        answered_rounds(project, queue, GOLD, 2)
        report = certification(project, fresh=True)
    return Snapshot(config, queue, report)


@pytest.fixture
def config(drawn: Snapshot, tmp_path: Path) -> Path:
    return drawn.copy_to(tmp_path)


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


@pytest.fixture
def queue(drawn: Snapshot) -> FakeQueue:
    return drawn.people()


def current(project: Project) -> tuple[AuditFrame, ManifestEntry]:
    with project.store.read() as tx:
        frame = frames.current(tx)
        assert frame is not None
        entry = manifest.find(tx, frames.DRAW, str(frame.number))
    assert entry is not None
    return frame, entry


def answered(project: Project, queue: FakeQueue, lanes: tuple[Lane, ...] = (Lane.AUDIT,)) -> CertifyReport:
    """Turn the loop until the draw is answered, and test."""
    for _ in range(6):
        turn(project)
        synced(project, queue)
        answer(queue, GOLD, lanes)
        synced(project, queue)
        report = certification(project)
        if report.delta_spent:
            return report
    raise AssertionError(report.statement)


def spent_tests(project: Project, frame: AuditFrame) -> int:
    with project.store.read() as tx:
        return certificates.tests_in_frame(tx, frame.number)


def test_a_fresh_audit_freezes_the_labels_and_draws_among_the_safest(
    drawn: Snapshot, project: Project
) -> None:
    report = drawn.report
    frame, entry = current(project)
    size, region = entry.meta["size"], entry.meta["region"]
    assert not report.passed
    assert f"{size} of the {region} safest texts" in report.statement
    assert f"0 of {size} audit answers" in report.statement
    table = project.artifacts.read(entry).to_pandas()
    inside = table[table["position"] > 0].sort_values("position")
    assert inside["position"].tolist() == list(range(1, region + 1))
    assert inside["score"].is_monotonic_decreasing
    assert inside["eligible"].all()
    assert not inside["outside"].any()
    assert inside["score"].min() >= table[table["eligible"] & ~table["outside"]]["score"].min()
    places = drawn_positions(entry.meta["seed"], region, size)
    assert frame.drawn == set(inside.set_index("position").loc[places, "cluster"])


def test_former_audit_answers_are_gold_and_uniform_rows(tmp_path: Path) -> None:
    with opened(new_project(tmp_path)) as project:
        answered_rounds(project, FakeQueue(project.schema), GOLD, 2)
        with project.store.read() as tx:
            before = frames.current(tx)
        audits = {t.digest for t in known(project).tasks if t.lane == Lane.AUDIT}
        assert before is not None
        assert audits
        certification(project, fresh=True)
        retired = [t for t in known(project).tasks if t.digest in audits]
        assert {(t.lane, t.inclusion) for t in retired} == {(Lane.REVIEW, before.rate)}
        _, entry = current(project)
        table = project.artifacts.read(entry).to_pandas().set_index("digest")
    assert table.loc[list(audits), "outside"].all()


def test_the_test_is_of_the_frozen_labels_and_spends_all_of_delta(
    project: Project, queue: FakeQueue, tmp_path: Path
) -> None:
    frame, entry = current(project)
    report = answered(project, queue, (Lane.AUDIT, Lane.REVIEW))
    assert report.passed, report.statement
    told = report.to_dict()
    assert report.delta_spent == told["delta"] == 0.1
    with project.store.read() as tx:
        champion = certificates.champion(tx)
    assert champion is not None
    assert champion.round_number == entry.meta["round"]
    frozen = project.artifacts.read(entry).to_pandas().set_index("digest")
    frame_of_labels = export_labels(project, tmp_path / "labels.parquet", certified=True)
    given_out = frame_of_labels[frame_of_labels["source"] == "certified"].set_index("digest")
    assert (frozen.loc[given_out.index, "label"] == given_out["label"]).all()
    assert (frozen.loc[given_out.index, "position"] > 0).all()
    assert 0 < len(given_out) <= told["accepted"]
    wrong = (given_out["label"] != given_out["id"].map(GOLD)).sum()
    assert wrong <= 0.2 * told["population"]
    again = certification(project)
    assert (again.passed, again.delta_spent, spent_tests(project, frame)) == (True, 0.0, 1)
    assert "as tested before" in again.statement


def test_what_review_takes_is_neither_audited_nor_accepted(project: Project, queue: FakeQueue) -> None:
    _, entry = current(project)
    answered_rounds(project, queue, GOLD, 3)
    report = certification(project)
    assert report.passed, report.statement
    said = Certificate.from_dict(report.to_dict())
    assert said.draw is not None
    table = project.artifacts.read(entry).to_pandas()
    picked = table[table["digest"].isin(known(project).picked) & (table["position"] > 0)]
    assert said.draw.left == tuple(sorted(picked["position"]))
    assert len(said.draw.left) > 0
    places = drawn_positions(said.draw.seed, said.draw.region, said.draw.size)
    assert said.audited == len(set(places.tolist()) - set(said.draw.left))
    assert said.top == said.draw.region - len(said.draw.left)


def test_the_page_lets_anybody_draw_again(project: Project, queue: FakeQueue, tmp_path: Path) -> None:
    _, entry = current(project)
    report = answered(project, queue, (Lane.AUDIT, Lane.REVIEW))
    assert report.passed, report.statement
    write_certificate_page(project, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert entry.digest in page
    [lines] = re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", unescape(lines)], capture_output=True, text=True, check=True)
    positions = [int(p) for p in re.findall(r"\d+", done.stdout)]
    table = project.artifacts.read(entry).to_pandas()
    audits = {t.digest for t in known(project).tasks if t.lane == Lane.AUDIT}
    assert set(table[table["digest"].isin(audits)]["position"]) == set(positions)
    assert len(positions) == report.to_dict()["audited"]


def test_a_draw_serves_one_test_and_a_round_then_opens_a_standing_audit(
    project: Project, queue: FakeQueue
) -> None:
    frame, _ = current(project)
    first = answered(project, queue)
    assert first.passed, first.statement
    one = next(
        a
        for a in queue.annotations.values()
        if a.label == "BILL" and queue.tasks[a.task_id].digest in first_answers(project, first)
    )
    queue.edit(one.annotation_id, "SHIP")
    assert synced(project, queue).reopened is not None
    refused = certification(project)
    assert (refused.passed, refused.delta_spent) == (False, 0.0)
    assert "Run `quorum certify --fresh`" in refused.statement
    assert spent_tests(project, frame) == 1
    turn(project)
    with project.store.read() as tx:
        standing = frames.current(tx)
    assert standing is not None
    assert (standing.drawn, standing.number > frame.number, standing.rate > 0) == (None, True, True)
    retired = [t for t in known(project).tasks if t.digest in first_answers(project, first)]
    assert {(t.lane, t.inclusion) for t in retired} == {(Lane.REVIEW, None)}


def first_answers(project: Project, report: CertifyReport) -> set[str]:
    assert report.number is not None
    with project.store.read() as tx:
        test = certificates.find(tx, report.number)
    assert test is not None
    return set(test.result["answers"])


def test_what_was_promised_when_it_was_drawn_is_tested(config: Path, queue: FakeQueue) -> None:
    config.write_text(config.read_text().replace("alpha: 0.2", "alpha: 0.01"))
    with opened(config) as project:
        report = answered(project, queue)
    assert report.passed, report.statement
    assert report.to_dict()["alpha"] == 0.2


def test_a_row_that_vanished_is_still_part_of_what_was_frozen(
    project: Project, queue: FakeQueue, tmp_path: Path
) -> None:
    turn(project)
    synced(project, queue)
    ids = {t.row_id for t in known(project).open_audit[:3]}
    write_rows(tmp_path, [r for r in ROWS if r["id"] not in ids])
    for _ in range(4):
        turn(project)
        synced(project, queue)
        answer(queue, GOLD, (Lane.AUDIT,))
        synced(project, queue)
    report = certification(project)
    assert report.delta_spent == 0.0
    assert report.audit["open"] == 3
    assert "3 of the open ones are gone from the data" in report.statement


def test_what_is_set_aside_later_leaves_the_draw(config: Path, queue: FakeQueue) -> None:
    config.write_text(config.read_text() + "dev: {share: 0.2}\n")
    with opened(config) as project:
        report = answered(project, queue)
        dev = set(load_pool(project).items.digests[load_pool(project).dev])
        _, entry = current(project)
        table = project.artifacts.read(entry).to_pandas()
    assert report.passed, report.statement
    aside = table[table["digest"].isin(dev) & (table["position"] > 0)]["position"]
    assert len(aside) > 0
    assert set(aside) <= set(report.to_dict()["draw"]["left"])


def test_changed_classes_are_refused(config: Path, queue: FakeQueue) -> None:
    with opened(config) as project:
        turn(project)
        synced(project, queue)
        for _ in range(3):
            answer(queue, GOLD, (Lane.AUDIT,))
            synced(project, queue)
            turn(project)
            synced(project, queue)
    config.write_text(config.read_text().replace("  - name: SHIP\n", "  - name: SHIP\n  - name: MORE\n"))
    with opened(config) as project, pytest.raises(GateRefused, match="classes changed since the audit"):
        certification(project)


def test_groups_keep_a_standing_audit(tmp_path: Path) -> None:
    path = new_project(tmp_path)
    path.write_text(path.read_text().replace("critical_floor", "groups: {by: class}, critical_floor"))
    with opened(path) as project:
        report = certification(project, fresh=True)
        with project.store.read() as tx:
            frame = frames.current(tx)
    assert "a new standing audit was drawn" in report.statement
    assert frame is not None
    assert frame.drawn is None
