"""The known name that is nearest to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


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
