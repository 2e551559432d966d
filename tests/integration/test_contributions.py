"""What a person, a voter's version or a language model contributed goes, and labels follow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.erasure.contributions import remove_annotator, remove_model, remove_voter
from labeling.errors import InputError
from labeling.project import Desk, Project
from labeling.relabel.job import relabel
from labeling.releases.publication import read_contents
from labeling.rounds.live import certification, turn
from labeling.store import certificates, llm_calls, llm_votes, manifest, releases, voters
from labeling.store.llm_votes import StoredVote
from labeling.types import Outcome, Reading
from tests.fakes import FakeQueue
from tests.projects import FUNCTIONS, answer, gold_of, known, opened, small_rows, synced
from tests.projects import write_python_project as write_project

ROWS = small_rows(60)
GOLD = gold_of(ROWS)
BOB = "bob@example.com"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_project(tmp_path, ROWS, audit=10, batch=20, alpha=0.45)


@contextmanager
def at_desk(config: Path, queue: FakeQueue) -> Iterator[Project]:
    with opened(config) as project:
        yield replace(project, connect=lambda: nullcontext(Desk(queue, "nowhere")))


def certified(config: Path) -> FakeQueue:
    """Answer until there is a certificate; Bob answers one task of the audit and one of review."""
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        for _ in range(5):
            turn(project)
            synced(project, queue)
            for task_id in sorted(queue.open_ids())[:1]:
                queue.answer(task_id, GOLD[queue.tasks[task_id].row_id], annotator=BOB)
            answer(queue, GOLD)
            synced(project, queue)
            if certification(project).passed:
                return queue
    raise AssertionError("there is no certificate")


def champion(config: Path) -> int | None:
    with opened(config) as project, project.store.read() as tx:
        found = certificates.champion(tx)
    return found.number if found else None


def test_a_persons_answers_go_and_what_rests_on_them(config: Path) -> None:
    queue = certified(config)
    assert champion(config) == 1
    with at_desk(config, queue) as project:
        before = {d for d, a in known(project).given if a.annotator == BOB}
        audited = set(read_audit(project))
        report = remove_annotator(project, BOB)
        assert report.answers >= len(before) > 0
        assert (report.certificates == (1,)) == bool(before & audited)
        assert not any(a.annotator == BOB for _, a in known(project).given)
        assert report.release == 2
        held = read_contents(project, 2)
    assert BOB not in held.made_of["people"]
    assert BOB not in str(held.labels["annotators"].to_pylist())
    assert not any(a.annotator == BOB for a in queue.annotations.values())
    with at_desk(config, queue) as project:
        relabel(project)
        assert not any(a.annotator == BOB for _, a in known(project).given)
        with pytest.raises(InputError, match="nobody of the name"):
            remove_annotator(project, BOB)


def read_audit(project: Project) -> list[str]:
    with project.store.read() as tx:
        test = certificates.find(tx, 1)
    assert test is not None
    return list(test.result["answers"])


def test_votes_of_an_earlier_version_go_with_the_certificate(config: Path) -> None:
    certified(config)
    with opened(config) as project, pytest.raises(InputError, match="courier votes now"):
        remove_voter(project, "courier")
    (config.parent / "functions.py").write_text(FUNCTIONS.replace('"courier"', '"lamp"'), encoding="utf-8")
    with opened(config) as project:
        turn(project)
        with project.store.read() as tx:
            columns = len(manifest.entries(tx, "votes"))
        report = remove_voter(project, "courier")
        assert (report.columns, report.certificates) == (1, (1,))
        with project.store.read() as tx:
            assert len(manifest.entries(tx, "votes")) == columns - 1
            fallen = certificates.find(tx, 1)
            last = releases.latest(tx)
    assert fallen is not None
    assert fallen.void_reason == "its labels were made with votes of courier, which were removed"
    assert champion(config) is None
    assert last is not None
    assert (last.number, report.release, last.test_number) == (2, 2, None)
    with opened(config) as project, pytest.raises(InputError, match=r"'curier' never voted.*courier"):
        remove_voter(project, "curier")


def test_one_version_is_named_by_its_first_characters(config: Path) -> None:
    for word in ("lost", "lamp", "bulb"):
        (config.parent / "functions.py").write_text(
            FUNCTIONS.replace('"courier"', f'"{word}"'), encoding="utf-8"
        )
        with opened(config) as project:
            turn(project)
    with opened(config) as project:
        with project.store.read() as tx:
            keys = {e.key.rpartition("/")[2] for e in manifest.entries(tx, "votes")}
        old = next(v for v in sorted(keys) if removable(project, v))
        assert remove_voter(project, f"courier@{old[:10]}").columns == 1
        with project.store.read() as tx:
            left = {e.key.rpartition("/")[2] for e in manifest.entries(tx, "votes")}
    assert left == keys - {old}


def removable(project: Project, version: str) -> bool:
    with project.store.read() as tx:
        last = voters.latest(tx)
        courier = {v for name, v in voters.all_versions(tx) if name == "courier"}
    assert last is not None
    return version in courier and version != last.versions["courier"]


def test_what_a_model_said_goes_and_its_bill_stays(config: Path) -> None:
    with opened(config) as project:
        turn(project)
        with project.store.write() as tx:
            call = llm_calls.CallIntent(1, "version", "item", 0, "request", "old-model", 0.5)
            llm_calls.intend(tx, [call])
            reading = Reading(Outcome.VOTE, label="BILL")
            llm_votes.put(tx, [StoredVote("version", "item", reading, 1, 1)])
            before = llm_calls.spent(tx, "old-model")
        report = remove_model(project, "old-model")
        assert (report.readings, report.calls) == (1, 1)
        with project.store.read() as tx:
            assert len(llm_votes.readings(tx, "version")) == 0
            assert llm_calls.spent(tx, "old-model") == before > 0
        with pytest.raises(InputError, match="was never asked"):
            remove_model(project, "other-model")


def test_the_command_takes_one_of_them(config: Path) -> None:
    run = CliRunner()
    assert run.invoke(main, ["forget", str(config), "--annotator", "nobody"]).exit_code == 2
    both = run.invoke(main, ["forget", str(config), "r1", "--voter", "courier"])
    assert (both.exit_code, "Expected one of" in both.stderr) == (2, True)
    assert run.invoke(main, ["votes", str(config)]).exit_code == 0
    (config.parent / "functions.py").write_text(FUNCTIONS.replace('"courier"', '"lamp"'), encoding="utf-8")
    told = run.invoke(main, ["forget", str(config), "--voter", "courier", "--json"])
    assert json.loads(told.stdout)["columns"] == 1, told.output
