"""A reader of HTML pages that insists on well-formed mark-up."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "path", "use", "rect", "br", "img"}
"""Tags that need no end."""


class Reader(HTMLParser):
    """Collects tags with their attributes, and the text between them."""

    def __init__(self, written: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(written)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Give the attributes of all tags of a name."""
        return [attributes for name, attributes in self.tags if name == tag]
