"""What is asked about an item, and what follows from an answer: a reading, or one repair."""

from __future__ import annotations

from dataclasses import dataclass

from labeling.store import StoredAnswer, StoredVote
from labeling.types import CompletionRequest, Item, LLMVoter, Outcome, Reading


@dataclass(frozen=True, slots=True)
class Question:
    """A request about an item.

    ``turn`` is 0 of the first and 1 of the repair, which has the answer ``before`` it to fall back on.
    """

    item: Item
    request: CompletionRequest
    turn: int = 0
    before: StoredAnswer | None = None


def follow(voter: LLMVoter, item: Item, answered: StoredAnswer) -> StoredVote | Question:
    """Read an answer, or ask for a repair where it is the first and not of the form that was asked for."""
    reading = voter.read(item, answered.answer)
    if answered.turn == 0:
        repair = voter.repair(item, answered.answer, reading)
        if repair is not None:
            return Question(item, repair, 1, answered)
    return StoredVote(voter.version, item.digest, reading, voter.reader, answered.call)


def too_long(voter: LLMVoter, question: Question, call: int) -> StoredVote:
    """Give the reading where the server will not take a request for its length."""
    before = question.before
    if before is None:
        reading = Reading(Outcome.TOO_LONG)
        return StoredVote(voter.version, question.item.digest, reading, voter.reader, call)
    reading = voter.read(question.item, before.answer)
    return StoredVote(voter.version, question.item.digest, reading, voter.reader, before.call)
