"""What instructions tell anew, held against those that people saw before."""

from __future__ import annotations

from html.parser import HTMLParser

from integrations.label_studio.interface import choices_of, explained, paragraph, paragraphs
from labeling.types import LabelSchema

GUIDELINE = "the guideline"
BEGIN, END = "\x02", "\x03"
PARTS = ("p", "li")


def told_anew(before: str, schema: LabelSchema) -> list[str]:
    """Name the guideline and the classes of which something is told that the instructions did not.

    Parameters
    ----------
    before : str
        Instructions as the server gives them: it may write tags and entities in its own way.
    schema : LabelSchema
    """
    known = _Parts.of(before)
    new = [] if all(_Parts.of(paragraph(p)) in known for p in paragraphs(schema)) else [GUIDELINE]
    return [*new, *(c.name for c in choices_of(schema) if _Parts.of(explained(c)) not in known)]


class _Parts(HTMLParser):
    """The text of HTML, with marks where paragraphs and entries of lists begin and end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    @classmethod
    def of(cls, html: str) -> str:
        parser = cls()
        parser.feed(html)
        parser.close()
        return "".join(parser.found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(BEGIN if tag in PARTS else "")

    def handle_endtag(self, tag: str) -> None:
        self.found.append(END if tag in PARTS else "")

    def handle_data(self, data: str) -> None:
        self.found.append(data)
