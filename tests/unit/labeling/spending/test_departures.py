from __future__ import annotations

from pathlib import Path

import pytest

from labeling.spending import departures
from labeling.spending.departures import Departures, stayed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db-sent"


def noted(path: Path, first: int, *calls: int) -> Path:
    with Departures(path, first) as notes:
        for call in calls:
            notes.note(call)
    return path


def test_what_was_not_noted_never_left(path: Path) -> None:
    noted(path, 10, 10, 12, 12)
    assert stayed(path, [10, 11, 12, 13]) == [11, 13]
    assert stayed(path, []) == []


def test_calls_older_than_the_process_are_not_known(path: Path) -> None:
    assert stayed(noted(path, 10), [8, 9, 10]) == [10]


def test_a_new_run_begins_a_new_file(path: Path) -> None:
    noted(path, 1, 1, 2)
    assert stayed(noted(path, 3, 4), [1, 2, 3, 4]) == [3]


def test_nothing_is_known_without_a_file(path: Path) -> None:
    assert stayed(None, [1]) == stayed(path, [1]) == []
    with Departures(None, 1) as notes:
        notes.note(1)


def test_nothing_is_known_after_the_machine_was_started_anew(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(path, 1, 1)
    other = tmp_path / "boot"
    other.write_text("another")
    monkeypatch.setattr(departures, "BOOT", other)
    assert stayed(path, [1, 2]) == []


def test_nothing_is_known_where_the_machine_does_not_tell_its_start(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "BOOT", tmp_path / "no such file")
    written = noted(path, 1, 1)
    monkeypatch.setattr(departures.os, "getpid", lambda: -1)
    assert stayed(written, [1, 2]) == []


@pytest.mark.parametrize("content", [b"", b"\n", b"1\n2\n", b"\xff\xfe 1\n", b"boot x\n"])
def test_nothing_is_known_from_a_file_without_its_head(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert stayed(path, [1, 2]) == []


def test_nothing_is_known_from_a_file_with_strange_notes(path: Path) -> None:
    noted(path, 1, 1)
    path.write_bytes(path.read_bytes() + b"what?\n")
    assert stayed(path, [1, 2]) == []


def test_only_the_owner_reads_the_file(path: Path) -> None:
    assert noted(path, 1).stat().st_mode & 0o777 == 0o600
