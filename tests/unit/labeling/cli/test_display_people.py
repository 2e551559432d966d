"""How numbers about people look in a terminal, those that are missing included."""

from __future__ import annotations

import re

import numpy as np
import pytest

from labeling.cli.people import effort_lines, estimate, share, show_agreement, show_people
from labeling.people.agreement import agreement
from labeling.people.anchoring import anchoring
from labeling.people.effort import effort
from labeling.people.resampling import Estimate
from labeling.people.shares import Share
from labeling.types import ABSTAIN
from tests.crowds import Habit, respond


def test_figures_have_their_intervals() -> None:
    assert estimate(Estimate(0.5, 0.25, 0.75, 40).to_dict()) == "0.50 (0.25 to 0.75)"
    assert estimate(Estimate(0.5, None, None, 4).to_dict()) == "0.50"
    assert estimate(Estimate(None, None, None, 4).to_dict()) == "–"
    assert share(Share(9, 10).to_dict()) == "90% (60% to 98%)"
    assert share(Share(0, 0).to_dict()) == "–"


def test_time_without_times() -> None:
    untimed = effort(np.full(3, np.nan), np.zeros(3, dtype=np.int64), 2, 30.0)
    assert effort_lines(untimed.to_dict()) == ["time: none of 3 answers was timed"]


def test_time_and_cost() -> None:
    timed = effort(np.full(100, 36.0), np.zeros(100, dtype=np.int64), 50, 30.0)
    assert effort_lines(timed.to_dict()) == [
        "time: 1.0 hours for 100 answers and skips; 36.0 (36.0 to 36.0) seconds an answer, no breaks",
        "ahead: 0.5 hours for 50 open tasks",
        "cost: 30.00 so far, 15.00 ahead",
    ]


def test_without_second_answers_it_says_how_to_get_some(capsys: pytest.CaptureFixture[str]) -> None:
    show_agreement(agreement(np.eye(2)).to_dict())
    assert "active.second_opinions asks for some" in capsys.readouterr().out


def test_a_team_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    responses, _ = respond([Habit()], 0, items=5, each=1)
    nobody = {
        "name": "ann",
        "answers": 5,
        "skipped": 1,
        "unclear": 7,
        "seconds": None,
        "drift": None,
        "pace": None,
    }
    empty = {"on_checks": Share(0, 0).to_dict(), "with_others": Share(0, 0).to_dict()}
    person = {**nobody, **empty, "kappa": Estimate(None, None, None, 0).to_dict(), "suspicions": ["hurries"]}
    show_people(
        {
            "people": [person],
            "agreement": agreement(np.eye(2)).to_dict(),
            "anchoring": anchoring(responses, np.full(5, ABSTAIN)).to_dict(),
            "effort": effort(responses.seconds, responses.answers.people, 0, None).to_dict(),
        }
    )
    out = capsys.readouterr().out
    assert "ann: hurries" in out
    assert re.search(r"ann\s+5\s+1\s+7\s", out)
    assert "cannot be told" in out
