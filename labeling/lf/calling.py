"""Calls of Python functions on a chunk of items, each answered by one byte."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from labeling.items.content import to_python
from labeling.lf import LabelingFunction, Preparation, content_frame
from labeling.lf.examples import Voter
from labeling.lf.tracebacks import told_of
from labeling.readonly import ReadOnlyDict, read_only
from labeling.types import ABSTAIN, FAULT, MAX_CLASSES, Item

DIGEST_COLUMN = "digest"


class Cells(Protocol):
    """Bytes that take a code each."""

    def __setitem__(self, place: int, code: int, /) -> None: ...


class ClassCodes(dict[Any, int]):
    """Codes of votes: -1 for None, the index of a class name; a new name gets the next index."""

    def __init__(self, class_names: Iterable[str]) -> None:
        super().__init__({name: i for i, name in enumerate(class_names)})
        self[None] = ABSTAIN

    def __missing__(self, vote: Any) -> int:
        if not isinstance(vote, str):
            raise _no_name(vote)
        vote.encode()
        if len(self) > MAX_CLASSES:
            raise ValueError(f"returned {vote!r}, the {MAX_CLASSES + 1}th different name")
        self[str(vote)] = code = len(self) - 1
        return code

    @property
    def names(self) -> list[str]:
        """The names, in the order of their codes."""
        return [name for name in self if name is not None]


def _no_name(vote: Any) -> TypeError:
    return TypeError(f"returned {vote!r}, expected the name of a class or None")


class Chunk:
    """The content of n items, in each form that functions take.

    Parameters
    ----------
    content : pyarrow.Table of n rows
        As `Items.content`, with the digests as the last column.
    text_field : str
    """

    def __init__(self, content: pa.Table, text_field: str) -> None:
        names = content.column_names[:-1]
        self._digests: list[bytes] = content.column(len(names)).to_pylist()
        self._columns = {n: to_python(content.column(i), content.field(i)) for i, n in enumerate(names)}
        self._text_field = text_field

    def __len__(self) -> int:
        return len(self._digests)

    @cached_property
    def items(self) -> list[Item]:
        """One object per item, shared by all functions."""
        names = tuple(self._columns)
        cells = zip(*map(_frozen, self._columns.values()), strict=True)
        fields = (ReadOnlyDict(zip(names, row, strict=True)) for row in cells)
        pairs = zip(self._digests, fields, strict=True)
        return [Item(digest.hex(), content, self._text_field) for digest, content in pairs]

    def frame(self, start: int, stop: int) -> Any:
        """Give items from ``start`` to ``stop`` as a DataFrame of the caller's own."""
        return content_frame({name: cells[start:stop] for name, cells in self._columns.items()})


def _frozen(cells: list[Any]) -> list[Any]:
    plain = all(type(cell) not in (list, dict) for cell in cells)
    return cells if plain else [read_only(cell) for cell in cells]


@dataclass
class Outcome:
    """What calls on a chunk came to beside their codes; rows are those of `call_all`.

    Attributes
    ----------
    seconds : list of float
        By row.
    faults : mapping of int to (int, str)
        The first item at fault and its traceback, by row.
    """

    seconds: list[float] = field(default_factory=list)
    faults: dict[int, tuple[int, str]] = field(default_factory=dict)


def preparations_of(functions: Sequence[Voter]) -> list[Preparation]:
    """List what functions want to have prepared, each callable once."""
    wanted = (p for f in functions if isinstance(f, LabelingFunction) for p in f.pre)
    return list({id(prepare): prepare for prepare in wanted}.values())


