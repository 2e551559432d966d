"""Features of a pool: each item is placed in the feature space once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from labeling.artifacts import array_of, vectors_of
from labeling.errors import QuorumError
from labeling.items import Items, Objects
from labeling.items.collection import hex_digests
from labeling.pool.readings import binary_digests
from labeling.pool.spaces import ROWS, FittedSpace, fitted_space
from labeling.project import Project
from labeling.store import manifest
from labeling.types import Content, FeatureSpace, Float32s, Ints, digest_of

BLOCK = 65_536
"""Items whose features are extracted, and stored, at once."""


@dataclass(frozen=True)
class PoolFeatures:
    """Features of n items.

    Attributes
    ----------
    rows : array of float32, shape (n, d)
    space : str
        Id of the fitted space: all that a row depends on but the item's own content.
    """

    rows: Float32s = field(repr=False)
    space: str


def pool_features(project: Project, items: Items) -> PoolFeatures:
    """Give the features of all items: read where they were extracted before, else extracted.

    The space is fitted on the first pool and kept: items that join are placed in it, and change nothing of
    the others. It is fitted anew once fewer than half of the items were there then.
    """
    space, memory = project.new_space(), StoredRows(project)
    content = content_of(items, space)
    return _placed(content, space, fitted_space(project, content, space, memory), memory)


def features_beside(project: Project, pool: Items, others: Items) -> tuple[Float32s, Float32s]:
    """Give the features of a pool, shape (n, d), and those of other items in its space, shape (t, d)."""
    of_pool = pool_features(project, pool)
    space, memory = project.new_space(), StoredRows(project)
    fitted = fitted_space(project, content_of(pool, space), space, memory)
    return of_pool.rows, _placed(content_of(others, space), space, fitted, memory).rows


def _placed(content: Content, space: FeatureSpace, fitted: FittedSpace, memory: StoredRows) -> PoolFeatures:
    def place(new: Content) -> Float32s:
        return space.features(new, fitted.state, memory)

    return PoolFeatures(memory.rows(fitted.id, content, place, BLOCK), fitted.id)


def content_of(items: Items, space: FeatureSpace) -> Content:
    """Give what a space reads of items."""
    columns = items.frame(space.fields)
    return Content(items.digests, items.texts, {name: columns[name].to_numpy() for name in space.fields})


class StoredRows:
    """Rows of features as artifacts, by space and content digest.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project

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
        content : Content
        extract : callable
            Gives the rows of some contents.
        block : int
            Items extracted at once: what a crash can lose.
        what : str
            The name of the work, for who waits.
        """
        parts = list(self._stored(space, content.digests))
        missing = np.ones(len(content), dtype=bool)
        for places, _ in parts:
            missing[places] = False
        waiting = np.flatnonzero(missing)
        for start in range(0, len(waiting), block):
            self._project.progress(what, start, len(waiting))
            chosen = waiting[start : start + block]
            rows = extract(content.take(chosen))
            self._keep(space, content.digests[chosen], rows)
            parts.append((chosen, rows))
        if len(waiting):
            self._project.progress(what, len(waiting), len(waiting))
        return assembled(parts, len(content)) if parts else extract(content)

    def _stored(self, space: str, digests: Objects) -> Iterator[tuple[Ints, Float32s]]:
        """Give places among ``digests`` and rows of each block that holds some; damaged ones hold none."""
        place = {digest: i for i, digest in enumerate(digests)}
        with self._project.store.read() as tx:
            entries = [e for e in manifest.entries(tx, ROWS) if e.key.startswith(f"{space}/")]
        for entry in entries:
            with suppress(QuorumError):
                table = self._project.artifacts.read(entry)
                there = hex_digests(table["digest"].combine_chunks())
                places = np.array([place.get(digest, -1) for digest in there], dtype=np.int64)
                if (places >= 0).any():
                    yield places[places >= 0], array_of(table["row"])[places >= 0]

    def _keep(self, space: str, digests: Objects, rows: Float32s) -> None:
        names = digests.tolist()
        table = pa.table({"digest": binary_digests(names), "row": vectors_of(rows)})
        entry = self._project.artifacts.write(ROWS, table, key=f"{space}/{digest_of(names)}")
        with self._project.store.write() as tx:
            manifest.record(tx, entry)


def assembled(parts: list[tuple[Ints, Float32s]], n: int) -> Float32s:
    """Put rows to their places, shape (n, d); ``parts`` is emptied, so that little is held twice."""
    result = np.empty((n, parts[0][1].shape[1]), dtype=np.float32)
    while parts:
        places, rows = parts.pop()
        result[places] = rows
    return result
