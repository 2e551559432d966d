"""Progress is shown only where somebody watches, and only once it takes long."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from labeling.notebook import watching


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    shown = io.StringIO()
    monkeypatch.setattr(watching, "Console", lambda **kw: Console(file=shown, force_terminal=True))
    return shown


def test_what_is_quick_shows_nothing(terminal: io.StringIO) -> None:
    assert list(watching.watched(range(5), "voting")) == [0, 1, 2, 3, 4]
    assert "voting" not in terminal.getvalue()


def test_what_takes_long_shows_a_bar(terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PATIENCE_SECONDS", -1.0)
    assert list(watching.watched(range(3), "voting")) == [0, 1, 2]
    assert "voting" in terminal.getvalue()


def test_a_fault_ends_the_bar(terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PATIENCE_SECONDS", -1.0)
    parts = watching.watched(range(3), "voting")
    next(parts)
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert list(watching.watched(range(2), "again")) == [0, 1]
