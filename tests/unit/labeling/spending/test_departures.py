from __future__ import annotations

import os
from pathlib import Path

import pytest

from labeling.spending import departures
from labeling.spending.departures import Departures, notes_of, stayed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes"


def cut_off(path: Path, first: int, *calls: int) -> Path:
    """Leave the notes of a process that was killed."""
    notes = Departures(path, first)
    for call in calls:
        notes.note(call)
    return path


def test_what_was_not_noted_never_left(path: Path) -> None:
    cut_off(path, 10, 10, 12, 12)
    assert stayed(path, [10, 11, 12, 13]) == [11, 13]
    assert stayed(path, []) == []


def test_calls_older_than_the_process_are_not_known(path: Path) -> None:
    assert stayed(cut_off(path, 10), [8, 9, 10]) == [10]


def test_a_new_run_begins_anew(path: Path) -> None:
    cut_off(path, 1, 1, 2)
    assert stayed(cut_off(path, 3, 4), [1, 2, 3, 4]) == [3]


def test_a_run_that_ends_leaves_nothing(path: Path) -> None:
    with Departures(path, 1) as notes:
        notes.note(1)
        assert path.exists()
    assert not path.exists()


def test_nothing_is_known_without_notes(path: Path) -> None:
    assert stayed(None, [1]) == stayed(path, [1]) == []
    with Departures(None, 1) as notes:
        notes.note(1)


@pytest.mark.parametrize("content", [b"", b"\n", b"x\n1\n", b"\xff\xfe 1\n", b"1\nwhat?\n"])
def test_nothing_is_known_from_damaged_notes(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert stayed(path, [1, 2]) == []


def test_notes_of_somebody_else_count_for_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(path, 1, 1)
    monkeypatch.setattr("os.getuid", lambda: os.geteuid() + 1)
    assert stayed(path, [1, 2]) == []


def test_a_link_that_somebody_laid_is_not_written_to(path: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("keep", encoding="utf-8")
    path.symlink_to(victim)
    cut_off(path, 1, 1)
    assert victim.read_text(encoding="utf-8") == "keep"
    assert not path.is_symlink()


def test_only_the_owner_reads_the_notes(path: Path) -> None:
    assert cut_off(path, 1).stat().st_mode & 0o777 == 0o600


def test_each_database_has_notes_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "MEMORY", tmp_path)
    assert notes_of(tmp_path / "a.db") == notes_of(tmp_path / "." / "a.db") != notes_of(tmp_path / "b.db")
    assert notes_of(None) is None
    monkeypatch.setattr(departures, "MEMORY", tmp_path / "absent")
    assert notes_of(tmp_path / "a.db") is None
