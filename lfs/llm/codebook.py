"""The codebook: what a model is told of the classes, the same for every item."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from labeling.types import LabelClass, LabelSchema
from lfs.llm.labels import ABSTAIN_LABEL, label_shown

TIE_RULE = (
    "Choose the class that the item's own words support most directly. "
    f"If they support two classes equally, answer {ABSTAIN_LABEL}."
)


def codebook(schema: LabelSchema, tie_rule: str = "") -> str:
    """Give the codebook of a schema.

    Parameters
    ----------
    schema : LabelSchema
        Classes stand in its order.
    tie_rule : str
        What to do where two classes fit; `TIE_RULE` if empty.
    """
    guideline = ["# Guideline", schema.guideline.strip()] if schema.guideline.strip() else []
    classes = ["# Classes", *("\n".join(_entry(c)) for c in schema.classes)]
    ties = ["# Where two classes fit", tie_rule.strip() or TIE_RULE]
    nothing = ["# Where none fits", f"Answer {ABSTAIN_LABEL} when the item gives no evidence for any class."]
    return "\n\n".join([*guideline, *classes, *ties, *nothing])


def _entry(label: LabelClass) -> Iterator[str]:
    yield f"## {label_shown(label.name)}"
    if label.definition.strip():
        yield label.definition.strip()
    yield from _list("Includes:", label.includes)
    yield from _list("Does not include:", label.excludes)
    yield from _list("Examples:", [json.dumps(text, ensure_ascii=False) for text in label.examples])
    near = [json.dumps(text, ensure_ascii=False) for text in label.near_misses]
    yield from _list("Near misses, which look like this class and are not:", near)


def _list(title: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield title
        yield from (f"- {' '.join(text.split())}" for text in texts)
