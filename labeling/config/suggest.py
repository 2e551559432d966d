"""What is said of an unknown name: the nearest known one, or which there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from itertools import islice

MOST_LISTED = 10


def did_you_mean(unknown: str, known: Iterable[str]) -> str:
    """Give " Did you mean X?" with a space in front, or an empty string where nothing is near.

    Examples
    --------
    >>> did_you_mean("Spam", ["HAM", "SPAM"])
    ' Did you mean SPAM?'
    """
    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(unknown.casefold(), by_folded, n=1, cutoff=0.6)
    return f" Did you mean {by_folded[near[0]]}?" if near else ""


def listed(names: Collection[str]) -> str:
    """Give names for a sentence, the first ``MOST_LISTED`` and how many more there are.

    Examples
    --------
    >>> listed(["id", "text"]), listed([f"lf_{i}" for i in range(70)])
    ('id, text', 'lf_0, lf_1, lf_2, lf_3, lf_4, lf_5, lf_6, lf_7, lf_8, lf_9 and 60 more')
    """
    more = len(names) - MOST_LISTED
    return ", ".join(islice(names, MOST_LISTED)) + (f" and {more} more" if more > 0 else "")
