from __future__ import annotations

from labeling.spending.conversation import Question, follow, too_long
from labeling.store import StoredAnswer, StoredVote
from labeling.types import CompletionAnswer, Outcome, Usage
from tests.llm_voters import PlainVoter, item

VOTER = PlainVoter()
ITEM = item("love this song")
GOOD = '{"evidence": "love", "label": "HAM", "confidence": "high"}'


def answered(text: str, turn: int = 0) -> StoredAnswer:
    return StoredAnswer(7, turn, CompletionAnswer(text, "end_turn", Usage(1, 1), "m"))


def test_a_good_answer_is_a_vote() -> None:
    vote = follow(VOTER, ITEM, answered(GOOD))
    assert isinstance(vote, StoredVote)
    assert (vote.item, vote.reading.label, vote.call, vote.reader) == (ITEM.digest, "HAM", 7, VOTER.reader)


def test_a_bad_one_is_repaired_once() -> None:
    bad = answered("HAM, I think")
    question = follow(VOTER, ITEM, bad)
    assert isinstance(question, Question)
    assert (question.turn, question.before, question.request.turns[1].text) == (1, bad, "HAM, I think")
    again = follow(VOTER, ITEM, answered("still HAM", turn=1))
    assert isinstance(again, StoredVote)
    assert again.reading.outcome is Outcome.UNREADABLE


def test_what_is_too_long_abstains() -> None:
    vote = too_long(VOTER, Question(ITEM, VOTER.request(ITEM)), call=9)
    assert (vote.reading.outcome, vote.call) == (Outcome.TOO_LONG, 9)


def test_a_repair_that_is_too_long_leaves_the_first_reading() -> None:
    question = follow(VOTER, ITEM, answered("no"))
    assert isinstance(question, Question)
    vote = too_long(VOTER, question, call=9)
    assert (vote.reading.outcome, vote.call) == (Outcome.UNREADABLE, 7)
