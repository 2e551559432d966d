"""Slice expressions such as ``language == 'de' and stars < 3``: parsed, checked, evaluated on columns."""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from labeling.types import Bools

if TYPE_CHECKING:
    import pandas as pd

MAX_LENGTH = 1000

_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_MIRROR: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
_COMBINE: Mapping[type[ast.boolop], Callable[[Any, Any], Any]] = {
    ast.And: np.logical_and,
    ast.Or: np.logical_or,
}


class SliceSyntaxError(ValueError):
    """An expression is not of the small language of slices."""


@dataclass(frozen=True)
class SliceExpression:
    """A parsed expression; it reads columns and constants, nothing else.

    Parameters
    ----------
    source : str
        What the user wrote.
    columns : frozenset of str
        Names of the columns it reads.
    """

    source: str
    columns: frozenset[str]
    _tree: ast.expr = field(repr=False, compare=False)

    def mask(self, frame: pd.DataFrame) -> Bools:
        """Evaluate on a frame of n rows: mask, shape (n,).

        A missing value satisfies no comparison but ``!=`` and ``not in``. The constant decides how cells are
        read: beside a number, text as a number; beside text, numbers as text.

        Raises
        ------
        KeyError
            The frame lacks one of ``columns``.
        """
        return _evaluate(self._tree, frame)


def parse_slice(source: str) -> SliceExpression:
    """Parse an expression of comparisons, ``and``, ``or``, ``not``, ``in``, column names and constants.

    Raises
    ------
    SliceSyntaxError
        The text is anything else; calls, attributes and arithmetic are refused.

    Examples
    --------
    >>> sorted(parse_slice("language == 'de' and not stars < 3").columns)
    ['language', 'stars']
    """
    if len(source) > MAX_LENGTH:
        raise SliceSyntaxError(f"it is longer than {MAX_LENGTH} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(source.strip(), mode="eval").body
        _check(tree)
    except SliceSyntaxError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SliceSyntaxError(getattr(error, "msg", None) or str(error)) from None
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return SliceExpression(source, names, tree)


def _check(node: ast.expr) -> None:
    match node:
        case ast.BoolOp(values=values):
            for value in values:
                _check(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            _check(operand)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for pair in zip([left, *comparators], ops, comparators, strict=False):
                _check_comparison(*pair)
        case _:
            raise SliceSyntaxError(f"{ast.unparse(node)} is not a comparison")


def _check_comparison(left: ast.expr, op: ast.cmpop, right: ast.expr) -> None:
    if isinstance(op, ast.In | ast.NotIn):
        listed = isinstance(left, ast.Name) and isinstance(right, ast.List | ast.Tuple | ast.Set)
        within = (
            isinstance(right, ast.Name) and isinstance(left, ast.Constant) and isinstance(left.value, str)
        )
        if not (listed or within):
            raise SliceSyntaxError("in needs column in ['a', 'b'] or 'text' in column")
        if listed:
            _constants(right)
        return
    if type(op) not in _COMPARE:
        raise SliceSyntaxError("is compares nothing here; == does")
    names = isinstance(left, ast.Name) + isinstance(right, ast.Name)
    if names != 1:
        raise SliceSyntaxError(f"{ast.unparse(left)} and {ast.unparse(right)}: compare a column with a value")
    value = _constant(right if isinstance(left, ast.Name) else left)
    if value is None and not isinstance(op, ast.Eq | ast.NotEq):
        raise SliceSyntaxError("None can only be compared with == and !=")


def _constant(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return node.value
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    raise SliceSyntaxError(f"{ast.unparse(node)} is neither a column nor text, a number, True, False or None")


def _constants(node: ast.expr) -> list[Any]:
    return [_constant(element) for element in node.elts]  # type: ignore[attr-defined]


def _evaluate(node: ast.expr, frame: pd.DataFrame) -> Bools:
    match node:
        case ast.BoolOp(op=op, values=values):
            return np.asarray(reduce(_COMBINE[type(op)], (_evaluate(v, frame) for v in values)))
        case ast.UnaryOp(operand=operand):
            return np.logical_not(_evaluate(operand, frame))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            pairs = zip([left, *comparators], ops, comparators, strict=False)
            return np.asarray(np.logical_and.reduce([_comparison(*pair, frame) for pair in pairs]))
    raise AssertionError(ast.dump(node))


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, frame: pd.DataFrame) -> Bools:
    if isinstance(op, ast.In | ast.NotIn):
        found = _is_in(left, right, frame)
        return ~found if isinstance(op, ast.NotIn) else found
    kind = type(op)
    if isinstance(right, ast.Name):
        left, right, kind = right, left, _MIRROR.get(kind, kind)
    assert isinstance(left, ast.Name)
    return _compare(frame[left.id], kind, _constant(right))


def _is_in(left: ast.expr, right: ast.expr, frame: pd.DataFrame) -> Bools:
    if isinstance(right, ast.Name):
        needle = _constant(left)
        return np.fromiter((needle in text for text in _texts(frame[right.id])), bool, len(frame))
    assert isinstance(left, ast.Name)
    column = frame[left.id]
    hits = [_compare(column, ast.Eq, value) for value in _constants(right)]
    return np.logical_or.reduce(hits) if hits else np.zeros(len(frame), dtype=bool)


def _compare(column: pd.Series[Any], kind: type[ast.cmpop], value: Any) -> Bools:
    import pandas as pd

    missing = column.isna().to_numpy(dtype=bool)
    if value is None:
        return missing if kind is ast.Eq else ~missing
    cells: pd.Series[Any]
    if isinstance(value, bool):
        cells, value = _texts(column).str.lower(), str(value).lower()
    elif isinstance(value, str):
        cells = _texts(column)
    else:
        cells = pd.to_numeric(_texts(column), errors="coerce").astype(float)
        missing = cells.isna().to_numpy(dtype=bool)
    result = np.asarray(_COMPARE[kind](cells, value), dtype=bool)
    return np.where(missing, kind is ast.NotEq, result)


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    cells = ["" if absent else str(cell) for cell, absent in zip(column, column.isna(), strict=True)]
    return pd.Series(cells, dtype=object)
