"""The one writer of the ledger: what the calls of a run have to write goes into transactions together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from labeling.store import (
    CallIntent,
    Lease,
    Settlement,
    Store,
    StoredAnswer,
    StoredVote,
    llm_calls,
    llm_votes,
)

LINGER_SECONDS = 0.002
"""How long a transaction waits for company."""


@dataclass
class Group:
    """What goes into one transaction, with those who wait for its end."""

    settlements: list[Settlement] = field(default_factory=list)
    votes: list[StoredVote] = field(default_factory=list)
    intents: list[CallIntent] = field(default_factory=list)
    done: asyncio.Future[dict[str, StoredAnswer]] = field(default_factory=asyncio.Future)

    def __len__(self) -> int:
        return len(self.settlements) + len(self.votes) + len(self.intents)

    def write(self, store: Store, lease: Lease) -> dict[str, StoredAnswer]:
        """Commit, and give the answers that are known to requests that were to be sent."""
        with store.write() as tx:
            lease.check(tx)
            llm_calls.settle(tx, self.settlements)
            llm_votes.put(tx, self.votes)
            known = llm_calls.find_answers(tx, {intent.request for intent in self.intents})
            llm_calls.intend(tx, [intent for intent in self.intents if intent.request not in known])
        return known


class Writer:
    """Commits in the loop's own thread; a context, at whose end all is committed that was handed in.

    A thread of its own is slower: the two would hand each other the interpreter dozens of times for each
    transaction, which takes as long as the transaction itself.
    """

    def __init__(self, store: Store, lease: Lease, *, linger: float = LINGER_SECONDS) -> None:
        self._store, self._lease, self._linger = store, lease, linger
        self._failure: BaseException | None = None

    async def intend(self, intent: CallIntent) -> StoredAnswer | None:
        """Commit an intent, or give the answer where its request has been answered already."""
        self._check()
        group = self._group
        group.intents.append(intent)
        self._work.set()
        known = await asyncio.shield(group.done)
        return known.get(intent.request)

    def settle(self, settlement: Settlement) -> None:
        """Hand in what became of a call; it is committed soon."""
        self._group.settlements.append(settlement)
        self._work.set()

    def keep(self, votes: Iterable[StoredVote]) -> None:
        """Hand in readings; they are committed soon."""
        self._group.votes.extend(votes)
        self._work.set()

    async def flush(self) -> None:
        """Wait until all is committed that was handed in."""
        self._check()
        group = self._group
        self._work.set()
        await asyncio.shield(group.done)

    async def __aenter__(self) -> Self:
        self._group, self._work, self._closing = Group(), asyncio.Event(), False
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._work.set()
        await self._task
        if error is None:
            self._check()

    async def _run(self) -> None:
        while not self._closing:
            await self._work.wait()
            if not self._closing:
                await asyncio.sleep(self._linger)
            self._commit()
        self._commit()

    def _commit(self) -> None:
        self._work.clear()
        group, self._group = self._group, Group()
        if not group:
            group.done.set_result({})
            return
        try:
            known = group.write(self._store, self._lease)
        except Exception as error:
            self._failure = error
            group.done.set_exception(error)
            group.done.exception()
        else:
            group.done.set_result(known)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
