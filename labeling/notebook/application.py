"""Applying functions to data in memory, in this process."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.config.suggest import did_you_mean
from labeling.errors import InputError, QuorumError
from labeling.items.content import is_json
from labeling.lf import LabelingFunction
from labeling.lf.calling import Chunk, ClassCodes, call_all, preparations_of
from labeling.lf.examples import Voter, check_examples
from labeling.lf.snorkels import adapt, is_snorkels_function
from labeling.lf.vector import VectorFunction, vote_frame
from labeling.notebook.data import content_table
from labeling.notebook.watching import watched
from labeling.types import ABSTAIN, MAX_CLASSES, VoteMatrix

if TYPE_CHECKING:
    from labeling.notebook.data import Data

CHUNK_ROWS = 5_000
SHOWN = 60
Codes = npt.NDArray[np.int8]


def apply(
    functions: Sequence[Any], data: Data, classes: Sequence[str] | None = None, *, text: str = "text"
) -> VoteMatrix:
    """Let functions vote on data in memory, without project or config; nothing is stored.

    Parameters
    ----------
    functions : sequence, length m
        Builders, functions made with ``labeling_function``, snorkel's functions. A builder without a name
        takes that of the caller's variable that holds it.
    data : DataFrame, or iterable of mappings, or iterable of texts
        n items.
    classes : sequence of str, length k, optional
        Class names; by default those that are voted for or that builders name, sorted.
    text : str
        The field that ``item.text`` gives.

    Returns
    -------
    VoteMatrix
        Shape (n, m), with the class names.

    Raises
    ------
    InputError
        The functions or data are none, a function fails its examples, or votes for what is no class.
    QuorumError
        A function failed; the message names it and the item.

    Examples
    --------
    >>> links = LabelingFunction("links", lambda item: "SPAM" if "http" in item.text else None)
    >>> votes = apply([links], ["see http://example.org", "nice"], ["HAM", "SPAM"])
    >>> votes.hard.tolist(), votes.classes
    ([[1], [-1]], ('HAM', 'SPAM'))
    """
    frame = sys._getframe(1)
    voters = _voters(functions, {**frame.f_globals, **frame.f_locals}, classes)
    _check(voters, text)
    table = content_table(data, text)
    votes = _votes(voters, table, text)
    declared = {name for v in voters if isinstance(v, VectorFunction) for name in v.classes}
    names = tuple(classes) if classes is not None else tuple(sorted(declared.union(*(n for n, _ in votes))))
    if not 1 <= len(names) <= MAX_CLASSES:
        raise InputError(
            f"classes: expected 1 to {MAX_CLASSES} of them, got {len(names)}. Name them: classes=[...]."
        )
    hard = np.full((table.num_rows, len(voters)), ABSTAIN, dtype=np.int8)
    for j, (voter, (own, codes)) in enumerate(zip(voters, votes, strict=True)):
        hard[:, j] = _recoded(str(voter.name), own, codes, names)
    return VoteMatrix(hard, tuple(str(v.name) for v in voters), len(names), names)


def _voters(
    functions: Sequence[Any], variables: Mapping[str, Any], classes: Sequence[str] | None
) -> list[Voter]:
    if not isinstance(functions, Iterable):
        raise InputError(
            f"functions: expected a list of them, got {functions!r} alone. Write [...] around it."
        )
    known = {id(value): name for name, value in variables.items() if isinstance(value, VectorFunction)}
    voters: list[Voter] = []
    for place, function in enumerate(functions):
        if isinstance(function, VectorFunction) and function.name is None:
            builder = f"{function.definition['builder']} {place}"
            voters.append(function.named(known.get(id(function), builder)))
        elif isinstance(function, LabelingFunction | VectorFunction):
            voters.append(function)
        elif is_snorkels_function(function):
            voters.append(_adapted(function, classes))
        else:
            raise InputError(
                f"functions: {function!r} is no labelling function. Decorate it with @labeling_function."
            )
    twice = [name for name, times in Counter(str(v.name) for v in voters).items() if times > 1]
    if twice:
        raise InputError(*(f"functions: two are called {name!r}. Rename one." for name in twice))
    return voters


def _adapted(function: Any, classes: Sequence[str] | None) -> LabelingFunction:
    if classes is None:
        raise InputError(
            f"{function.name}: snorkel's functions answer with numbers. Say what these mean: classes=[...]."
        )
    return adapt(function, classes)


def _check(voters: Iterable[Voter], text: str) -> None:
    failures = [f"{voter.name}: {failure}" for voter in voters for failure in check_examples(voter, text)]
    if failures:
        raise InputError(*failures)


def _votes(voters: Sequence[Voter], table: pa.Table, text: str) -> list[tuple[Sequence[str], Codes]]:
    """Give each voter's own class names and its codes, shape (n,)."""
    builders = [v for v in voters if isinstance(v, VectorFunction) and not v.needs_python]
    others = [v for v in voters if v not in builders]
    of_builders = zip(builders, _vote_vectorised(builders, table, text), strict=True)
    found: dict[int, tuple[Sequence[str], Codes]] = {id(v): (v.classes, codes) for v, codes in of_builders}
    found |= {id(v): votes for v, votes in zip(others, _vote_in_python(others, table, text), strict=True)}
    return [found[id(v)] for v in voters]


