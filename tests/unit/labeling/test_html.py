"""HTML for notebooks: well-formed, and nothing of the data is taken for mark-up."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from labeling.html import LONGEST, escaped, folded, paragraph, table

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&lt;b&gt;"


class Reader(HTMLParser):
    """Collects the tags that a browser would see, and the text between them."""

    def __init__(self, written: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(written)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_a_table_is_well_formed_and_says_its_cells() -> None:
    read = Reader(table(("voter", "share"), [("links", "5%"), (None, 3)], note="2 items"))
    assert read.open == []
    assert read.said == ["2 items", "voter", "share", "links", "5%", "3"]
    assert read.tags.count("tr") == 3
    assert read.tags.count("th") == 2


def test_numbers_stand_to_the_right() -> None:
    written = table(("a", "b", "c"), [("x", "y", 1)], left=2)
    assert written.count("text-align: left") == 4
    assert written.count("text-align: right") == 2


def test_hostile_text_stays_text() -> None:
    written = table((HOSTILE,), [(HOSTILE,)], note=HOSTILE) + folded(HOSTILE, paragraph(HOSTILE))
    read = Reader(written)
    assert set(read.tags) == {"p", "div", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"}
    assert read.said == [HOSTILE] * 5


@given(st.text(max_size=50))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    said = "".join(Reader(f"<p>{escaped(text)}</p>").said)
    assert said == text
    assert not {"<", ">", '"', "'"} & set(escaped(text))


def test_a_long_text_is_cut() -> None:
    assert escaped("x" * LONGEST) == "x" * LONGEST
    assert escaped("<" * (LONGEST + 1)) == "&lt;" * (LONGEST - 1) + "…"
