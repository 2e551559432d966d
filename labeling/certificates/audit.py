"""The standing audit sample: which units belong to it, how large it has to be."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from labeling.certificates.guarantee import acceptable_wrong, chance_of_few, error_budget
from labeling.types import Bools, Floats

POWER = 0.8
GOAL = 0.9


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


@dataclass(frozen=True)
class AuditPlan:
    """What an audit of a given size is predicted to bring.

    Attributes
    ----------
    audited : int
        Units of the region that people answer.
    allowed : int or None
        How many of them may be wrong; None where nothing could be accepted.
    accepted : int
        Unaudited units predicted to be accepted.
    power : float
        Probability, in [0, 1], of accepting nine tenths of what hindsight would.
    needed : int
        Audited units at which ``power`` reaches .8.
    """

    audited: int
    allowed: int | None
    accepted: int
    power: float
    needed: int

    @property
    def missing(self) -> int:
        """Audited units still to be planned for a power of .8."""
        return 0 if self.power >= POWER else max(self.needed - self.audited, 0)

    def describe(self) -> str:
        """Say in words what the size brings and what is missing."""
        if self.allowed is None:
            return f"{self.audited:,} audit answers prove nothing yet; {self.needed:,} would be enough"
        brings = (
            f"with {self.audited:,} audit answers, up to {self.allowed:,} of them wrong, about "
            f"{self.accepted:,} labels would be accepted by machine (power {self.power:.0%})"
        )
        return f"{brings}; {self.missing:,} more answers bring it to {POWER:.0%}" if self.missing else brings


def plan_audit(errors: Floats, population: int, audited: int, alpha: float, delta: float) -> AuditPlan:
    """Predict what an audit brings before people start; steers effort, never validity.

    Parameters
    ----------
    errors : array, shape (top,)
        Predicted probability, in [0, 1], that the label is wrong, for each unit that could be accepted.
    population : int
        Units that the promise is about, at least ``top``.
    audited : int
        Audit units among the ``top``; an audit of the whole population has ``top / population`` of its
        units there.
    alpha, delta : float
        The promise and the share of delta that the test will spend, in (0, 1).
    """
    cumulative = np.cumsum(np.sort(errors))
    top, budget = len(errors), error_budget(alpha, population)
    goal = int(GOAL * np.searchsorted(cumulative, budget, side="right"))
    wrong = round(float(cumulative[goal - 1])) if goal else 0

    def power(n: int) -> float:
        allowed = acceptable_wrong(top, n, budget, delta)
        return 0.0 if allowed is None else chance_of_few(top, wrong, n, allowed)

    return AuditPlan(
        audited,
        allowed := acceptable_wrong(top, audited, budget, delta),
        _predicted_accepted(cumulative, audited, allowed),
        power(audited),
        bisect_left(range(top), True, key=lambda n: power(n) >= POWER),
    )


def _predicted_accepted(cumulative: Floats, audited: int, allowed: int | None) -> int:
    if allowed is None:
        return 0
    share = audited / max(len(cumulative), 1)
    prefix = int(np.searchsorted(cumulative * share, allowed + 1))
    return round(prefix * (1 - share))
