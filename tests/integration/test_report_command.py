"""`quorum report` on a project with a certificate, hostile names, an edited function and held-out rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.project import Project
from labeling.releases.contents import present_contents
from labeling.releases.publication import publish
from labeling.rounds.live import LEASE, certification, turn
from labeling.store import frames, lease
from tests.fakes import FakeQueue
from tests.pages import Reader
from tests.projects import (
    FUNCTIONS,
    answer,
    gold_of,
    opened,
    small_rows,
    synced,
    write_project,
)

VOTER = "lf_<script>alert(1)</script>\u202e"
SLICE = "<img src=x onerror=alert(2)>"
MORE = f"""
test: {{path: held_out.jsonl, column: label}}
people: {{cost_per_hour: 30}}
slices:
  "{SLICE}": {{where: "text != 'lamp'"}}
"""
ROWS = [{**row, VOTER: row["label"]} if i % 10 < 3 else row for i, row in enumerate(small_rows(200))]
HELD_OUT = [{**row, "id": f"t{i}"} for i, row in enumerate(small_rows(260)[190:])]
SECTIONS = (
    *("funnel", "certificate", "voters", "learning", "quality", "spending"),
    *("agreement", "test", "reliability", "flips", "slices"),
)


def rounds_of_answers(project: Project, queue: FakeQueue, rounds: int) -> None:
    for _ in range(rounds):
        turn(project)
        synced(project, queue)
        answer(queue, gold_of(ROWS))
        synced(project, queue)


def write_held_out(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "held_out.jsonl").write_text(lines, encoding="utf-8")


def write_certified(folder: Path) -> Path:
    """Make a project with two releases, the first one certified, and a function that was edited."""
    config = write_project(
        folder,
        ROWS,
        functions=FUNCTIONS.replace('or "invoice" in item.text ', ""),
        audit=40,
        batch=40,
        alpha=0.2,
        more=MORE,
    )
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("voters:\n", 'voters:\n  - columns: ["lf_*"]\n'), encoding="utf-8")
    write_held_out(folder, HELD_OUT)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        with project.store.write() as tx:
            frames.open_frame(tx, "salt", 0.1)
        turn(project)
        (folder / "functions.py").write_text(FUNCTIONS, encoding="utf-8")
        rounds_of_answers(project, queue, 2)
        assert certification(project).passed
        rounds_of_answers(project, queue, 1)
        with lease.acquire(project.store, LEASE, wait=1) as held:
            publish(project, held, present_contents(project))
    return config


def reported(config: Path) -> tuple[dict[str, Any], str]:
    out = config.parent / "out" / "report.html"
    done = CliRunner().invoke(main, ["report", str(config), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certified(tmp_path_factory.mktemp("reported"))


@pytest.fixture(scope="module")
def written(certified: Path) -> tuple[dict[str, Any], str]:
    return reported(certified)


@pytest.fixture(scope="module")
def told(written: tuple[dict[str, Any], str]) -> dict[str, Any]:
    return written[0]


@pytest.fixture(scope="module")
def page(written: tuple[dict[str, Any], str]) -> Reader:
    return Reader(written[1])


def test_the_funnel_counts_rows(told: dict[str, Any]) -> None:
    stages = {stage["name"]: stage["rows"] for stage in told["funnel"]["stages"]}
    assert stages["rows"] == 200
    assert stages["rows"] > stages["covered"] > stages["accepted"] > 0
    assert stages["gold"] > 60
    assert stages["accepted"] + stages["gold"] <= 200


def test_the_certificate_is_told_with_its_tests(told: dict[str, Any]) -> None:
    found = told["certificate"]
    assert found["promise"].startswith("At most 20 % of these ")
    assert [(t["number"], t["passed"], t["ended"]) for t in found["tests"]] == [(1, True, None)]
    assert found["tests"][0]["accepted"] == found["certificate"]["accepted"]


def test_the_edit_of_a_function_is_told(told: dict[str, Any]) -> None:
    [report] = told["voters"]["last_edits"]
    [edit] = report["voters"]
    assert edit["name"] == "money"
    assert (edit["lost"], edit["flipped"]) == (0, 0)
    assert edit["gained"] == sum("invoice" in row["text"] for row in ROWS)
    assert [e["edited"] for e in told["voters"]["edits"]] == [["money"]]


def test_held_out_rows_are_scored_and_those_among_the_data_left_out(told: dict[str, Any]) -> None:
    found = told["test"]
    assert (found["items"], found["among_data"], found["unlabelled"]) == (60, 10, 0)
    assert found["accuracy"]["among"] == 60
    assert found["accuracy"]["value"] > 0.8
    assert found["accuracy"]["low"] < found["accuracy"]["value"] <= found["accuracy"]["high"]
    assert sum(map(sum, found["confusion"])) == 60
    assert {c["name"]: c["items"] for c in found["classes"]} == {"BILL": 30, "SHIP": 24, "FIRE": 6}
    assert found["silent"] == [VOTER]


def test_nothing_learns_from_held_out_labels(certified: Path, told: dict[str, Any]) -> None:
    write_held_out(certified.parent, [{**row, "label": "BILL"} for row in HELD_OUT])
    again, _ = reported(certified)
    write_held_out(certified.parent, HELD_OUT)
    [all_bill, *others] = again["test"]["confusion"]
    assert all_bill == [sum(column) for column in zip(*told["test"]["confusion"], strict=True)]
    assert not any(map(any, others))


def test_flips_slices_agreement_and_curve_are_told(told: dict[str, Any]) -> None:
    assert [release["number"] for release in told["flips"]["releases"]] == [1, 2]
    assert (told["flips"]["before"], told["flips"]["after"]) == (1, 2)
    everything, chosen = told["slices"]["lines"]
    assert (chosen["name"], chosen["items"]) == (SLICE, 200)
    assert everything["answered"] > 60
    assert everything["right"]["among"] == 200 - everything["answered"]
    assert told["agreement"]["people"] == 1
    assert "pairs" not in told["agreement"]["agreement"]
    assert len(told["learning"]["turns"]) >= 4
    assert "no language model votes here" in told["spending"]["absent"]


def test_every_section_is_there_and_reached_by_a_link(page: Reader) -> None:
    assert tuple(part["id"] for part in page.named("section")) == SECTIONS
    links = [link["href"] for link in page.named("a")]
    assert links == ["#main", *(f"#{name}" for name in SECTIONS)]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_is_loaded_and_no_script_runs(written: tuple[dict[str, Any], str], page: Reader) -> None:
    assert not page.named("script")
    assert not page.named("link")
    assert not page.named("img")
    for _, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "url(http" not in written[1]
    [policy] = [m for m in page.named("meta") if m.get("http-equiv")]
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_hostile_names_are_shown_as_text(written: tuple[dict[str, Any], str], page: Reader) -> None:
    assert "\u202e" not in written[1]
    assert "lf_<script>alert(1)</script>\ufffd" in page.said
    assert SLICE in page.said


def test_tables_and_pictures_are_told_in_words(page: Reader) -> None:
    assert len(page.named("caption")) == len(page.named("table")) > 10
    assert all(cell.get("scope") in {"col", "row"} for cell in page.named("th"))
    assert len(page.named("figure")) == len(page.named("svg")) == 3
    assert all(figure["aria-label"] for figure in page.named("figure"))


def test_before_the_first_round_each_section_says_what_fills_it(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(20), gold="")
    told, page = reported(config)
    absent = {
        name: part["absent"] for name, part in told.items() if isinstance(part, dict) and "absent" in part
    }
    assert set(absent) == {"certificate", "learning", "spending", "agreement", "test", "flips", "slices"}
    assert "`quorum run`" in absent["learning"]
    assert [stage["rows"] for stage in told["funnel"]["stages"]][2:] == [0, 0, 0]
    assert Reader(page).named("section")[0]["id"] == "funnel"
    done = CliRunner().invoke(main, ["report", str(config), "--out", str(tmp_path / "again.html")])
    assert "flips: no release yet" in done.output
