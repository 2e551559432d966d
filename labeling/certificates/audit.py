"""The standing audit sample: which units belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from labeling.types import Bools


def keyed_hashes(salt: str, clusters: Sequence[str]) -> npt.NDArray[np.float64]:
    """Give each cluster a number in [0, 1) that is uniform to whoever does not know ``salt``, shape (n,)."""
    key = blake2b(salt.encode()).digest()
    hashed = (blake2b(c.encode("utf-8", "surrogatepass"), key=key, digest_size=8).digest() for c in clusters)
    words = np.frombuffer(b"".join(hashed), dtype=">u8")
    return np.asarray((words >> np.uint64(11)) / 2.0**53)


def standing_sample(salt: str, clusters: Sequence[str], rate: float) -> Bools:
    """Mask, shape (n,): units that belong to the audit, whatever their scores and neighbours.

    Parameters
    ----------
    salt : str
        The secret of the audit frame; a new one draws a new sample.
    clusters : sequence of str, length n
        Content clusters; equal ones belong together.
    rate : float
        In [0, 1]; a higher rate keeps all members of a lower one.
    """
    return np.asarray(keyed_hashes(salt, clusters) < rate)


def rate_for(salt: str, clusters: Sequence[str], size: int) -> float:
    """Give the rate at which exactly ``size`` of the present clusters belong; 1.0 if there are no more.

    Chosen once per frame: then the members are a uniform sample of that size, and later units join at the
    same rate.
    """
    hashes = np.sort(keyed_hashes(salt, sorted(set(clusters))))
    return float(hashes[size]) if size < len(hashes) else 1.0
