"""Which items are still to be asked: block by block, so that memory does not grow with their number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from labeling.spending.conversation import Question, follow
from labeling.store import Store, StoredAnswer, StoredVote, llm_calls, llm_votes
from labeling.types import CompletionRequest, Item, LLMVoter, Outcome

BLOCK = 512


@dataclass(frozen=True, slots=True)
class Block:
    """Some items.

    Attributes
    ----------
    voted : sequence of StoredVote
        The readings that stand in the ledger.
    read : sequence of StoredVote
        The readings that answers of the ledger make, not stored yet.
    questions : sequence of Question
        What is to be asked about the others.
    """

    voted: Sequence[StoredVote]
    read: Sequence[StoredVote]
    questions: Sequence[Question]


async def blocks(store: Store, voter: LLMVoter, items: Iterable[Item]) -> AsyncGenerator[Block, None]:
    """Look items up in the ledger; they are drawn from ``items`` in threads, one block after another."""
    drawn = iter(items)
    while some := await asyncio.to_thread(lambda: list(islice(drawn, BLOCK))):
        yield await asyncio.to_thread(look_up, store, voter, some)


def look_up(store: Store, voter: LLMVoter, items: Sequence[Item]) -> Block:
    """Tell items that have a reading from those that have an answer and those that are to be asked.

    What another version of the reader read is read again from the answer that is kept.
    """
    with store.read() as tx:
        votes = llm_votes.find(tx, voter.version, [item.digest for item in items])
        standing = {digest: vote for digest, vote in votes.items() if _stands(voter, vote)}
        stale = {digest: vote.call for digest, vote in votes.items() if digest not in standing}
        requests = {item.digest: voter.request(item) for item in items if item.digest not in votes}
        known = _known(tx, stale, requests)
    open_items = [item for item in items if item.digest not in standing]
    steps = [
        follow(voter, item, known[item.digest])
        if item.digest in known
        else Question(item, requests[item.digest])
        for item in open_items
    ]
    read = [step for step in steps if isinstance(step, StoredVote)]
    return Block(list(standing.values()), read, [step for step in steps if isinstance(step, Question)])


def _known(
    tx: Connection, stale: Mapping[str, int], requests: Mapping[str, CompletionRequest]
) -> dict[str, StoredAnswer]:
    """Give the answers that the ledger has, by item: of its own call, or of whoever asked the same."""
    calls = llm_calls.answers_of(tx, set(stale.values()))
    answers = llm_calls.find_answers(tx, {request.digest for request in requests.values()})
    same = {item: answers[request.digest] for item, request in requests.items() if request.digest in answers}
    return {item: calls[call] for item, call in stale.items()} | same


def _stands(voter: LLMVoter, vote: StoredVote) -> bool:
    return vote.reader == voter.reader or vote.reading.outcome is Outcome.TOO_LONG
