"""The part of fields beside the text: numbers and dates scaled, categories one-hot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from active.features.rows import Float32s
from active.features.values import Values, as_json, of_json
from labeling.types import Content, FeatureMemory, State, digest_of

MOST_CATEGORIES = 50
"""Of one field; the rarest beyond them are one category."""

FARTHEST = 5.0
"""Standard deviations beyond which a number counts no more."""

LARGEST = 1e100
"""Its square is still a number."""

DATE = r"\d{4}-\d{2}-\d{2}"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fields:
    """Columns as scikit-learn's ``ColumnTransformer`` makes them, of one length on average.

    A field is numbers if all its values are (as text, too), dates if all begin as in 2026-01-31, else
    categories. A missing number is the median, and a column of its own tells so; a missing category is one.

    Parameters
    ----------
    names : tuple of str
    """

    names: tuple[str, ...]
    near: ClassVar[bool] = False

    @property
    def fields(self) -> tuple[str, ...]:
        """Give the fields that are read."""
        return self.names

    @property
    def id(self) -> str:
        """Digest of the parameters and of the libraries' versions, not of any data."""
        return digest_of("fields", self.names, MOST_CATEGORIES, FARTHEST, sklearn.__version__, pd.__version__)

    def fit(self, content: Content) -> State:
        """Keep the values themselves: fitting to them anew is quick, and nothing has to be unpickled."""
        return {name: as_json(content.columns[name]) for name in self.names}

    def rows(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        """Place contents, shape (n, d); those that were fitted to have length 1 on average."""
        fitted = {name: of_json(state[name]) for name in self.names}
        kinds = {name: kind_of(values) for name, values in fitted.items()}
        encoder = column_transformer(kinds)
        before = clipped(encoder.fit_transform(typed(fitted, kinds)))
        after = clipped(encoder.transform(typed(content.columns, kinds))) if len(content) else before[:0]
        length = np.sqrt(np.mean(np.sum(before**2, axis=1)))
        return np.asarray(after / (length or 1), dtype=np.float32)


def column_transformer(kinds: Mapping[str, str]) -> ColumnTransformer:
    """Make what turns a table of ``typed`` into columns of numbers.

    Parameters
    ----------
    kinds : mapping of str to str
        ``number``, ``date`` or ``category`` by field.
    """
    scaled = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )
    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES, sparse_output=False
    )
    numbers = [name for name, kind in kinds.items() if kind != "category"]
    categories = [name for name, kind in kinds.items() if kind == "category"]
    return ColumnTransformer([("scaled", scaled, numbers), ("one_hot", one_hot, categories)])


def clipped(columns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Keep numbers within 5 standard deviations: one that is far off shall not drown the others."""
    return np.clip(columns, -FARTHEST, FARTHEST)


def kind_of(values: Values) -> str:
    """Tell what the values of a field are: ``number``, ``date`` or ``category``.

    Examples
    --------
    >>> kind_of(np.array([3, None, "4.5"], dtype=object))
    'number'
    >>> kind_of(np.array(["2026-01-31T10:00", "2026-02-01"], dtype=object))
    'date'
    >>> kind_of(np.array(["DE", "AT", "3"], dtype=object))
    'category'
    """
    present = pd.Series([value for value in values if value is not None], dtype=object)
    if present.map(lambda value: isinstance(value, bool | list | dict)).any() or not len(present):
        return "category"
    if numbers_of(present).notna().all():
        return "number"
    written = present.map(str)
    if written.str.match(DATE).all() and days_of(written).notna().all():
        return "date"
    return "category"


def numbers_of(values: pd.Series) -> pd.Series:
    """Give numbers, also those written as text; NaN where it is none, or infinite."""
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return numbers.where(np.isfinite(numbers)).clip(-LARGEST, LARGEST)


def days_of(written: pd.Series) -> pd.Series:
    """Give days since 1970 of dates as text, in UTC where they do not say; NaN where it is no date."""
    return written.map(_day, na_action="ignore").astype(float)


def _day(text: str) -> float:
    try:
        date = datetime.fromisoformat(text)
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        return (aware - EPOCH) / timedelta(days=1)
    except (ValueError, OverflowError):
        return float("nan")


def typed(columns: Mapping[str, Values], kinds: Mapping[str, str]) -> pd.DataFrame:
    """Give fields as a frame of numbers and texts; what is no number in a field of numbers is missing."""
    return pd.DataFrame({name: _typed(columns[name], kind) for name, kind in kinds.items()})


def _typed(values: Values, kind: str) -> pd.Series:
    series = pd.Series(values, dtype=object)
    if kind == "number":
        return numbers_of(series)
    if kind == "date":
        return days_of(series.map(str, na_action="ignore"))
    return series.map(_written)


def _written(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, sort_keys=True)
