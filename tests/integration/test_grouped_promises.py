"""Promises for groups in a project: told before people start, tested, exported, shown on the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labeling.errors import InputError
from labeling.explain import explain_row
from labeling.export import export_labels
from labeling.project import Project
from labeling.rounds.certificate_page import write_certificate_page
from labeling.rounds.live import certification, turn
from labeling.rounds.promotion import CertifyReport
from labeling.store import frames, rounds
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, opened, small_rows, synced, write_project

ROWS = small_rows(240)
GOLD = gold_of(ROWS)


def write(folder: Path, by: str, promise: str = "dataset", more: str = "") -> Path:
    config = write_project(folder, ROWS, audit=70, batch=40, alpha=0.2, more=more)
    text = config.read_text(encoding="utf-8")
    groups = f"promise: {promise}, groups: {{by: {by}, most: 2}}, critical_floor"
    config.write_text(text.replace("critical_floor", groups), encoding="utf-8")
    with opened(config) as project, project.store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
    return config


def certified(project: Project, queue: FakeQueue) -> CertifyReport:
    lanes: tuple[Lane, ...] = tuple(Lane)
    for _ in range(8):
        turn(project)
        synced(project, queue)
        answer(queue, GOLD, lanes)
        lanes = (Lane.AUDIT,)
        synced(project, queue)
        report = certification(project)
        if report.delta_spent:
            return report
    raise AssertionError(report.statement)


def test_classes_have_promises_of_their_own(tmp_path: Path) -> None:
    with opened(write(tmp_path, "class")) as project:
        outlook = turn(project).plan
        assert outlook.startswith(
            "a promise for each of 2 by class, each with 1/2 of delta, the rest to people."
        )
        assert "class BILL: with " in outlook
        assert "class SHIP: with " in outlook
        assert "FIRE" not in outlook
        report = certified(project, FakeQueue(project.schema))
        assert report.passed, report.statement
        told = report.to_dict()
        assert json.loads(json.dumps(told))["groups"] == told["groups"]
        tested = {part["group"] for part in told["groups"]} | set(told["refused"])
        assert tested == {"class BILL", "class SHIP"}
        assert told["accepted"] == sum(part["accepted"] for part in told["groups"])

        frame = export_labels(project, tmp_path / "labels.csv")
        machine = frame[frame["source"] == "certified"]
        for part in told["groups"]:
            given = machine[machine["label"] == part["group"].removeprefix("class ")]
            assert len(given) == part["accepted"] > 0
            wrong = (given["label"] != given["id"].map(GOLD)).sum()
            assert wrong <= 0.2 * part["population"]
        write_certificate_page(project, tmp_path / "page.html")
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert all(f"The arithmetic of {part['group']}" in page for part in told["groups"])
        assert turn(project).certificate is not None
        with project.store.read() as tx:
            latest = rounds.latest(tx)
        assert latest is not None
        assert set(latest.summary["doubts"]) == {"BILL", "SHIP", "FIRE"}
        assert all(doubt > 0 for doubt in latest.summary["doubts"].values())


def test_slices_have_promises_of_their_own_and_other_texts_are_for_people(tmp_path: Path) -> None:
    slices = (
        "slices: {bills: {where: \"'refund' in text or 'invoice' in text\"}, "
        "smoke: {where: \"'smoke' in text\", critical: true}}"
    )
    with opened(write(tmp_path, "slice", "selective", slices)) as project:
        report = certified(project, FakeQueue(project.schema))
        assert report.passed, report.statement
        [part] = report.to_dict()["groups"]
        assert (part["group"], part["sharing"]) == ("slice bills", 1)
        frame = export_labels(project, tmp_path / "labels.csv")
        inside = {r["id"] for r in ROWS if "refund" in r["text"] or "invoice" in r["text"]}
        machine = frame[frame["source"] == "certified"]
        assert set(machine["id"]) <= inside
        others = frame[~frame["id"].isin(inside) & (frame["source"] != "human")]
        assert set(others["route"]) <= {"review", "hold"}
        assert "of slice bills" in report.statement
        one = machine["id"].iloc[0]
        assert explain_row(project, one).route == "accept"


def test_slices_without_any_that_machines_may_label_are_refused(tmp_path: Path) -> None:
    for slices in ("", "slices: {s: {where: \"'a' in text\", critical: true}}"):
        with pytest.raises(InputError, match="expected a slice that is not critical"):
            write(tmp_path, "slice", more=slices)
