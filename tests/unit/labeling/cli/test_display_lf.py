"""What people see of a voter's errors, from a result made for it."""

from __future__ import annotations

from typing import Any

import pytest

from labeling.cli import display_lf

CASE = {
    "id": "r1",
    "text": "win free money",
    "vote": "SPAM",
    "gold": "HAM",
    "other": None,
    "label": "SPAM",
    "probability": 0.875,
    "hits": [[4, 8]],
}


def report(*buckets: dict[str, Any], **more: Any) -> dict[str, Any]:
    accuracy = {"right": 3, "judged": 4, "accuracy": 0.75}
    known = {"voter": "free", "votes": 4, "items": 10, "accuracy": accuracy, "gold": 5, "remark": None}
    return known | {"buckets": list(buckets)} | more


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_a_case_tells_vote_gold_label_and_hits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display_lf.OUT, "_color_system", None)
    display_lf.errors(report({"name": "wrong", "other": None, "total": 1, "cases": [CASE]}))
    assert shown(capsys) == [
        "free: votes on 4 items (40.0%)",
        "  3 of 4 (75.0%) of its votes that have gold are right",
        "wrong: 1 item; it votes, and gold says otherwise",
        "  r1: SPAM, gold HAM; label SPAM 0.88",
        "    win «free» money",
    ]


def test_a_dispute_names_the_other_voter(capsys: pytest.CaptureFixture[str]) -> None:
    case = CASE | {"other": "HAM", "gold": None, "label": None, "hits": []}
    bucket = {"name": "disputed", "other": "song", "total": 7, "cases": [case]}
    empty = {"name": "right", "other": None, "total": 0, "cases": []}
    display_lf.errors(report(bucket, empty, remark="majority serves instead"))
    lines = shown(capsys)
    assert "  majority serves instead" in lines
    assert "disputed: 7 items; song votes for another class" in lines
    assert "  r1: SPAM, song HAM; label none" in lines
    assert lines[-1] == "nothing in: right"


def test_an_empty_pool_has_no_share(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = {"right": 0, "judged": 0, "accuracy": None}
    display_lf.errors(report(votes=0, items=0, accuracy=nothing, gold=0))
    lines = shown(capsys)
    assert lines[0] == "free: votes on 0 items (–)"
    assert "no gold to compare with" in lines[1]


def test_disputes_without_cases_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    disputes = [
        {"name": "disputed", "other": other, "total": total, "cases": []}
        for other, total in (("song", 7), ("love", 1))
    ]
    display_lf.errors(report(*disputes))
    assert shown(capsys)[-1] == "disputed, not shown: song (7 items), love (1 item)"


def test_a_diff_shows_what_is_matched_now(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display_lf.OUT, "_color_system", None)
    judged = {"right": 0, "judged": 0, "accuracy": None}
    item = {"id": "r1", "text": "win free money", "gold": None, "hits": [[4, 8]]}
    move = {"before": None, "after": "SPAM", "total": 1, "items": [item]}
    change = {"gained": 1, "lost": 0, "flipped": 0, "accuracy_before": judged, "accuracy_after": judged}
    change["moves"] = [move]
    voter = {"name": "free", "before": "a", "after": "b"} | change
    labels = change | {"moves": [move | {"items": [item | {"hits": []}]}]}
    result = {"fresh": True, "compared": 4, "items": 4, "voters": [voter], "labels": labels, "remark": None}
    display_lf.diff(result)
    lines = shown(capsys)
    assert "    win «free» money" in lines
    assert "    win free money" in lines


SUGGESTIONS = {
    "items": 10,
    "uncovered": 8,
    "sampled": None,
    "remark": None,
    "clusters": [],
    "scattered": 0,
    "least_precision": 0.7,
    "keywords": [],
}
KEYWORD = {
    "term": "free",
    "label": "SPAM",
    "coverage": 0.4,
    "uncovered": 3,
    "precision": 0.8,
    "interval": None,
    "judged": 5,
    "builder": "says_free = ...",
}


def test_suggestions_say_what_precision_they_demand(capsys: pytest.CaptureFixture[str]) -> None:
    display_lf.suggestions(SUGGESTIONS | {"keywords": [KEYWORD]})
    assert "keywords, estimated precision 70.0% or more; from gold, the lower end of its interval:" in shown(
        capsys
    )
    display_lf.suggestions(SUGGESTIONS)
    assert "no keyword is sure enough (estimated precision 70.0% or more)" in shown(capsys)[-1]


def test_items_without_anything_in_common_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    display_lf.suggestions(SUGGESTIONS | {"scattered": 6})
    assert "6 items more: too little in common for a group" in shown(capsys)
    display_lf.suggestions(SUGGESTIONS)
    assert not any("in common" in line for line in shown(capsys))


def test_a_diff_that_compared_nothing_shows_no_zeros(capsys: pytest.CaptureFixture[str]) -> None:
    result = {"fresh": True, "compared": 0, "items": 4, "voters": [{"name": "links"}], "labels": None}
    display_lf.diff(result | {"remark": "the votes of the version before are not stored any more"})
    assert shown(capsys) == [
        "compared on 0 of 4 items",
        "  the votes of the version before are not stored any more",
    ]
