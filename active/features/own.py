"""The part that a scikit-learn transformer of the user's makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.decomposition import TruncatedSVD

from active.custom import OwnObject
from active.features.rows import Float32s, unit_rows
from active.features.values import Values, as_json, of_json
from labeling.errors import InputError
from labeling.types import Content, FeatureMemory, State, digest_of

MOST_COLUMNS = 512
"""Sparse columns are reduced to as many dense ones."""

TEXTS = "texts"


@dataclass(frozen=True)
class OwnTransformer:
    """Columns by a transformer of the user's: of texts, or, where there are none, of a frame of fields.

    What it was fitted to is kept, and it is fitted to that anew where new items are to be placed: nothing
    is unpickled.

    Parameters
    ----------
    transformer : OwnObject
    names : tuple of str
        Fields that it sees instead of texts; none for texts.
    seed : int
        Of the decomposition of sparse columns.
    """

    transformer: OwnObject
    names: tuple[str, ...] = ()
    seed: int = 0
    _last: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def near(self) -> bool:
        """Tell whether rows with a high cosine mean nearly the same: of texts; of fields not always."""
        return not self.names

    @property
    def fields(self) -> tuple[str, ...]:
        """Give the fields that are read."""
        return self.names

    @property
    def id(self) -> str:
        """Digest of the transformer's source, not of any data."""
        return digest_of("own", self.transformer.id, self.names, MOST_COLUMNS, self.seed)

    def fit(self, content: Content) -> State:
        """Keep the contents."""
        if not self.names:
            return {TEXTS: np.array([*content.texts], dtype=object)}
        return {name: as_json(content.columns[name]) for name in self.names}

    def rows(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        """Place contents, shape (n, d): unit rows of texts; of fields, rows with length 1 on average.

        Raises
        ------
        InputError
            The transformer fails, or does not give as many rows of finite numbers.
        """
        transform, length = self._fitted(state)
        rows = transform(self._seen(content.texts, content.columns))
        return unit_rows(rows) if self.near else np.asarray(rows / length, dtype=np.float32)

    def _seen(self, texts: Sequence[str], columns: Mapping[str, Values]) -> Any:
        return pd.DataFrame({name: columns[name] for name in self.names}) if self.names else [*texts]

    def _fitted(self, state: State) -> Any:
        """Give a transformation and the average length of what it was fitted to; the last one is kept."""
        kept = state[self.names[0] if self.names else TEXTS]
        if not self._last or self._last[0] is not kept:
            columns = {name: of_json(state[name]) for name in self.names}
            texts = () if self.names else state[TEXTS].tolist()
            self._last[:] = [kept, self._fit_anew(self._seen(texts, columns))]
        return self._last[1]

    def _fit_anew(self, seen: Any) -> Any:
        transformer, name = self.transformer.make(), self.transformer.name
        with told(name):
            transformer.fit(seen)
            first = transformer.transform(seen)
        reducer = reduced_by(first, self.seed)

        def transform(values: Any) -> Float32s:
            with told(name):
                columns = transformer.transform(values)
                return checked(name, columns if reducer is None else reducer.transform(columns), len(values))

        rows = transform(seen)
        return transform, float(np.sqrt(np.mean(np.sum(rows**2, axis=1)))) or 1.0


@contextmanager
def told(name: str) -> Iterator[None]:
    """Say whose transformer failed."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{name}: {type(error).__name__}: {error}. Mend the transformer.") from error


def reduced_by(columns: Any, seed: int) -> TruncatedSVD | None:
    """Fit what makes sparse columns, shape (n, d), few and dense; None where they are dense already."""
    if not sp.issparse(columns):
        return None
    n_components = min(MOST_COLUMNS, *columns.shape)
    return TruncatedSVD(n_components, n_iter=1, random_state=seed).fit(columns)


def checked(name: str, columns: Any, n: int) -> Float32s:
    """Give columns as float32, shape (n, d).

    Raises
    ------
    InputError
        There are not ``n`` rows, or a number is not finite.
    """
    rows = np.asarray(columns, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != n or not np.isfinite(rows).all():
        raise InputError(
            f"{name}: expected {n} rows of finite numbers, got an array of shape {rows.shape}. "
            "Mend the transformer."
        )
    return rows