def _vote_vectorised(builders: Sequence[VectorFunction], table: pa.Table, text: str) -> list[Codes]:
    if not builders:
        return []
    import polars as pl

    frame = pl.DataFrame({name: pl.from_arrow(table[name]) for name in table.column_names})
    json_fields = {field.name for field in table.schema if is_json(field)}
    return vote_frame(builders, frame, text, json_fields)


def _vote_in_python(voters: Sequence[Voter], table: pa.Table, text: str) -> list[tuple[Sequence[str], Codes]]:
    codes = [ClassCodes(()) for _ in voters]
    parts: list[list[Codes]] = [[] for _ in voters]
    starts = range(0, table.num_rows, CHUNK_ROWS)
    for start in watched(starts, "voting") if voters else ():
        chunk = _chunk(table.slice(start, CHUNK_ROWS), start, text)
        rows = _called(voters, codes, chunk, start)
        for part, row in zip(parts, rows, strict=True):
            part.append(row)
    empty = np.empty(0, dtype=np.int8)
    return [(c.names, np.concatenate([empty, *part])) for c, part in zip(codes, parts, strict=True)]


def _chunk(table: pa.Table, start: int, text: str) -> Chunk:
    places = [i.to_bytes(8, "big") for i in range(start, start + table.num_rows)]
    return Chunk(table.append_column("\0place", pa.array(places, pa.binary())), text)


def _called(
    voters: Sequence[Voter], codes: Sequence[ClassCodes], chunk: Chunk, start: int
) -> npt.NDArray[np.int8]:
    """Give the codes of a chunk, shape (m, n); the first fault is raised."""
    shared, n = preparations_of(voters), len(chunk)
    cells = array("b", bytes((len(shared) + len(voters)) * n))
    outcome = call_all(voters, codes, chunk, cells)
    for row, (i, told) in sorted(outcome.faults.items()):
        name = [*(p.__name__ for p in shared), *(v.name for v in voters)][row]
        raise QuorumError(f"{name}, item {start + i} ({_shown(chunk.items[i])}):\n{told}")
    return np.frombuffer(cells, dtype=np.int8).reshape(-1, n)[len(shared) :]


def _shown(item: Any) -> str:
    said = repr(getattr(item, "text", dict(item.fields)))
    return said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…"


def _recoded(voter: str, own: Sequence[str], codes: Codes, names: Sequence[str]) -> Codes:
    """Turn codes of a voter's own class names into codes of the common ones."""
    unknown = [name for name in own if name not in names]
    if unknown:
        expected = f"expected one of {', '.join(names)}.{did_you_mean(unknown[0], names)}"
        raise InputError(f"{voter}: votes for {unknown[0]!r}, {expected}")
    return np.array([*(names.index(name) for name in own), ABSTAIN], dtype=np.int8)[codes]
