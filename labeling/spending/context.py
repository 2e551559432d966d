"""What a run spends with: ledger, server, price, budget."""

from __future__ import annotations

from dataclasses import dataclass, field

from labeling.project import Progress, silent
from labeling.store import Lease, Store
from labeling.types import Completer, Price

LEASE = "llm"
"""Name of the lease that whoever spends must hold."""


@dataclass(frozen=True)
class Spending:
    """What a run spends with.

    Attributes
    ----------
    store : Store
    completer : Completer
    lease : Lease
        The one named ``LEASE``: one run at a time.
    price : Price, optional
        Of the model; None runs free of a budget.
    budget : float, optional
        US dollars that the model may cost in all runs together.
    in_flight : int
        The most calls at once.
    progress : callable
        Called with (what, done, total).
    """

    store: Store
    completer: Completer = field(repr=False)
    lease: Lease
    price: Price | None = None
    budget: float | None = None
    in_flight: int = 32
    progress: Progress = field(default=silent, repr=False)
