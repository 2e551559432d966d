"""The JSON object within what a model wrote: alone, in a code fence or with prose around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

MOST_OPENINGS = 50
"""Braces at which an object is looked for; each costs at most one walk over the text."""

LABEL = re.compile(r'"label"\s*:\s*"([^"\\]*)"')


def answer_object(text: str) -> Mapping[str, Any] | None:
    """Give the object that has a label; None where there is none, or several with labels that differ.

    Examples
    --------
    >>> answer_object('Here it is: {"label": "HAM"}. Anything else?')
    {'label': 'HAM'}
    >>> answer_object('Not {"label": "HAM"} but {"label": "SPAM"}') is None
    True
    """
    bare = text.strip()
    whole = _decode(bare)
    if whole and "label" in whole[0] and whole[1] == len(bare):
        return whole[0]
    found = list(_within(text))
    differ = len({str(candidate["label"]) for candidate in found}) != 1
    return None if differ else found[-1]


def named_label(text: str) -> str | None:
    """Give the label that a broken answer names, None unless it names exactly one."""
    names = set(LABEL.findall(text))
    return names.pop() if len(names) == 1 else None


def _within(text: str) -> Iterator[Mapping[str, Any]]:
    end = 0
    for opening in islice(re.finditer(r"\{", text), MOST_OPENINGS):
        start = opening.start()
        found = _decode(text, start) if start >= end else None
        if found and "label" in found[0]:
            end = found[1]
            yield found[0]


def _decode(text: str, start: int = 0) -> tuple[Mapping[str, Any], int] | None:
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (value, end) if isinstance(value, dict) else None


def _unambiguous(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_unambiguous)
