"""How a run of calls begins and ends: what earlier ones left open, what is spent, where ids go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from sqlalchemy import Connection

from labeling.spending.budget import Budget
from labeling.spending.calls import Caller
from labeling.spending.context import Spending
from labeling.spending.crew import Crew
from labeling.spending.departures import Departures, notes_of, stayed
from labeling.spending.pacing import Pace
from labeling.spending.tally import Tally
from labeling.spending.writer import Writer
from labeling.store import Store, llm_calls


@asynccontextmanager
async def calling(spending: Spending, voter: str, model: str, tally: Tally) -> AsyncIterator[Caller]:
    """Give who asks for one version of a voter; at the end all that came of it is in the ledger.

    Parameters
    ----------
    spending : Spending
    voter : str
        The version.
    model : str
    tally : Tally
        Filled meanwhile.
    """
    budget, first = await asyncio.to_thread(_open_ledger, spending, model, tally)
    pace, ids = Pace(spending.in_flight), count(first)
    try:
        with Departures(notes_of(spending.store.file), first) as departures:
            async with Writer(spending.store, spending.lease) as writer:
                yield Caller(spending, voter, budget, pace, writer, departures, Crew(), tally, ids)
    finally:
        tally.spent = None if spending.price is None else budget.spent


def give_up(tx: Connection, store: Store) -> int:
    """Settle the calls that runs left open which ended early, and give how many are lost."""
    return llm_calls.close_open(tx, stayed(notes_of(store.file), llm_calls.open_calls(tx)))


def _open_ledger(spending: Spending, model: str, tally: Tally) -> tuple[Budget, int]:
    with spending.store.write() as tx:
        spending.lease.check(tx)
        tally.lost += give_up(tx, spending.store)
        tally.cost = tally.cost if spending.price is None else 0.0
        limit = None if spending.price is None else spending.budget
        return Budget(model, limit, llm_calls.spent(tx, model)), llm_calls.next_id(tx)
