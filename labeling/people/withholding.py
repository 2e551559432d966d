"""Which items show no suggestion, so that what suggestions do can be measured."""

from __future__ import annotations

from labeling.types import digest_of


def is_withheld(project: str, digest: str, share: float) -> bool:
    """Whether the suggestion of an item is withheld: by a hash of its content, not by what is thought of it.

    A larger ``share``, in [0, 1], keeps all items of a smaller one.

    Examples
    --------
    >>> is_withheld("spam", "d41d", 1.0), is_withheld("spam", "d41d", 0.0)
    (True, False)
    """
    return int(digest_of("withheld", project, digest)[:8], 16) / 2**32 < share
