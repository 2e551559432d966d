from __future__ import annotations

from labeling.spending.tally import Tally
from labeling.types import CompletionAnswer, Outcome, Reading, Usage


def test_abstentions_are_counted_by_reason_and_by_the_class_named() -> None:
    tally = Tally()
    for reading in (
        Reading(Outcome.VOTE, "HAM", named="HAM"),
        Reading(Outcome.REFUSAL),
        Reading(Outcome.NO_EVIDENCE, named="SPAM"),
        Reading(Outcome.NO_EVIDENCE, named="SPAM"),
        Reading(Outcome.NO_EVIDENCE, named="HAM"),
    ):
        tally.read(reading, cached=False)
    tally.give_up()
    assert tally.abstained == {"refusal": 1, "no_evidence": 3, "provider_error": 1}
    assert tally.abstained_by_class == {"SPAM": {"no_evidence": 2}, "HAM": {"no_evidence": 1}}
    assert (tally.items, tally.answered, tally.unanswered, tally.cached) == (6, 5, 1, 0)


def test_tokens_and_cost_add_up() -> None:
    tally = Tally()
    answer = CompletionAnswer("", "end_turn", Usage(1, 2, 3, 4), "m")
    tally.paid(answer, None)
    assert tally.cost is None
    tally.paid(answer, 0.5)
    tally.paid(answer, 0.25)
    assert (tally.tokens, tally.cost) == (Usage(3, 6, 9, 12), 0.75)
