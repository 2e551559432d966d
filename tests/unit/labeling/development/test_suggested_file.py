"""The file of suggested functions: nothing is lost, nothing half written, nothing there twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.development import suggested
from labeling.development.suggested import (
    LEASE,
    add_suggested,
    is_configured,
    read_suggested,
    suggested_source,
)
from labeling.errors import InputError, QuorumError, Unavailable
from labeling.project import Project
from labeling.store import lease
from lfs import keyword
from tests.projects import opened, small_rows, write_project

MINE = """\
# These are mine.
functions:
- name: "mine"   # and good
  regex:
    {label: SHIP, pattern: 'parcel\\w*', case: false}

  provenance: {by: me, note: "yes"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(write_project(tmp_path, small_rows(20))) as found:
        yield found


def a_rule(name: str, *words: str, by: str = "a-model") -> dict[str, Any]:
    return {"name": name, "keyword": {"label": "SHIP", "words": list(words)}, "provenance": {"by": by}}


def file_of(project: Project) -> Path:
    return project.config.root / "lfs" / "small_suggested.yaml"


def test_a_file_is_made_with_what_it_needs(project: Project) -> None:
    assert suggested_source(project) == "lfs/small_suggested.yaml"
    assert read_suggested(project) == ()
    add_suggested(project, [a_rule("a", "parcel", "where is")])
    [function] = read_suggested(project)
    assert function.name == "a"
    assert function.fingerprint == keyword("parcel", "where is", label="SHIP").fingerprint
    assert file_of(project).read_text("utf-8").startswith("# Functions that were proposed")


def test_what_is_there_stays_as_it_is(project: Project) -> None:
    file_of(project).parent.mkdir()
    file_of(project).write_text(MINE, encoding="utf-8")
    before = read_suggested(project)
    add_suggested(project, [a_rule("a", "x")])
    add_suggested(project, [a_rule("b", "y"), a_rule("c", "z")])
    text = file_of(project).read_text("utf-8")
    assert [f.name for f in read_suggested(project)] == ["mine", "a", "b", "c"]
    assert read_suggested(project)[0].fingerprint == before[0].fingerprint
    for kept in ("# These are mine.", "# and good", r"pattern: 'parcel\w*'", 'note: "yes"', '"mine"'):
        assert kept in text


def test_records_are_read_back_as_they_were_written(project: Project) -> None:
    shared = {"judged": 3, "interval": [0.5, 1.0]}
    rules = [
        {**a_rule(name, name), "provenance": {"by": "m", "gold": shared, "at": "2026-01-31"}} for name in "ab"
    ]
    add_suggested(project, rules)
    assert "&" not in file_of(project).read_text("utf-8")
    assert len(read_suggested(project)) == 2


def test_a_broken_file_is_left_alone(project: Project) -> None:
    file_of(project).parent.mkdir()
    file_of(project).write_text("functions:\n  - name: [\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"small_suggested\.yaml:3?"):
        add_suggested(project, [a_rule("a", "x")])
    assert file_of(project).read_text("utf-8") == "functions:\n  - name: [\n"


@pytest.mark.parametrize("added", [[a_rule("mine", "x")], [a_rule("a", "x"), a_rule("a", "y")]])
def test_a_name_that_is_there_is_not_added(project: Project, added: list[dict[str, Any]]) -> None:
    file_of(project).parent.mkdir()
    file_of(project).write_text(MINE, encoding="utf-8")
    with pytest.raises(InputError, match="expected a name of its own"):
        add_suggested(project, added)
    assert file_of(project).read_text("utf-8") == MINE


def test_what_would_not_be_read_is_not_written(project: Project) -> None:
    with pytest.raises(InputError, match="expected one of BILL, SHIP, FIRE"):
        add_suggested(project, [{"name": "a", "keyword": {"label": "NONE", "words": ["x"]}}])
    assert not file_of(project).exists()


def test_a_process_that_dies_while_writing_leaves_the_old_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_suggested(project, [a_rule("a", "x")])
    before = file_of(project).read_bytes()

    def dies(descriptor: int) -> None:
        raise OSError("no power")

    monkeypatch.setattr(os, "fsync", dies)
    with pytest.raises(OSError, match="no power"):
        add_suggested(project, [a_rule("b", "y")])
    assert file_of(project).read_bytes() == before


def test_an_edit_meanwhile_is_not_overwritten(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    add_suggested(project, [a_rule("a", "x")])
    edited = file_of(project).read_text("utf-8") + "# an edit\n"
    check = suggested._check

    def edits(*arguments: Any) -> None:
        file_of(project).write_text(edited, encoding="utf-8")
        check(*arguments)

    monkeypatch.setattr(suggested, "_check", edits)
    with pytest.raises(Unavailable, match="somebody edited it meanwhile"):
        add_suggested(project, [a_rule("b", "y")])
    assert file_of(project).read_text("utf-8") == edited


def test_two_processes_write_one_after_the_other(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggested, "WAIT_SECONDS", 0.0)
    with lease.acquire(project.store, LEASE), pytest.raises(Unavailable, match="suggested functions"):
        add_suggested(project, [a_rule("a", "x")])
    assert not file_of(project).exists()


def test_functions_that_change_on_the_way_are_noticed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_suggested(project, [a_rule("a", "x")])
    before = file_of(project).read_bytes()
    monkeypatch.setattr(suggested, "_appended", lambda *_: before.replace(b'- "x"', b'- "y"'))
    with pytest.raises(QuorumError, match="without a change to others"):
        add_suggested(project, [])
    assert file_of(project).read_bytes() == before


def test_a_config_that_names_the_file_is_known(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(20))
    with opened(config) as project:
        assert not is_configured(project)
    text = config.read_text("utf-8")
    config.write_text(
        text.replace("voters:\n", "voters:\n  - functions: ./lfs/small_suggested.yaml\n"), "utf-8"
    )
    with opened(config) as project:
        assert is_configured(project)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=3), WORDS)
def test_any_functions_come_back(project: Project, words: list[list[str]], by: str) -> None:
    file_of(project).unlink(missing_ok=True)
    for i, some in enumerate(words):
        add_suggested(project, [a_rule(f"f{i}", *some, by=by)])
    found = [f.fingerprint for f in read_suggested(project)]
    assert found == [keyword(*some, label="SHIP").fingerprint for some in words]
