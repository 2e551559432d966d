"""Voters declared as data, which vote on whole columns at once."""

from __future__ import annotations

import json
import math
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from labeling.errors import InputError
from labeling.types import ABSTAIN, Item, digest_of

if TYPE_CHECKING:
    import polars as pl

Example = tuple[str | Mapping[str, Any], str | None]
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


@cache
def engine_version() -> str:
    """Give the version of what evaluates builders; to look it up takes milliseconds."""
    return version("polars")


@dataclass(frozen=True)
class View(ABC):
    """What builders read of one field, prepared once and shared by all that read the same.

    Parameters
    ----------
    field : str or None
        None is the text of the items.
    """

    field: str | None

    @property
    @abstractmethod
    def column(self) -> str:
        """Name of the prepared column; equal names mean equal columns."""

    @abstractmethod
    def prepare(self, values: pl.Series) -> pl.Series:
        """Turn the values of the field, shape (n,), into the prepared column, shape (n,)."""


@dataclass(frozen=True)
class Texts(View):
    """The values of a field as texts."""

    @property
    def column(self) -> str:
        """See `View`."""
        return f"texts {self.field}"

    def prepare(self, values: pl.Series) -> pl.Series:
        """Give texts (string); missing values stay missing."""
        import polars as pl

        if values.dtype == pl.String:
            return values
        if values.dtype.is_integer():
            return values.cast(pl.String)
        return pl.Series([as_text(value) for value in values.to_list()], dtype=pl.String)


@dataclass(frozen=True)
class Numbers(View):
    """The values of a field as numbers."""

    @property
    def column(self) -> str:
        """See `View`."""
        return f"numbers {self.field}"

    def prepare(self, values: pl.Series) -> pl.Series:
        """Give numbers (float64); whatever is none, NaN included, is missing."""
        import polars as pl

        if values.dtype.is_integer() or values.dtype.is_float():
            return values.cast(pl.Float64).fill_nan(None)
        return pl.Series([as_number(value) for value in values.to_list()], dtype=pl.Float64)


def as_text(value: Any) -> str | None:
    """Give a value as text: whole numbers without a point, nested values as JSON, None and NaN as None.

    Lone surrogates, which no column can hold, are replaced.

    Examples
    --------
    >>> as_text("4.0"), as_text(4.0), as_text(True), as_text(float("nan"))
    ('4.0', '4', 'True', None)
    """
    if isinstance(value, float):
        if math.isnan(value):
            return None
        value = int(value) if value.is_integer() else value
    if value is None:
        return None
    if isinstance(value, Mapping | list | tuple):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def as_number(value: Any) -> float | None:
    """Give a value as a number, also one that is spelled as text, else None.

    Examples
    --------
    >>> as_number(4), as_number(" 4.5 "), as_number("four"), as_number(True), as_number(float("nan"))
    (4.0, 4.5, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number


@dataclass(frozen=True, eq=False, kw_only=True)
class VectorFunction(ABC):
    """A voter declared as data: what it votes is an expression over prepared columns.

    Parameters
    ----------
    name : str or None
        None takes the name of the module variable that holds the function.
    examples : tuple of (text or mapping of fields, class name or None)
    """

    name: str | None = None
    examples: tuple[Example, ...] = field(default=(), repr=False)

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Names of the classes that it may vote for, at most 127."""

    @property
    @abstractmethod
    def definition(self) -> Mapping[str, Any]:
        """All that its votes depend on, as JSON values; key ``builder`` names the builder."""

    @property
    @abstractmethod
    def views(self) -> frozenset[View]:
        """The prepared columns that it reads."""

    @abstractmethod
    def expression(self) -> pl.Expr:
        """Give its votes as an expression over prepared columns: int8 indices into `classes`, -1 abstains."""

    @property
    def needs_python(self) -> bool:
        """Whether it is evaluated item by item, because Python's regular expressions are asked for."""
        return False

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the definition and the version of the engine that evaluates it."""
        python = sys.version_info[:2] if self.needs_python else None
        return digest_of("builder", self.definition, engine_version(), python)

    def named(self, name: str) -> Self:
        """Give the same function under a name."""
        return replace(self, name=name)

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Give the parts of the items' text that it looks for, as (start, end) in characters; for display."""
        return ()

    def value(self, item: Item, view: View) -> Any:
        """Give what a view reads of an item, before it is prepared.

        Raises
        ------
        InputError
            The item lacks the field.
        """
        _check_fields([self], item.fields.keys(), item.text_field)
        return item.fields[view.field or item.text_field]

    def __str__(self) -> str:
        return f"{self.definition['builder']} {self.name!r}" if self.name else self.definition["builder"]

    def __call__(self, item: Item) -> str | None:
        """Vote on an item, or abstain with None; the same as `vote_frame` votes.

        Raises
        ------
        InputError
            The item lacks a field that the function reads.
        """
        import polars as pl

        values = {name: pl.Series([item.fields[name]], dtype=pl.Object) for name in item.fields}
        [code] = _evaluate([self], values, item.text_field)[0].tolist()
        return None if code == ABSTAIN else self.classes[code]


def vote_frame(
    functions: Sequence[VectorFunction],
    frame: pl.DataFrame,
    text_field: str = "text",
    json_fields: Collection[str] = (),
) -> list[npt.NDArray[np.int8]]:
    """Let builders vote on every row of a frame, on all cores.

    Parameters
    ----------
    functions : sequence of VectorFunction, length m
        None of them with ``needs_python``.
    frame : DataFrame, n rows
        A column per field; texts, numbers, booleans or objects.
    text_field : str
        The column that is the text of the items.
    json_fields : collection of str
        Columns that hold JSON, one value a row.

    Returns
    -------
    list of m arrays of int8, shape (n,)
        Indices into that function's ``classes``; -1 abstains.

    Raises
    ------
    InputError
        Functions read fields that the frame lacks; all of them are named.
    ValueError
        A function needs Python: it votes item by item.
    """
    slow = [str(f) for f in functions if f.needs_python]
    if slow:
        raise ValueError(f"{', '.join(slow)}: needs Python's regular expressions; call it item by item")
    columns = {name: frame[name] for name in frame.columns}
    decoded = {name: _decode(columns[name]) for name in columns.keys() & set(json_fields)}
    return _evaluate(functions, columns | decoded, text_field)


def _decode(column: pl.Series) -> pl.Series:
    import polars as pl

    values = [None if value is None else json.loads(value) for value in column.to_list()]
    return pl.Series(values, dtype=pl.Object)


def _evaluate(
    functions: Sequence[VectorFunction], columns: Mapping[str, pl.Series], text_field: str
) -> list[npt.NDArray[np.int8]]:
    import polars as pl

    if not functions:
        return []
    _check_fields(functions, columns.keys(), text_field)
    views = {view.column: view for function in functions for view in function.views}
    prepared = pl.DataFrame(
        {name: view.prepare(columns[view.field or text_field]) for name, view in views.items()}
    )
    votes = prepared.select(f.expression().alias(str(j)) for j, f in enumerate(functions))
    return [votes[str(j)].to_numpy() for j in range(len(functions))]


def _check_fields(functions: Iterable[VectorFunction], present: Collection[str], text_field: str) -> None:
    from labeling.config.suggest import did_you_mean, listed

    problems = {
        f"{function}: no field {name!r}; the items have {listed(present)}."
        f"{did_you_mean(name, present) or ' Name one of these.'}": None
        for function in functions
        for name in sorted(view.field or text_field for view in function.views)
        if name not in present
    }
    if problems:
        raise InputError(*problems)
