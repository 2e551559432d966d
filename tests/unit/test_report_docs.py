"""The page on the report names the sections and keys that there are."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from labeling.analysis import Totals
from labeling.report.absent import Absent
from labeling.report.funnel import Funnel, Stage
from labeling.report.gathering import Report
from labeling.report.page import report_page, sections
from labeling.report.voters import Voters
from labeling.voting import VoteReport
from tests.pages import Reader

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
EMPTY = Absent("`quorum run` fills it.")
VOTERS = Voters(VoteReport(0, 0, 0, (), {}, (), {}, "none", Totals((), 0.0, 0.0, 0.0), (), {}), (), ())
FUNNEL = Funnel((Stage("rows", 0, 0),), ())
REPORT = Report("<b>", "2026-01-02T03:04:05", None, FUNNEL, EMPTY, VOTERS, *[EMPTY] * 6)


def test_every_section_has_a_line() -> None:
    lines = re.findall(r"^\| ([^|]+) \| `", PAGE, re.MULTILINE)
    assert lines == [heading for _, heading, _ in sections(REPORT, ())]


def test_every_key_is_named() -> None:
    keys = {f.name for f in fields(Report)} - {"project", "at", "round"}
    named = re.findall(r"^\| [^|]+ \| ([^|]+) \|", PAGE, re.MULTILINE)
    assert {key for cell in named for key in re.findall(r"`(\w+)`", cell)} == keys
    assert keys <= REPORT.to_dict().keys()


def test_a_page_of_nothing_says_what_fills_each_section() -> None:
    page = report_page(REPORT, ())
    assert Reader(page).said.count("quorum run") == 8
    assert "<b>" not in page
    assert "before the first round" in page
