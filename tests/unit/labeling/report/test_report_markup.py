"""HTML of the report: well-formed, reachable, and nothing of the data is taken for mark-up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labeling.html import LONGEST
from labeling.report.markup import listed, prose, said, section, table
from tests.pages import Reader

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
TURNED = "lf_\u202egnp.exe\u2066"


def test_a_table_says_what_its_cells_belong_to() -> None:
    read = Reader(table("Voters", ("voter", "share"), [("links", 0.5), ("love", None)]))
    assert [cell["scope"] for cell in read.named("th")] == ["col", "col", "row", "row"]
    assert read.said == ["Voters", "voter", "share", "links", "0.5", "love", "–"]
    [region] = read.named("div")
    assert (region["tabindex"], region["aria-label"]) == ("0", "Voters")
    assert [cell.get("class") for cell in read.named("td")] == ["number", "number"]


def test_a_section_is_named_by_its_heading() -> None:
    read = Reader(section("funnel", "From rows & labels", ["<p>x</p>"]))
    [attributes] = read.named("section")
    assert attributes == {"id": "funnel", "aria-labelledby": "funnel-heading"}
    assert read.named("h2") == [{"id": "funnel-heading"}]


def test_hostile_text_stays_text() -> None:
    parts = [table(HOSTILE, (HOSTILE,), [(HOSTILE,)]), prose(HOSTILE), listed([HOSTILE])]
    read = Reader(section("x", HOSTILE, parts))
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "img"})
    assert read.said == [HOSTILE] * 6
    assert all(not name.startswith("on") for _, attributes in read.tags for name in attributes)


def test_what_turns_text_round_is_replaced() -> None:
    written = table(TURNED, (TURNED,), [(TURNED,)]) + prose(TURNED) + listed([TURNED])
    assert not {"\u202e", "\u2066"} & set(written)
    assert "lf_\ufffdgnp.exe\ufffd" in written


def test_commands_are_code() -> None:
    assert prose("run `quorum votes`, then `quorum run`").count("<code>quorum ") == 2


@given(st.text(max_size=40))
def test_no_text_adds_a_tag(text: str) -> None:
    read = Reader(prose(text) + table("t", ("c",), [(text,)]))
    assert {tag for tag, _ in read.tags} <= {
        "p",
        "code",
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
    }


def test_values_are_written_for_people() -> None:
    assert [said(v) for v in (1234, None, True, "x" * (LONGEST + 1))][:3] == ["1,234", "–", "yes"]
    assert said("x" * (LONGEST + 1)).endswith("x…")
    assert listed([]) == ""
