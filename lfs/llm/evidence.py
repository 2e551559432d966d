"""Whether words that a model quotes stand in the item."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import normalize

QUOTES = str.maketrans("‘’‚‛“”„‟«»‹›`´", "''''\"\"\"\"\"\"''''")
UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
"""Zero-width characters, bidi marks and soft hyphens, which models leave out when they copy."""


def is_quoted(evidence: str, texts: Iterable[str]) -> bool:
    """Tell whether evidence is a part of one of the texts; kinds of spaces and quotes do not count.

    Quotes around the whole of the evidence do not count either.

    Examples
    --------
    >>> is_quoted("it's  broken", ["It’s not: ‘it’s\\nbroken’"]), is_quoted("", ["a"]), is_quoted("b", ["a"])
    (True, False, False)
    """
    if not evidence.strip():
        return False
    texts = list(texts)
    if any(evidence in text for text in texts):
        return True
    said = _plain(evidence)
    bare = said.strip("\"' ")
    return bool(bare) and any(bare in _plain(text) for text in texts)


def _plain(text: str) -> str:
    if not text.isascii():
        text = UNSEEN.sub("", normalize("NFC", text))
    return " ".join(text.translate(QUOTES).split())
