"""How a run begins: what earlier ones left open, what is spent, where the ids of calls go on."""

from __future__ import annotations

from labeling.spending.budget import Budget
from labeling.spending.context import Spending
from labeling.spending.tally import Tally
from labeling.store import llm_calls


def open_ledger(spending: Spending, model: str, tally: Tally) -> tuple[Budget, int]:
    """Give up the calls of runs that ended early; give the budget as it stands and the first free id."""
    with spending.store.write() as tx:
        spending.lease.check(tx)
        tally.lost += llm_calls.lose_open(tx)
        tally.cost = tally.cost if spending.price is None else 0.0
        limit = None if spending.price is None else spending.budget
        return Budget(model, limit, llm_calls.spent(tx, model)), llm_calls.next_id(tx)
