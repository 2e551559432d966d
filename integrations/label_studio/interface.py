"""What annotators see: the labelling interface and the instructions, written from the label schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import chain, repeat
from xml.sax.saxutils import quoteattr

from labeling.types import LabelClass, LabelSchema

CHOICES = "label"
TEXT = "text"
ID = "ext_id"
WHY = "why"
CRITICAL = "critical"
OURS = (TEXT, ID, WHY, CRITICAL)
# Digits, then the letters that Label Studio itself would give: its own commands use none of them.
HOTKEYS = "1234567890qwetasdfgzxcvb"
# No colours: the page has a light and a dark theme.
SMALL = "display: flex; align-items: baseline; gap: 4px; opacity: 0.7"
SMALL_TITLE = "font-size: 13px; line-height: 20px; margin: 0"
ROOM = "margin: 12px 0 20px 0"
BORDERS = ("includes", "does not include", "looks like it and is not")
NO_CLASS = "no class fits, or the text does not tell which; said of the text, where a skip says nothing"
PARAGRAPH = "margin-bottom: 10px"
LIST = "margin: 6px 0 10px 20px; list-style: disc"


def data_keys(fields: Sequence[str]) -> Mapping[str, str]:
    """Give a task-data key for each field name: letters, digits and ``_``, all different.

    Examples
    --------
    >>> dict(data_keys(["channel", "posted at", "posted-at", "text"]))
    {'channel': 'channel', 'posted at': 'posted_at', 'posted-at': 'posted_at_2', 'text': 'text_2'}
    """
    taken = set(OURS)
    keys: dict[str, str] = {}
    for field in fields:
        plain = re.sub(r"\W", "_", field) or "field"
        numbered = chain([plain], (f"{plain}_{i}" for i in range(2, len(fields) + 4)))
        keys[field] = next(key for key in numbered if key not in taken)
        taken.add(keys[field])
    return keys


def interface(schema: LabelSchema, fields: Sequence[str] = ()) -> str:
    """Write the labelling interface as XML.

    Parameters
    ----------
    schema : LabelSchema
        One choice for each class, with its definition below the name, and one for ``unclear``, if allowed.
    fields : sequence of str
        Further fields, shown small above the text.
    """
    lines = [
        "<View>",
        f'  <Header value="${CRITICAL}" size="5" style="{SMALL_TITLE}"/>',
        *(_field(name, key) for name, key in data_keys(fields).items()),
        f'  <View style="{ROOM}"><Text name="{TEXT}" value="${TEXT}"/></View>',
        f'  <Choices name="{CHOICES}" toName="{TEXT}" choice="single" required="true" showInline="false">',
        *(_choice(label, key) for label, key in zip(choices_of(schema), _hotkeys(), strict=False)),
        "  </Choices>",
        '  <Collapse><Panel value="Why suggested">',
        f'    <View><Header value="${WHY}" size="6" style="{SMALL_TITLE}"/></View>',
        "  </Panel></Collapse>",
        "</View>",
    ]
    return "\n".join(lines)


def choices_of(schema: LabelSchema) -> tuple[LabelClass, ...]:
    """Give the classes and, where it is allowed, the answer that none fits."""
    beside = () if schema.unclear is None else (LabelClass(schema.unclear, NO_CLASS),)
    return (*schema.classes, *beside)


def _hotkeys() -> Iterator[str | None]:
    return chain(HOTKEYS, repeat(None))


def _field(name: str, key: str) -> str:
    title = quoteattr(f"{name}:")
    return (
        f'  <View style="{SMALL}"><Header value={title} size="6" style="{SMALL_TITLE}"/>'
        f'<Text name="field_{key}" value="${key}"/></View>'
    )


def _choice(label: LabelClass, hotkey: str | None) -> str:
    key = f' hotkey="{hotkey}"' if hotkey else ""
    hint = f" hint={quoteattr(label.definition)}" if label.definition else ""
    return f"    <Choice value={quoteattr(label.name)}{key}{hint}/>"


def instructions(schema: LabelSchema, news: str = "") -> str:
    """Write the guideline and all that is told of classes as HTML; what the config says is escaped.

    Parameters
    ----------
    schema : LabelSchema
    news : str
        What people are told first.
    """
    first = f'<p style="{PARAGRAPH}"><b>{escape(news)}</b></p>' if news else ""
    told = "".join(paragraph(p) for p in paragraphs(schema))
    return first + told + _list("".join(explained(label) for label in choices_of(schema)))


def paragraphs(schema: LabelSchema) -> list[str]:
    """Give the paragraphs of the guideline."""
    return [p for p in re.split(r"\n\s*\n", schema.guideline) if p.strip()]


def paragraph(text: str) -> str:
    """Write a paragraph of the guideline."""
    return f'<p style="{PARAGRAPH}">{escape(text)}</p>'


def explained(label: LabelClass) -> str:
    """Write what is told of a class as an entry of a list."""
    definition = f": {escape(label.definition)}" if label.definition else ""
    examples = "".join(f"<li><i>{escape(example)}</i></li>" for example in label.examples)
    borders = "".join(
        f"<li>{title}: {escape(text)}</li>"
        for title, texts in zip(BORDERS, (label.includes, label.excludes, label.near_misses), strict=True)
        for text in texts
    )
    shown = _list(examples + borders) if examples or borders else ""
    return f"<li><b>{escape(label.name)}</b>{definition}{shown}</li>"


def _list(entries: str) -> str:
    return f'<ul style="{LIST}">{entries}</ul>'
