"""What makes two rows one item, and two items one audit cluster."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from labeling.types import digest_of


def content_digests(columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """Digest each row of columns of JSON values; the order of columns and missing values do not matter.

    Examples
    --------
    >>> content_digests({"a": ["x"], "b": [None]}) == content_digests({"a": ["x"]})
    True
    """
    names = sorted(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    return [digest_of({n: v for n, v in zip(names, row, strict=True) if v is not None}) for row in rows]


def text_cluster(text: str) -> str:
    """Digest a text without regard to case, width, form and spacing of its characters."""
    return digest_of(" ".join(unicodedata.normalize("NFKC", text).casefold().split()))
