"""Which versions are compared after an edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labeling.development.versions import VersionPair, edits, last_change
from labeling.store import Store, open_store, voters


@dataclass
class StateOnly:
    """As much of a project as versions need."""

    store: Store

    def applied(self, **versions: str) -> dict[str, str]:
        with self.store.write() as tx:
            voters.record_versions(tx, versions.items())
        return versions


@pytest.fixture
def project(tmp_path: Path) -> Iterator[StateOnly]:
    store = open_store(f"sqlite:///{tmp_path}/state.db")
    yield StateOnly(store)
    store.close()


def test_before_and_after_the_first_application_there_is_no_change(project: StateOnly) -> None:
    assert last_change(project, {}) == []
    assert edits(project, {"links": "a"}, ["links"]) == []
    present = project.applied(links="a")
    assert last_change(project, present) == []
    assert edits(project, present, ["links"]) == []


def test_an_edit_is_the_last_change_until_the_next(project: StateOnly) -> None:
    project.applied(links="a", love="x")
    present = project.applied(links="b", love="x")
    assert last_change(project, present) == [VersionPair("links", "a", "b")]
    project.applied(**present)
    assert last_change(project, present) == [VersionPair("links", "a", "b")]
    present = project.applied(links="b", love="y")
    assert last_change(project, present) == [VersionPair("love", "x", "y")]
    assert edits(project, present, ["links", "love"]) == [
        VersionPair("links", "a", "b"),
        VersionPair("love", "x", "y"),
    ]


def test_functions_that_come_and_go_are_changes(project: StateOnly) -> None:
    project.applied(links="a", love="x")
    present = project.applied(love="x", song="z")
    assert last_change(project, present) == [VersionPair("song", None, "z"), VersionPair("links", "a", None)]
    assert edits(project, present, ["song"]) == []


def test_recorded_columns_have_no_versions(project: StateOnly) -> None:
    project.applied(links="a")
    present = project.applied(links="b") | {"recorded": "r"}
    assert last_change(project, present) == [VersionPair("links", "a", "b")]
    assert edits(project, present, ["recorded"]) == []


def test_changes_come_in_the_order_of_the_voters(project: StateOnly) -> None:
    project.applied(a="1", b="1", c="1")
    project.applied(a="2", b="2", c="1")
    found = last_change(project, {"c": "1", "b": "2", "a": "2"})
    assert [pair.name for pair in found] == ["b", "a"]


def test_taking_an_edit_back_is_an_edit(project: StateOnly) -> None:
    project.applied(links="a")
    project.applied(links="b")
    present = project.applied(links="a")
    assert last_change(project, present) == [VersionPair("links", "b", "a")]
    assert edits(project, present, ["links"]) == [VersionPair("links", "b", "a")]
