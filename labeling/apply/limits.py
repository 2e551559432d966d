"""What functions may take and how often they may fail, and the words for those that go beyond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labeling.config.suggest import did_you_mean
from labeling.errors import QuorumError
from labeling.types import LabelSchema

ENOUGH_CALLS = 100
"""A share of faults is judged from so many calls on, or at the end."""

HANGS = 3
"""A function that does not come back so often is given up."""

KEPT = "What the other functions voted is kept."


@dataclass(frozen=True)
class Limits:
    """What one source of functions may take.

    Parameters
    ----------
    time_limit : float
        Seconds of one call.
    max_fault_rate : float
        Share of calls in [0, 1].
    """

    time_limit: float = 10.0
    max_fault_rate: float = 0.1


@dataclass(frozen=True)
class Fault:
    """A call that failed: the function, the row of the item, and the traceback or what else was seen."""

    name: str
    row: str
    told: str


def too_many_faults(fault: Fault, faults: int, calls: int, limits: Limits) -> QuorumError:
    """Say that a function fails too often; ``fault`` is the first."""
    return QuorumError(
        f"{fault.name!r} fails on {faults:,} of {calls:,} items ({faults / calls:.1%}); "
        f"max_fault_rate allows {limits.max_fault_rate:.1%}. The first is row {fault.row}:\n"
        f"{fault.told.rstrip()}\n"
        f"Mend the function, or raise max_fault_rate beside its `functions:`. {KEPT}"
    )


def given_up(name: str, hung: Mapping[str, str]) -> QuorumError:
    """Say that a function did not come back too often; ``hung`` has what was seen by row."""
    seen = "; ".join(f"on row {row} it {reason}" for row, reason in hung.items())
    return QuorumError(
        f"{name!r} is given up, for it did not come back {len(hung)} times: {seen}. "
        f"Mend the function, or raise time_limit beside its `functions:`. {KEPT}"
    )


def too_long(seconds: float) -> str:
    """Say that a call took too long."""
    return f"took longer than {seconds:g} s and was stopped"


def strange_vote(name: str, schema: LabelSchema) -> str:
    """Say that a vote names no class."""
    return f"returned {name!r}, expected None or one of {', '.join(schema.names)}." + did_you_mean(
        name, schema.names
    )
