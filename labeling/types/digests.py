"""Digests: how anything that is JSON gets a name by its content."""

from __future__ import annotations

import hashlib
import json


def digest_of(*parts: object) -> str:
    """Give the hex SHA-256 (first 32 characters) of the canonical JSON of ``parts``.

    Examples
    --------
    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:32]