def call_all(
    functions: Sequence[Voter],
    codes: Sequence[ClassCodes],
    chunk: Chunk,
    cells: Cells,
    starts: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Call m functions on n items, after the p preparations that they share.

    Parameters
    ----------
    codes : sequence of ClassCodes, length m
    cells : memoryview or array of int8, shape ((p + m) * n,)
        Row by row and item by item, each cell gets a code as soon as it is known, so that whoever watches
        sees the call that is under way: 0 for what is prepared, ``FAULT`` for what fails.
    starts : callable
        Told the name of what is called next.
    """
    prepared: dict[int, list[Any]] = {}
    outcome, n = Outcome(), len(chunk)
    for row, prepare in enumerate(preparations_of(functions)):
        starts(prepare.__name__)
        caller = _Caller(cells, row * n, outcome, row)
        prepared[id(prepare)] = caller.timed(partial(_prepare, caller, prepare, chunk.items))
    for row, (function, names) in enumerate(zip(functions, codes, strict=True), len(prepared)):
        starts(str(function.name))
        caller = _Caller(cells, row * n, outcome, row)
        caller.timed(partial(_vote, caller, function, names, chunk, prepared))
    return outcome


@dataclass
class _Caller:
    """One row of calls: where its codes go, and what becomes of faults."""

    cells: Cells
    base: int
    outcome: Outcome
    row: int

    def timed(self, run: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = run()
        self.outcome.seconds.append(time.perf_counter() - start)
        return result

    def fault(self, i: int, error: BaseException) -> None:
        self.cells[self.base + i] = FAULT
        if self.row not in self.outcome.faults:
            self.outcome.faults[self.row] = i, told_of(error)


class _Failed:
    """Stands for what could not be prepared."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _prepare(caller: _Caller, prepare: Preparation, items: Sequence[Item]) -> list[Any]:
    results = []
    for i, item in enumerate(items):
        try:
            results.append(read_only(prepare(item)))
            caller.cells[caller.base + i] = 0
        except (Exception, SystemExit) as error:
            caller.fault(i, error)
            results.append(_Failed(error))
    return results


def _vote(
    caller: _Caller,
    function: Voter,
    codes: ClassCodes,
    chunk: Chunk,
    prepared: Mapping[int, list[Any]],
) -> None:
    if not isinstance(function, LabelingFunction):
        _vote_plain(caller, function, codes, chunk.items)
    elif function.batch:
        _vote_batch(caller, partial(function.function, **function.resources), codes, chunk, 0, len(chunk))
    elif function.pre:
        columns = {p.__name__: prepared[id(p)] for p in function.pre}
        _vote_prepared(caller, function, codes, chunk.items, columns)
    else:
        plain = partial(function.function, **function.resources) if function.resources else function.function
        _vote_plain(caller, plain, codes, chunk.items)


def _vote_plain(
    caller: _Caller, call: Callable[[Item], Any], codes: ClassCodes, items: Sequence[Item]
) -> None:
    cells, numbered = caller.cells, enumerate(items, caller.base)
    while True:
        # The loop goes on after a fault, for the iterator does; a try for each item would cost more.
        vote, i = None, caller.base
        try:
            for i, item in numbered:
                vote = call(item)
                cells[i] = codes[vote]
            return
        except (Exception, SystemExit) as error:
            caller.fault(i - caller.base, _unhashable(error, vote) or error)


def _vote_prepared(
    caller: _Caller,
    function: LabelingFunction,
    codes: ClassCodes,
    items: Sequence[Item],
    columns: Mapping[str, list[Any]],
) -> None:
    names, resources = tuple(columns), function.resources
    for i, (item, *values) in enumerate(zip(items, *columns.values(), strict=True)):
        failed = next((value for value in values if isinstance(value, _Failed)), None)
        if failed is not None:
            caller.fault(i, failed.error)
            continue
        vote = None
        try:
            vote = function.function(item, **resources, **dict(zip(names, values, strict=True)))
            caller.cells[caller.base + i] = codes[vote]
        except (Exception, SystemExit) as error:
            caller.fault(i, _unhashable(error, vote) or error)


def _vote_batch(
    caller: _Caller, call: Callable[..., Any], codes: ClassCodes, chunk: Chunk, start: int, stop: int
) -> None:
    """Call a function on a range of items; where it fails, on halves of it, down to the items at fault."""
    try:
        votes = list(_checked(call(chunk.frame(start, stop)), stop - start))
        for i, vote in enumerate(votes, start):
            caller.cells[caller.base + i] = codes[vote]
    except (Exception, SystemExit) as error:
        if stop - start == 1:
            caller.fault(start, error)
            return
        middle = (start + stop) // 2
        _vote_batch(caller, call, codes, chunk, start, middle)
        _vote_batch(caller, call, codes, chunk, middle, stop)


def _checked(votes: Any, n: int) -> Iterator[Any]:
    """Give the votes of a batch; NaN, which pandas has for what is missing, abstains."""
    if isinstance(votes, str) or not hasattr(votes, "__len__"):
        raise TypeError(f"returned {votes!r}, expected {n} votes in a list, array or Series")
    if len(votes) != n:
        raise ValueError(f"returned {len(votes)} votes for {n} items")
    for vote in votes:
        missing = vote is not None and not isinstance(vote, str) and _is_missing(vote)
        yield None if missing else vote


def _is_missing(vote: Any) -> bool:
    import pandas as pd

    return bool(np.isscalar(vote) or vote is pd.NA) and bool(pd.isna(vote))


def _unhashable(error: BaseException, vote: Any) -> TypeError | None:
    """Say what is wrong with a vote that cannot even be looked up; None where the function itself failed."""
    hashable = vote is None or getattr(type(vote), "__hash__", None) is not None
    return None if hashable or not isinstance(error, TypeError) else _no_name(vote)
