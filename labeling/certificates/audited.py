"""The audit units of a score table, with what the auditors answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from labeling.certificates.auditors import SecondAnswers
from labeling.types import Bools, Floats, Ints


@dataclass(frozen=True)
class AuditedUnits:
    """The n audit units (contents with equal text count once) of a score table, with the audit's answers.

    Parameters
    ----------
    clusters : sequence of str, length n
        Content clusters, each once.
    scores : array, shape (n,)
        Larger is safer; a function of anything but audit answers.
    eligible : mask, shape (n,)
        Units whose label may be accepted: somebody voted, not critical, not answered in review.
    audited : mask, shape (n,)
        Members of the standing sample.
    answered : mask, shape (n,)
        Audit units on which the auditors settled; read where ``audited``.
    wrong : mask, shape (n,)
        The settled answer is another label than the machine gives to some item of the unit; read where
        ``answered``.
    critical : mask, shape (n,), or None
        The settled answer is a critical class; None where the schema has none.
    second : SecondAnswers or None
        What came of asking a second person about some of the audit.

    Raises
    ------
    ValueError
        A cluster occurs twice, an array has another length, or a score is NaN.
    """

    clusters: Sequence[str]
    scores: Floats
    eligible: Bools
    audited: Bools
    answered: Bools
    wrong: Bools
    critical: Bools | None = None
    second: SecondAnswers | None = None

    def __post_init__(self) -> None:
        n = len(self.clusters)
        if len(set(self.clusters)) < n:
            raise ValueError("a content cluster occurs twice: an audit unit counts once")
        arrays = (self.scores, self.eligible, self.audited, self.answered, self.wrong, self.critical)
        shapes = [a.shape for a in arrays if a is not None]
        if any(shape != (n,) for shape in shapes):
            raise ValueError(f"expected arrays of shape ({n},), got {shapes}")
        if np.isnan(self.scores).any():
            raise ValueError("a score is NaN: it has no rank")

    def safest_first(self) -> Ints:
        """Give the eligible units, shape (top,), by falling score; ties by a hash of their content."""
        rows = np.flatnonzero(self.eligible)
        return np.asarray(
            rows[np.lexsort((_tie_breaks([self.clusters[i] for i in rows]), -self.scores[rows]))]
        )


def _tie_breaks(clusters: Sequence[str]) -> npt.NDArray[np.uint64]:
    # No key: the order at equal scores must know nothing of the salt that draws the audit.
    hashed = (blake2b(c.encode("utf-8", "surrogatepass"), digest_size=8).digest() for c in clusters)
    return np.frombuffer(b"".join(hashed), dtype=np.uint64)
