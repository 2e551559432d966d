"""What a voter sees of an item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from labeling.readonly import ReadOnlyDict, read_only


class Item:
    """One unique content, as a labelling function sees it: ``item.text``, ``item["channel"]``.

    All functions share the object, so nothing of it can be changed.

    Attributes
    ----------
    digest : str
    fields : mapping of str to JSON value
    text : str
        The column named by ``items.text``.
    text_field : str
        The name of that column.
    """

    __slots__ = ("digest", "fields", "text", "text_field")

    digest: str
    fields: Mapping[str, Any]
    text: str
    text_field: str

    def __init__(self, digest: str, fields: Mapping[str, Any], text_field: str = "text") -> None:
        put = object.__setattr__
        put(self, "digest", digest)
        put(self, "fields", fields if type(fields) is ReadOnlyDict else read_only(dict(fields)))
        put(self, "text_field", text_field)
        if text_field in fields:
            text = fields[text_field]
            put(self, "text", text if type(text) is str else str(text))

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(f"item has no field {name!r}; it has {', '.join(self.fields)}") from None

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(
            f"items are read-only, for other functions see them too: {name!r} cannot be set. "
            "Use a variable of your own."
        )

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Item):
            return NotImplemented
        return (self.digest, self.fields, self.text_field) == (other.digest, other.fields, other.text_field)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> tuple[Any, ...]:
        return Item, (self.digest, dict(self.fields), self.text_field)

    def __repr__(self) -> str:
        return f"Item({self.digest!r}, {dict(self.fields)!r}, {self.text_field!r})"
