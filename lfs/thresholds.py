"""The builder ``threshold``: bounds of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeling.lf.vector import Example, Numbers, VectorFunction, View
from lfs.conditions import Condition, common_problems
from lfs.parameters import as_examples, is_finite, number_problems, refuse, text_problems

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, kw_only=True)
class Threshold(Condition):
    """Votes where a number lies beyond a bound or between two; see `threshold`."""

    builder = "threshold"

    field: str
    above: float | None
    below: float | None
    between: tuple[float, float] | None

    @property
    def views(self) -> frozenset[View]:
        """See `VectorFunction`."""
        return frozenset({Numbers(self.field)})

    def holds(self) -> pl.Expr:
        """See `Condition`."""
        import polars as pl

        number = pl.col(Numbers(self.field).column)
        if self.between is not None:
            return number.is_between(*self.between)
        return number > self.above if self.above is not None else number < self.below


def threshold(
    field: str,
    *,
    label: str,
    above: float | None = None,
    below: float | None = None,
    between: tuple[float, float] | None = None,
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    """Vote where a number lies above, below or between bounds.

    A text that spells a number, as all cells of a CSV file are, is that number; whatever else is no number
    abstains.

    Parameters
    ----------
    field : str
        The field to read.
    above, below : float, optional
        The number must be greater or less; exactly one of the three bounds is given.
    between : (float, float), optional
        The number may also be equal to either.
    label, name, examples
        As in `keyword`.

    Raises
    ------
    InputError
        A parameter is wrong; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> happy = threshold("stars", above=4, label="GOOD")
    >>> happy(Item("0", {"stars": 5})), happy(Item("1", {"stars": 4})), happy(Item("2", {"stars": None}))
    ('GOOD', None, None)
    """
    wrong = [*text_problems("field", field), *_bound_problems(above, below, between)]
    refuse("threshold", [*wrong, *common_problems(label, name, examples)])
    shown, (low, high) = as_examples(examples), (_as_float(above), _as_float(below))
    pair = None if between is None else (float(between[0]), float(between[1]))
    return Threshold(name=name, examples=shown, label=label, field=field, above=low, below=high, between=pair)


def _as_float(bound: float | None) -> float | None:
    return None if bound is None else float(bound)


def _bound_problems(above: object, below: object, between: object) -> list[str]:
    bounds = {"above": above, "below": below, "between": between}
    given = {key: value for key, value in bounds.items() if value is not None}
    if len(given) != 1:
        said = ", ".join(f"{key}={value!r}" for key, value in given.items()) or "none"
        return [f"bounds: expected exactly one of above, below and between, got {said}. Write above=4."]
    return number_problems(**given) if between is None else _interval_problems(between)


def _interval_problems(between: object) -> list[str]:
    pair = between if isinstance(between, tuple | list) else ()
    if len(pair) == 2 and all(is_finite(bound) for bound in pair) and pair[0] <= pair[1]:
        return []
    return [f"between: expected two finite numbers, the lower first, got {between!r}. Write between=(2, 4)."]
