"""Counts of calls, faults and hangs by function, and the point at which a run stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from labeling.apply.limits import ENOUGH_CALLS, HANGS, Fault, Limits, given_up, strange_vote, too_many_faults
from labeling.errors import QuorumError
from labeling.types import FAULT, LOST, UNKNOWN, Codes, LabelSchema


@dataclass
class Tally:
    """Counts of one run.

    Parameters
    ----------
    schema : LabelSchema
    limits : sequence of Limits
        By function.
    """

    schema: LabelSchema
    limits: Sequence[Limits]
    calls: Counter[int] = field(default_factory=Counter)
    faults: Counter[int] = field(default_factory=Counter)
    _first: dict[int, Fault] = field(default_factory=dict)
    _hung: dict[int, dict[str, str]] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Calls of all functions."""
        return self.calls.total()

    def fault(self, function: int, fault: Fault) -> None:
        """Note a fault in words; the first of each function counts."""
        self._first.setdefault(function, fault)

    def hang(self, function: int, row: str, reason: str) -> None:
        """Note that a function did not come back from a row."""
        self._hung.setdefault(function, {})[row] = reason

    def count(self, function: int, codes: Codes, names: Sequence[str]) -> tuple[int, str] | None:
        """Count calls, shape (n,); give the first vote that names no class, as (item, words)."""
        strange = codes >= len(self.schema)
        self.calls[function] += int((codes != UNKNOWN).sum())
        self.faults[function] += int((strange | np.isin(codes, (FAULT, LOST))).sum())
        if not strange.any():
            return None
        i = int(strange.argmax())
        return i, strange_vote(names[codes[i]], self.schema)

    def judge(self, function: int) -> QuorumError | None:
        """Give the error that stops the run where a function hangs or fails too often."""
        hung, first = self._hung.get(function, {}), self._first.get(function)
        if first is None:
            return None
        if len(hung) >= HANGS:
            return given_up(first.name, hung)
        calls, faults, limits = self.calls[function], self.faults[function], self.limits[function]
        if calls >= ENOUGH_CALLS and faults > limits.max_fault_rate * calls:
            return too_many_faults(first, faults, calls, limits)
        return None
