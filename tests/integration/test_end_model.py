"""The end model: trained on a release, measured, read by the folder's own loader, scoring new texts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.end_model.export import export_model
from labeling.end_model.folder import read_model
from labeling.errors import GateRefused, InputError
from labeling.project import Project
from labeling.releases.contents import present_contents
from labeling.releases.publication import publish, read_contents
from labeling.rounds.live import LEASE, certification, turn
from labeling.store import lease
from tests.fakes import FakeQueue
from tests.projects import FUNCTIONS, answer, gold_of, opened, small_rows, synced, write_project, write_rows

ROWS = small_rows(120)
PAGE = (Path(__file__).parents[2] / "docs" / "end-model.md").read_text(encoding="utf-8")
NEW = ["refund the broken lamp", "parcel with the wrong bulb", "smoke from the lamp", "hello"]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a release whose labels come from people and a certificate."""
    path = write_project(tmp_path_factory.mktemp("taught"), ROWS, audit=24, batch=30, alpha=0.3)
    with opened(path) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        answer(queue, gold_of(ROWS))
        synced(project, queue)
        assert certification(project).passed
    return path


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


@pytest.fixture(scope="module")
def model(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("given") / "model"
    done = CliRunner().invoke(main, ["export", str(config), "--model", str(folder), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["model"]["folder"] == str(folder)
    return folder


def about(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "model.json").read_text(encoding="utf-8")))


def test_what_it_learnt_from_is_told(model: Path, project: Project) -> None:
    told, release = about(model), read_contents(project, 1)
    sources = release.made_of["labels"]
    apart = told["trained_on"]["kept_apart"]
    assert apart > 0, "the audit's answers teach nothing"
    assert told["trained_on"]["sources"] == {
        "certified": sources["certified"],
        "human": sources["human"] - apart,
    }
    assert told["release"]["number"] == told["release"]["certificate"] == 1
    assert told["release"]["identity"] == release.identity
    assert (told["classes"], told["unseen"]) == (["BILL", "SHIP", "FIRE"], [])
    held_out = told["held_out"]
    assert held_out["how"] == "cross-validation"
    assert (held_out["n"], held_out["stands_for"]) == (sources["human"], 1)
    assert held_out["accuracy"] > 0.8


def test_the_documented_loader_needs_none_of_our_code(model: Path) -> None:
    [source] = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    asked = f"""
import json, sys
for name in ("labeling", "active", "lfs"):
    sys.modules[name] = None
{source}
print(json.dumps([classes, predict_proba({NEW!r}).tolist()]))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", asked], cwd=model.parent, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    ours = read_model(model)
    assert json.loads(done.stdout) == [ours.classes, ours.predict(NEW).tolist()]


def test_scores_on_the_command_line(model: Path, tmp_path: Path) -> None:
    run = CliRunner()
    lines = run.invoke(main, ["score", str(model), "-"], input="\n".join(NEW))
    assert lines.exit_code == 0, lines.output
    scored = [json.loads(line) for line in lines.stdout.splitlines()]
    assert [line["label"] for line in scored[:2]] == ["BILL", "SHIP"]
    expected = read_model(model).predict(NEW).tolist()
    assert [[line[f"p:{name}"] for name in ("BILL", "SHIP", "FIRE")] for line in scored] == expected
    new, out = tmp_path / "new.jsonl", tmp_path / "scores.csv"
    new.write_text("".join(json.dumps({"id": f"n{i}", "text": text}) + "\n" for i, text in enumerate(NEW)))
    filed = run.invoke(main, ["score", str(model), str(new), "--out", str(out), "--json"])
    assert json.loads(filed.stdout)["texts"] == 4
    assert [line.split(",")[:2] for line in out.read_text().splitlines()[1:3]] == [
        ["n0", "BILL"],
        ["n1", "SHIP"],
    ]
    assert run.invoke(main, ["score", str(model), str(new), "--json"]).exit_code == 2
    refused = run.invoke(main, ["score", str(tmp_path), "-"], input="x")
    assert refused.exit_code == 2
    assert "no model.json" in refused.stderr


def test_the_held_out_file_is_measured_without_what_was_learnt(config: Path, tmp_path: Path) -> None:
    test = small_rows(320)[100:]
    path = config.with_name("tested.yaml")
    path.write_text(config.read_text() + "test: {path: test.jsonl, column: label}\n")
    (config.parent / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in test))
    with opened(path) as project:
        told = export_model(project, tmp_path / "model")
    held_out = told["held_out"]
    assert held_out["how"] == "test"
    assert 200 <= held_out["n"] < 220
    assert held_out["stands_for"] == pytest.approx(held_out["n"] / 220, abs=1e-6)
    assert any("were left out: the model learnt them" in remark for remark in told["remarks"])


def test_words_for_people(config: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "model", tmp_path / "labels.csv"
    given = ["export", str(config), "--out", str(out), "--model", str(folder), "--certified"]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0, done.output
    assert f"rows to {out}" in done.stdout
    assert "texts of release 1" in done.stdout
    assert "out of fold on people's labels" in done.stdout
    assert about(folder)["release"]["certificate"] == 1


def test_rows_without_a_text_column(tmp_path: Path) -> None:
    path = write_project(
        tmp_path / "project",
        ROWS[:40],
        gold="gold: {column: label, use: seed}",
        more="learner: {fields: [text]}",
    )
    columns = "{path: data.jsonl, id: id, text: null, fields: [text, plan], private: [plan]}"
    path.write_text(path.read_text().replace("{path: data.jsonl, id: id, text: text}", columns))
    write_rows(path.parent, [{**row, "plan": "gold"} for row in ROWS[:40]])
    (path.parent / "functions.py").write_text(FUNCTIONS.replace("item.text", 'item["text"]'))
    with opened(path) as project:
        turn(project)
        with lease.acquire(project.store, LEASE) as held:
            publish(project, held, present_contents(project))
        told = export_model(project, tmp_path / "model")
    assert (told["text"], told["fields"]) == ("row_text", ["text"])
    assert told["trained_on"]["sources"] == {"known": 40}
    assert told["remarks"] == []
    new = json.dumps({"id": 5, "text": "refund the lamp", "plan": "never seen"})
    done = CliRunner().invoke(main, ["score", str(tmp_path / "model"), "-", "--as", "jsonl"], input=new)
    assert done.exit_code == 0, done.output
    expected = read_model(tmp_path / "model").predict(["text: refund the lamp"])[0].tolist()
    found = json.loads(done.stdout)
    assert [found["id"], found["label"], found["p:BILL"]] == [5, "BILL", expected[0]]


def test_rows_that_are_gone_are_told(config: Path, project: Project, tmp_path: Path) -> None:
    write_rows(config.parent, ROWS[10:])
    try:
        told = export_model(project, tmp_path / "model", "1")
    finally:
        write_rows(config.parent, ROWS)
    assert told["trained_on"]["gone"] == 10
    assert "10 texts of the release are no longer among the data" in told["remarks"]


def test_without_labels_of_two_classes_there_is_no_model(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    with opened(write_project(tmp_path / "project", ROWS[:40], audit=5)) as project:
        with pytest.raises(InputError, match="release current: there is none yet"):
            export_model(project, folder)
        turn(project)
        with lease.acquire(project.store, LEASE) as held:
            publish(project, held, present_contents(project))
        with pytest.raises(GateRefused, match="release 1 teaches no label, and a model needs two classes"):
            export_model(project, folder)
        with pytest.raises(GateRefused, match="it was made without a certificate"):
            export_model(project, folder, certified=True)
    assert not folder.exists()
    run = CliRunner().invoke(main, ["export", str(tmp_path / "project" / "small.yaml")])
    assert run.exit_code == 2
    assert "--model DIR" in run.stderr
