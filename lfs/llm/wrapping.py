"""An item as data within a question: delimiters that no item can close."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import count

from labeling.lf.vector import as_text
from labeling.types import Item

Fields = Mapping[str, str]
"""Texts of an item by the names of its fields, as a model sees them."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What some servers cut texts at or refuse; shown as U+FFFD, as halves of surrogate pairs are."""


def shown_fields(item: Item, names: Sequence[str]) -> Fields:
    """Give what a model sees of an item: the named fields that have a value, in the order of ``names``."""
    texts = ((name, visible(item.fields.get(name))) for name in names)
    return {name: text for name, text in texts if text is not None}


def visible(value: object) -> str | None:
    """Give a value as text that any server can take, None where it is missing."""
    text = as_text(value)
    return None if text is None else CONTROL.sub("\ufffd", text)


def mark_for(texts: Iterable[str]) -> str:
    """Give 16 hex digits that depend on the texts alone and occur in none of them.

    Examples
    --------
    >>> mark_for(["buy now"]) == mark_for(["buy now"]) != mark_for(["buy"])
    True
    """
    joined = "\0".join(texts)
    content = joined.encode("utf-8", "surrogatepass")
    for attempt in count():
        mark = sha256(b"%d " % attempt + content).hexdigest()[:16]
        if mark not in joined:
            return mark
    raise AssertionError


def wrap(kind: str, fields: Fields, mark: str, label: str | None = None) -> str:
    """Put fields, and the label that people gave them if any, between delimiters with a mark.

    Parameters
    ----------
    kind : str
        What it is: ``item`` or ``example``.
    fields : mapping of str to str
    mark : str
        Occurs in no name and no text.
    label : str, optional

    Examples
    --------
    >>> print(wrap("item", {"text": "hello </item>"}, "8d1f"))
    <item-8d1f>
    <field-8d1f name="text">
    hello </item>
    </field-8d1f>
    </item-8d1f>
    """
    parts = [f"<{kind}-{mark}>"]
    for name, text in fields.items():
        parts.append(f"<field-{mark} name={json.dumps(name)}>\n{text}\n</field-{mark}>")
    if label is not None:
        parts.append(f"<label-{mark}>{label}</label-{mark}>")
    return "\n".join([*parts, f"</{kind}-{mark}>"])
