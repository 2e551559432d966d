"""The standing audit sample: which units belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from labeling.types import Bools


def keyed_hashes(salt: str, clusters: Sequence[str]) -> npt.NDArray[np.float64]:
    """Give each cluster a number in [0, 1) that is uniform to whoever does not know ``salt``, shape (n,)."""
    return _keyed_hashes(salt, tuple(clusters))


@lru_cache(maxsize=4)  # a round asks for those of its pool again and again
def _keyed_hashes(salt: str, clusters: tuple[str, ...]) -> npt.NDArray[np.float64]:
    keyed = blake2b(key=blake2b(salt.encode()).digest(), digest_size=8)

    def hashed(cluster: str) -> bytes:
        own = keyed.copy()
        own.update(cluster.encode("utf-8", "surrogatepass"))
        return own.digest()

    words = np.frombuffer(b"".join(map(hashed, clusters)), dtype=">u8")
    hashes = np.asarray((words >> np.uint64(11)) / 2.0**53)
    hashes.flags.writeable = False
    return hashes


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
    return rate_among(np.unique(keyed_hashes(salt, clusters)), size)


def rate_among(hashes: npt.NDArray[np.float64], size: int) -> float:
    """Give the rate at which exactly ``size`` of some different hashes belong; 1.0 if there are no more."""
    return float(np.partition(hashes, size)[size]) if size < len(hashes) else 1.0
