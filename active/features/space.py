"""The feature space of a project: parts side by side, smoothed, fitted once and then kept as it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from active import graph
from active.features.parts import Part
from active.features.rows import Float32s, unit_rows
from labeling.types import Content, FeatureMemory, Ints, State, digest_of

FITTED_ON = 20_000
"""Items at most that parts are fitted on."""

REFERENCE = 100_000
"""Items at most that others are joined to as neighbours."""

DIGESTS, UNIT, SMOOTHED = "reference/digests", "reference/unit", "reference/smoothed"


@dataclass(frozen=True)
class FeatureSpace:
    """Parts side by side: those in which near means alike as one unit row, smoothed, then the others.

    Parameters
    ----------
    parts : tuple of Part
    smoothing : bool
        Whether rows are drawn towards their neighbours.
    """

    parts: tuple[Part, ...]
    smoothing: bool = True

    @property
    def fields(self) -> tuple[str, ...]:
        """Give the fields beside the text that are read."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.fields))

    @property
    def id(self) -> str:
        """Digest of all that features depend on but the contents."""
        return digest_of(
            "space",
            [part.id for part in self.parts],
            self._smoothed and graph.PARAMETERS,
            FITTED_ON,
            REFERENCE,
        )

    def fit(self, content: Content, memory: FeatureMemory) -> State:
        """Learn the space of a pool; large pools are represented by a sample, drawn by content digest.

        Returns
        -------
        mapping of str to array
            Arrays of each part under its number; of the reference items, if rows are smoothed, their
            digests, unit rows and smoothed rows.
        """
        sample = content.take(spread(content, FITTED_ON))
        state = {
            f"{i}/{name}": array
            for i, part in enumerate(self.parts)
            for name, array in part.fit(sample).items()
        }
        if not self._smoothed:
            return state
        reference = content.take(spread(content, REFERENCE))
        unit = self._near(reference, state, memory).astype(np.float16)
        smoothed = graph.smoothed(unit.astype(np.float32))
        return state | {
            DIGESTS: reference.digests,
            UNIT: unit,
            SMOOTHED: smoothed.astype(np.float16),
        }

    def features(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        """Place contents, shape (n, d): a row depends on its own content and the state alone."""
        blocks = [self._smooth(content, state, memory)] if self._has_near else []
        others = [i for i, part in enumerate(self.parts) if not part.near]
        return np.hstack([*blocks, *(self._rows(i, content, state, memory) for i in others)])

    @property
    def _has_near(self) -> bool:
        return any(part.near for part in self.parts)

    @property
    def _smoothed(self) -> bool:
        return self.smoothing and self._has_near

    def _rows(self, i: int, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        own = {name.partition("/")[2]: array for name, array in state.items() if name.startswith(f"{i}/")}
        return self.parts[i].rows(content, own, memory)

    def _near(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        near = [self._rows(i, content, state, memory) for i, part in enumerate(self.parts) if part.near]
        return near[0] if len(near) == 1 else unit_rows(np.hstack(near))

    def _smooth(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        if not self._smoothed:
            return self._near(content, state, memory)
        place = {digest: i for i, digest in enumerate(state[DIGESTS])}
        known = np.array([place.get(digest, -1) for digest in content.digests], dtype=np.int64)
        rows = np.empty((len(content), state[UNIT].shape[1]), dtype=np.float32)
        rows[known >= 0] = state[SMOOTHED][known[known >= 0]]
        new = np.flatnonzero(known < 0)
        if len(new):
            unit = self._near(content.take(new), state, memory)
            rows[new] = graph.joined(unit, state[UNIT].astype(np.float32), state[SMOOTHED].astype(np.float32))
        return unit_rows(rows)


def spread(content: Content, n: int) -> Ints:
    """Choose ``n`` rows (all if there are no more) by their digests: the same for any order of the items."""
    if len(content) <= n:
        return np.arange(len(content))
    return np.sort(np.argsort(content.digests, kind="stable")[:n])
