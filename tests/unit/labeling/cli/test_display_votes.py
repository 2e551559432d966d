"""The voters' table: whole lines in a pipe, totals, and every voter with something to say about it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from labeling.cli import display, display_votes

LONG = "a_function_with_a_name_that_is_rather_longer_than_most_people_would_write_" * 3


def voter(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "polarity": ["HAM", "SPAM"],
        "coverage": 0.5,
        "overlaps": 0.25,
        "conflicts": 0.125,
        "accuracy": 0.9,
        "accuracy_interval": [0.596, 0.982],
        "judged": 10,
        "weight": 0.7,
        "ran": 1200,
        "cached": 60,
        "faults": 0,
        "first_fault": None,
        "refused": None,
        "seconds": 1.23,
        "unasked": None,
        "abstained": None,
        "reliability": {},
        **changes,
    }


def report(*voters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "rows": 1300,
        "items": 1260,
        "covered": 630,
        "voters": list(voters),
        "totals": {"polarity": ["HAM", "SPAM"], "coverage": 0.5, "overlaps": 0.4, "conflicts": 0.1},
        "redundant": [],
        "remarks": [],
        "reliability": {},
        "row_conflicts": {},
        "left_out": [],
        **changes,
    }


def shown(result: dict[str, Any], monkeypatch: pytest.MonkeyPatch, **terminal: Any) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, soft_wrap=True, **{"width": 130, **terminal})
    monkeypatch.setattr(display_votes, "OUT", console)
    monkeypatch.setattr(display, "OUT", console)
    display_votes.votes(result)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def words(line: str) -> str:
    return " ".join(line.split())


def test_a_line_per_voter_and_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(report(voter("links"), voter("love", ran=0, cached=1260)), monkeypatch)
    head = "voter votes for coverage overlaps conflicts accuracy 95 % weight ran cached faults seconds"
    assert words(lines[0]) == head
    assert words(lines[1]) == "links HAM, SPAM 50.0% 25.0% 12.5% 90.0% 60–98 70.0% 1,200 60 0 1.2"
    [total] = [words(line) for line in lines if line.startswith("any of them")]
    assert total == "any of them 2 classes 50.0% 40.0% 10.0% – – 1,200 1,320 0 2.5"
    assert lines[-1] == "1300 rows, 1260 items, 50.0% covered"


def test_long_names_stay_whole_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    classes = [f"CLASS_NUMBER_{i}" for i in range(20)]
    lines = shown(report(voter(LONG, polarity=classes), voter("b")), monkeypatch)
    [line] = [line for line in lines if line.startswith(LONG)]
    assert ", ".join(classes) in line
    assert line.endswith("1.2")
    assert sum("a_function" in line for line in lines) == 1


@pytest.mark.parametrize("width", [60, 100, 150])
def test_nothing_is_cut_in_a_terminal_of_any_width(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    name = "a_function_with_a_long_name"
    classes = [f"CLASS_NUMBER_{i}" for i in range(20)]
    terminal = {"force_terminal": True, "color_system": None, "width": width}
    lines = shown(report(voter(name, polarity=classes)), monkeypatch, **terminal)
    said = "\n".join(lines)
    assert "…" not in said
    assert all(part in said for part in (name, "coverage", "50.0%", *classes))
    assert all(len(line) <= width for line in lines if not line.startswith("not shown"))


@pytest.mark.parametrize(
    ("width", "dropped"),
    [(150, []), (100, ["seconds", "cached"]), (80, ["seconds", "cached", "overlaps", "ran", "conflicts"])],
)
def test_a_narrow_terminal_goes_without_columns_and_says_so(
    monkeypatch: pytest.MonkeyPatch, width: int, dropped: list[str]
) -> None:
    terminal = {"force_terminal": True, "color_system": None, "width": width}
    lines = shown(report(voter("a_name_of_sixteen")), monkeypatch, **terminal)
    head = {"coverage", "overlaps", "conflicts", "accuracy", "weight", "ran", "cached", "faults", "seconds"}
    assert head - set(lines[0].split()) == set(dropped)
    assert words(lines[2]).startswith("any of them 2 classes 50.0%")
    assert ("not shown at this width: " + ", ".join(dropped) in lines) is bool(dropped)
    assert all(len(line) <= width for line in lines)


def test_no_terminal_is_too_narrow_for_the_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = {"force_terminal": True, "color_system": None, "width": 20}
    lines = shown(report(voter("links")), monkeypatch, **terminal)
    assert lines[0].split() == ["voter", "votes", "for", "coverage"]


def test_recorded_votes_cost_nothing_and_missing_numbers_are_dashes(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = voter(
        "column", ran=0, cached=0, accuracy=None, accuracy_interval=None, weight=None, polarity=[], judged=0
    )
    lines = shown(report(nothing), monkeypatch)
    assert words(lines[1]) == "column – 50.0% 25.0% 12.5% – – – – 0 –"


def test_what_is_wrong_with_voters_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = {"item": "abc", "row": "7", "traceback": "Traceback\nKeyError: 'x'"}
    pair = {"first": "a", "second": "b", "agree": 0.3, "jaccard": 0.97, "similarity": 0.95}
    lines = shown(
        report(
            voter("a", faults=3, first_fault=fault),
            voter("b", refused="fails 1 of 2 examples"),
            redundant=[pair],
            remarks=["majority serves instead"],
            row_conflicts={"lf_old": 4},
        ),
        monkeypatch,
    )
    said = "\n".join(lines)
    assert "majority serves instead" in said
    assert "b does not vote: fails 1 of 2 examples" in said
    assert "a: first fault on row 7:\nTraceback\nKeyError: 'x'" in said
    assert "a and b are much alike" in said
    assert "95.0% of the items" in said
    assert "lf_old: 4 items whose rows disagree" in said


def test_names_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(report(voter("[red]links[/red]", polarity=["[b]X"])), monkeypatch)
    assert lines[1].startswith("[red]links[/red]  [b]X")


def test_no_items_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(report(voter("a"), items=0, rows=0, covered=0), monkeypatch)[-1].startswith(
        "0 rows, 0 items"
    )


@pytest.mark.parametrize(
    ("classes", "said"), [([], "0 classes"), (["HAM"], "1 class "), (["A", "B"], "2 classes")]
)
def test_the_totals_count_classes_in_words(
    classes: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals = {"polarity": classes, "coverage": 0.5, "overlaps": 0.4, "conflicts": 0.1}
    lines = shown(report(voter("links"), totals=totals), monkeypatch)
    assert any(line.startswith("any of them") and said in line for line in lines)


def test_language_models_say_why_they_abstain_and_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = voter("desk@m", abstained={"no_evidence": 3, "refusal": 1200}, unasked=1000)
    whole = voter("cue@m", abstained={}, unasked=0)
    lines = shown(report(asked, whole, left_out=["near@m: no examples yet"]), monkeypatch)
    assert lines[-3:] == [
        "desk@m abstains: no evidence 3, refusal 1,200",
        "desk@m: 1,000 items have no answer yet; `quorum llm run` asks for them",
        "near@m: no examples yet",
    ]


def test_language_models_are_said_to_be_as_sure_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"ece": 0.1312, "ece_low": 0.09, "ece_high": 0.17, "labelled": 120}
    asked = voter("desk@m", reliability={"stated": found, "recalibrated": found | {"ece": 0.02}})
    lines = shown(report(asked), monkeypatch)
    measured = "calibration error of 0.131 (0.090 to 0.170) on 120 of its votes that people judged"
    assert lines[-2] == f"desk@m: confidence as stated has a {measured}"
    assert lines[-1].startswith("desk@m: confidence as recalibrated has a calibration error of 0.020")
