"""What people see of language models: every number whole, every line in words."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from labeling.cli import display, display_lf, display_llm, display_models, tables

NAME = "support_tickets_nearest@claude-haiku-4-5"


def planned(name: str = NAME, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "model": "claude-haiku-4-5",
        "mode": "direct",
        "requests": 1_234_567,
        "cached": 7,
        "tokens": {"input": 987_654_321, "output": 123_456_789},
        "counted": "counted by the server on a sample",
        "cost": 1604.94,
        "most": 9876.54,
        "saves": {"caching": 12.5, "batch": 802.47},
        "seconds": 7200.0,
        "seconds_by": "the server's rate limit",
        "price": "prices.yaml, 2026-10-24",
        "remarks": [],
        **changes,
    }


def plan(*voters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "rows": 1300,
        "items": 1260,
        "requests": 1_234_567,
        "cost": 1604.94,
        "voters": list(voters),
        "spent_by_model": {"claude-haiku-4-5": 0.25},
        "budget_by_model": {"claude-haiku-4-5": 5.0},
        "left_out": ["near@m: no examples yet"],
        **changes,
    }


def ran(name: str = NAME, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "model": "claude-haiku-4-5",
        "requests": 1300,
        "answered": 1258,
        "cached": 0,
        "unanswered": 2,
        "abstained": {"abstain": 100, "no_evidence": 3, "provider_error": 2},
        "abstained_by_class": {"SHIP": {"no_evidence": 3}},
        "tokens": {"input": 1000, "output": 500, "cache_write": 1000, "cache_read": 2000},
        "cost": 1.5,
        "remarks": ["caching does nothing here"],
        **changes,
    }


def report(*voters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "items": 1260,
        "requests": 1300,
        "cached": 0,
        "cost": 1.5,
        "lost": 0,
        "voters": list(voters),
        "spent_by_model": {"claude-haiku-4-5": 2.25},
        "left_out": [],
        **changes,
    }


def shown(human: Any, result: dict[str, Any], monkeypatch: pytest.MonkeyPatch, **terminal: Any) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, soft_wrap=True, **{"width": 130, **terminal})
    for module in (display, display_lf, tables):
        monkeypatch.setattr(module, "OUT", console)
    human(result)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_a_plan_with_all_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(display_llm.plan, plan(planned()), monkeypatch)
    assert " ".join(lines[0].split()) == "voter to ask answered tokens in tokens out cost at most time"
    cells = f"{NAME} 1,234,567 7 987,654,321 123,456,789 $1,604.94 $9,876.54 2.0 h"
    assert " ".join(lines[1].split()) == cells
    assert lines[3:] == [
        "1,300 rows, 1,260 items; 1,234,567 requests, about $1,604.94",
        "claude-haiku-4-5: tokens counted by the server on a sample",
        "claude-haiku-4-5: prices of prices.yaml, 2026-10-24",
        "claude-haiku-4-5: time by the server's rate limit",
        "would save of that: the server's cache up to $12.50, mode: batch up to $802.47",
        "claude-haiku-4-5: $0.25 spent so far, of a budget of $5.00",
        "near@m: no examples yet",
    ]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_a_narrow_terminal_folds_names_and_no_number(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = {"width": width, "force_terminal": True, "color_system": None}
    lines = shown(display_llm.plan, plan(planned()), monkeypatch, **terminal)
    text = "\n".join(lines)
    for number in ("1,234,567", "987,654,321", "123,456,789", "$1,604.94", "$9,876.54", "2.0 h"):
        assert number in text
    assert NAME in text or NAME in "".join(line[:16].strip() for line in lines[1:5])
    lines = shown(display_llm.run, report(ran()), monkeypatch, **terminal)
    assert "4,500" in "\n".join(lines)


def test_what_is_not_known_is_a_dash_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = {"caching": None, "batch": None}
    voter = planned(cost=None, most=None, seconds=None, seconds_by=None, price=None, saves=nothing)
    result = plan(voter, cost=None, spent_by_model={"m": None}, budget_by_model={"m": None}, left_out=[])
    lines = shown(display_llm.plan, result, monkeypatch)
    assert lines[1].split()[-3:] == ["–", "–", "–"]
    assert "cost unknown" in lines[3]
    assert lines[-1] == "m: nothing is known of its cost"
    assert any("no price is known; write one into configs/prices.yaml" in line for line in lines)
    assert any("how long it takes is unknown: no rate limit was seen yet" in line for line in lines)


def test_what_holds_for_all_voters_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(display_llm.plan, plan(planned("a@m"), planned("b@m")), monkeypatch)
    assert sum("prices of prices.yaml" in line for line in lines) == 1
    assert "would save of that: the server's cache up to $25.00, mode: batch up to $1,604.94" in lines


def test_a_voter_with_nothing_left_says_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    done = planned(requests=0, cost=0.0, most=0.0, saves={"caching": None, "batch": None})
    lines = shown(display_llm.plan, plan(done, requests=0, cost=0.0, left_out=[]), monkeypatch)
    assert lines[3:] == [
        "1,300 rows, 1,260 items; 0 requests, about $0.00",
        "claude-haiku-4-5: $0.25 spent so far, of a budget of $5.00",
    ]


def test_a_run_with_abstentions_by_reason_and_class(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(display_llm.run, report(ran(), lost=3), monkeypatch)
    assert " ".join(lines[1].split()) == f"{NAME} 1,155 103 2 1,300 0 4,500 50.0% $1.50"
    assert lines[3:] == [
        "1,260 items; 1,300 requests, 0 answers were stored already; about $1.50",
        "claude-haiku-4-5: $2.25 spent in all runs",
        "3 calls are lost: nobody knows whether they were billed, and they count so",
        f"{NAME} abstains: sees none of the classes 100, no evidence 3, provider error 2",
        "    named SHIP all the same: no evidence 3",
        f"{NAME}: caching does nothing here",
    ]


def test_what_a_model_wrote_steers_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    call = {
        "turn": 0,
        "status": "answered",
        "usage": {"input": 10, "output": 5, "cache_write": 0, "cache_read": 0},
        "cost": 0.001,
        "stop_reason": "end_turn",
        "failure": None,
        "intended_at": "2026-11-21",
        "answer": "\x1b[31mred\nsecond [bold]line[/bold]",
    }
    voter = {
        "voter": "desk@m",
        "outcome": "no_evidence",
        "vote": None,
        "named": "SHIP",
        "evidence": "\x1b[2Jgone",
        "confidence": 0.5,
        "cost": 0.001,
        "system": "first\nsecond",
        "asked": [{"role": "user", "text": "[red]text[/red]"}],
        "calls": [call],
    }
    result = {"id": "r1", "fields": {"text": "\x1b]0;t\x07"}, "voters": [voter], "left_out": []}
    lines = shown(display_llm.shown, result, monkeypatch)
    assert not any("\x1b" in line or "\x07" in line for line in lines)
    assert "desk@m: abstained: no evidence, naming SHIP" in lines
    assert "    [red]text[/red]" in lines
    assert "    second [bold]line[/bold]" in lines


def test_proposals_with_their_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = {
        "name": "refund",
        "label": "BILL",
        "rule": {"name": "refund", "keyword": {"label": "BILL", "words": ["refund", "back"], "case": False}},
        "coverage": 0.25,
        "uncovered": 12,
        "right": 9,
        "judged": 10,
        "interval": [0.596, 0.982],
        "objections": [],
        "accepted": "rule",
    }
    rule = {"name": "x", "regex": {"label": "BILL", "pattern": "a\x1bb"}}
    unsure = proposal | {
        "name": "x",
        "rule": rule,
        "judged": 0,
        "accepted": None,
        "objections": ["too few items"],
    }
    result = {
        "proposals": [proposal, unsure],
        "dropped": [{"name": "bad", "problem": "is no pattern"}],
        "model": "m",
        "cost": 0.0123,
        "written": True,
        "accepted": ["refund"],
        "file": "lfs/small_suggested.yaml",
        "configured": False,
    }
    lines = shown(display_models.proposals, result, monkeypatch)
    assert " ".join(lines[1].split()) == "refund BILL 25.0% 12 9 of 10 60–98 rule"
    assert lines[3:] == [
        'refund: keyword "refund", "back"; case false',
        'x: regex "a\ufffdb"',
        "x: too few items",
        "bad is dropped: is no pattern",
        "m proposed 2 functions, about $0.012",
        "wrote refund to lfs/small_suggested.yaml",
        "they vote once the config has, under voters: - functions: lfs/small_suggested.yaml",
    ]


def test_agreement_beside_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = {
        "first": "a@m",
        "second": "b@m",
        "both": 1200,
        "agree": 0.9,
        "agree_interval": [0.88, 0.92],
        "agree_chance": 0.55,
        "judged": 100,
        "both_wrong": 9,
        "both_wrong_chance": 1.44,
        "same_wrong": 0.6667,
        "same_wrong_interval": [0.35, 0.88],
        "same_wrong_chance": 0.5,
    }
    nothing = {"both": 0, "agree": None, "agree_interval": None, "agree_chance": None, "judged": 0}
    empty = pair | nothing | {"second": "c@m", "same_wrong": None, "same_wrong_interval": None}
    result = {"pairs": [pair, empty], "items": 1260, "gold": 100, "groups": [["a@m", "b@m"]], "left_out": []}
    lines = shown(display_models.agreement, result, monkeypatch)
    assert " ".join(lines[1].split()) == "a@m and b@m 1,200 90.0% 88–92 55.0% 9 of 100 1.4 66.7% (35–88)"
    assert " ".join(lines[2].split()) == "a@m and c@m 0 – – – – –"
    assert lines[4:] == [
        "1,260 items, 100 of them with gold",
        "the label model takes a@m and b@m for one voter",
    ]
    alone = shown(display_models.agreement, result | {"groups": []}, monkeypatch)
    assert alone[-1] == "the label model takes each of them for a voter of its own"
