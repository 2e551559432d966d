"""A ledger for tests: runs of direct mode on it, and what it says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from labeling.spending import Spending, Tally, ask
from labeling.store import Store
from labeling.store.schema import llm_calls, llm_votes
from labeling.types import Completer, Item, Price, Rates
from tests.llm_voters import PlainVoter

PRICE = Price(Rates(1.0, 5.0, 1.25, 2.0, 0.1))


class Ledger:
    """What a test asks and what the ledger says of it."""

    def __init__(self, store: Store, spending: Spending) -> None:
        self.store, self.spending = store, spending

    def ask(
        self, completer: Completer, items: Sequence[Item], voter: PlainVoter | None = None, **changes: Any
    ) -> Tally:
        """Run direct mode to its end."""
        tally = changes.pop("tally", None)
        spending = replace(self.spending, completer=completer, **changes)
        return asyncio.run(ask(spending, voter or PlainVoter(), items, total=len(items), tally=tally))

    def calls(self, *columns: str) -> list[tuple[Any, ...]]:
        """Give columns of all calls."""
        with self.store.read() as tx:
            rows = tx.execute(select(*(llm_calls.c[name] for name in columns)).order_by(llm_calls.c.id))
            return [tuple(row) for row in rows]

    def statuses(self) -> list[str]:
        """Give what became of the calls."""
        return [status for (status,) in self.calls("status")]

    def votes(self) -> list[tuple[str, str | None]]:
        """Give (outcome, label) of all items."""
        with self.store.read() as tx:
            return [(row.outcome, row.label) for row in tx.execute(select(llm_votes))]
