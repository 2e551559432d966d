"""What features are extracted from, and how what was extracted is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from labeling.types.arrays import Ints

Float32s = npt.NDArray[np.float32]

State = Mapping[str, npt.NDArray[Any]]
"""What a fitted feature space knows, as named arrays of numbers, or of texts (of dtype object)."""


@dataclass(frozen=True)
class Content:
    """The contents of n items, as features see them.

    Parameters
    ----------
    digests : array of str, shape (n,)
        Content digests, all different.
    texts : sequence of str, length n
    columns : mapping of str to array of object, shape (n,)
        Fields beside the text: JSON values, None where missing.
    """

    digests: npt.NDArray[np.object_]
    texts: Sequence[str] = field(repr=False)
    columns: Mapping[str, npt.NDArray[np.object_]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.digests)

    def take(self, rows: Ints) -> Content:
        """Give the contents of some rows, in their order."""
        texts = [self.texts[i] for i in rows.tolist()]
        return Content(self.digests[rows], texts, {name: c[rows] for name, c in self.columns.items()})


class FeatureMemory(Protocol):
    """Where rows of features are kept: what was extracted once is not extracted again."""

    def rows(
        self,
        space: str,
        content: Content,
        extract: Callable[[Content], Float32s],
        block: int,
        what: str = "features",
    ) -> Float32s:
        """Give the rows of items in a space, shape (n, d): those kept, and others extracted and kept.

        Parameters
        ----------
        space : str
            Id of all that a row depends on but the item's own content.
        content : Content
        extract : callable
            Gives the rows of some contents.
        block : int
            Items extracted at once: what a crash can lose.
        what : str
            The name of the work, for who waits.
        """


class FeatureSpace(Protocol):
    """What a learner sees of items: fitted once on a pool, then applied item by item."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Give the fields beside the text that are read."""

    @property
    def id(self) -> str:
        """Digest of all that features depend on but the contents."""

    def fit(self, content: Content, memory: FeatureMemory) -> State:
        """Learn the space of a pool."""

    def features(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        """Place contents, shape (n, d): a row depends on its own content and the state alone."""
