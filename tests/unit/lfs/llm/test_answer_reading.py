"""Answers: a vote, or an abstention with its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.types import LLMVoter, Outcome, Reading
from lfs.llm.voters import PromptVoter
from tests.prompt_files import answer_of, item_of

ITEM = item_of("Nice song! Check out my channel")


def said(**keys: Any) -> str:
    return json.dumps({"evidence": "my channel", "label": "SPAM", "confidence": "high"} | keys)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (said(), Reading(Outcome.VOTE, "SPAM", 0.95, "my channel")),
        (f"```json\n{said(confidence='Low ')}\n```", Reading(Outcome.VOTE, "SPAM", 0.5, "my channel")),
        (said(label=" ham", confidence="medium"), Reading(Outcome.VOTE, "HAM", 0.75, "my channel")),
        (said(confidence="very high"), Reading(Outcome.VOTE, "SPAM", None, "my channel")),
        (said(confidence=0.9), Reading(Outcome.VOTE, "SPAM", None, "my channel")),
        (said(confidence=None), Reading(Outcome.VOTE, "SPAM", None, "my channel")),
        ('{"evidence": "song", "label": "HAM"}', Reading(Outcome.VOTE, "HAM", None, "song")),
        (said(extra={"label": "HAM"}), Reading(Outcome.VOTE, "SPAM", 0.95, "my channel")),
        (said(label="ABSTAIN"), Reading(Outcome.ABSTAIN)),
        (said(label="abstain", evidence=""), Reading(Outcome.ABSTAIN)),
        ("", Reading(Outcome.UNREADABLE)),
        ("SPAM", Reading(Outcome.UNREADABLE)),
        (said()[:-1], Reading(Outcome.UNREADABLE, named="SPAM")),
        (said()[:-1].replace("SPAM", "ABSTAIN"), Reading(Outcome.UNREADABLE)),
        (f"{said()} {said(label='HAM')}", Reading(Outcome.UNREADABLE)),
        (said(label="SCAM"), Reading(Outcome.INVALID_LABEL)),
        (said(label="SPAM or HAM"), Reading(Outcome.INVALID_LABEL)),
        (said(label=["SPAM"]), Reading(Outcome.INVALID_LABEL)),
        (said(label=None), Reading(Outcome.INVALID_LABEL)),
        (said(label=1), Reading(Outcome.INVALID_LABEL)),
        (said(evidence=""), Reading(Outcome.NO_EVIDENCE, None, 0.95, "", "SPAM")),
        (said(evidence=None), Reading(Outcome.NO_EVIDENCE, None, 0.95, None, "SPAM")),
        (said(evidence=["my channel"]), Reading(Outcome.NO_EVIDENCE, None, 0.95, None, "SPAM")),
        (said(evidence="your channel"), Reading(Outcome.NO_EVIDENCE, None, 0.95, "your channel", "SPAM")),
        (said(evidence="a\x00\ud800"), Reading(Outcome.NO_EVIDENCE, None, 0.95, "a\ufffd\ufffd", "SPAM")),
    ],
)
def test_what_an_answer_says(codebook_voter: PromptVoter, text: str, expected: Reading) -> None:
    assert codebook_voter.read(ITEM, answer_of(text)) == expected


@pytest.mark.parametrize(
    ("stop_reason", "outcome"),
    [
        ("refusal", Outcome.REFUSAL),
        ("max_tokens", Outcome.TRUNCATED),
        ("model_context_window_exceeded", Outcome.TOO_LONG),
    ],
)
def test_an_answer_that_was_stopped_does_not_vote(
    codebook_voter: PromptVoter, stop_reason: str, outcome: Outcome
) -> None:
    for text, named in ((said(), "SPAM"), ("", None), ('{"label": "SCAM"', None)):
        assert codebook_voter.read(ITEM, answer_of(text, stop_reason)) == Reading(outcome, named=named)


def test_a_cue_votes_for_its_class_alone(cue_voter: PromptVoter) -> None:
    assert cue_voter.read(ITEM, answer_of(said())).label == "SPAM"
    assert cue_voter.read(ITEM, answer_of(said(label="ABSTAIN"))).outcome is Outcome.ABSTAIN
    assert cue_voter.read(ITEM, answer_of(said(label="HAM"))) == Reading(Outcome.INVALID_LABEL)


def test_evidence_is_looked_for_in_what_was_shown(codebook_voter: PromptVoter) -> None:
    item = item_of("a", author="my channel")
    assert codebook_voter.read(item, answer_of(said())).outcome is Outcome.NO_EVIDENCE


@given(
    text=st.text()
    | st.dictionaries(
        st.sampled_from(["evidence", "label", "confidence"]),
        st.none()
        | st.text()
        | st.floats()
        | st.sampled_from(["SPAM", "ABSTAIN", "high", "song"])
        | st.lists(st.text()),
    ).map(json.dumps),
    stop_reason=st.sampled_from(["end_turn", "max_tokens", "refusal", "tool_use", "unheard-of"]),
)
def test_reading_never_raises_and_never_invents(
    codebook_voter: LLMVoter, nearest_voter: LLMVoter, text: str, stop_reason: str
) -> None:
    for voter in (codebook_voter, nearest_voter):
        reading = voter.read(ITEM, answer_of(text, stop_reason))
        assert (reading.label is not None) == (reading.outcome is Outcome.VOTE)
        assert reading.label in (None, "HAM", "SPAM")
        assert reading.label is None or f'"{reading.label}"' in text
        assert reading.confidence in (None, 0.5, 0.75, 0.95)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_three_outcomes_are_worth_another_turn(codebook_voter: PromptVoter, outcome: Outcome) -> None:
    repair = codebook_voter.repair(ITEM, answer_of("SPAM!"), Reading(outcome))
    assert (repair is not None) == (outcome in ("unreadable", "invalid_label", "no_evidence"))
    if repair is not None:
        first, answer, again = repair.turns
        assert first == codebook_voter.request(ITEM).turns[0]
        assert (answer.role, answer.text, again.role) == ("assistant", "SPAM!", "user")
        assert repair.digest != codebook_voter.request(ITEM).digest
        assert (repair.system, repair.schema) == (codebook_voter.system, codebook_voter.schema)


@pytest.mark.parametrize(
    ("text", "shown"), [("", "(nothing)"), (" \n", "(nothing)"), ("a\x00\udfff ", "a\ufffd\ufffd")]
)
def test_what_is_shown_of_a_bad_answer_can_be_sent(
    codebook_voter: PromptVoter, text: str, shown: str
) -> None:
    repair = codebook_voter.repair(ITEM, answer_of(text), Reading(Outcome.UNREADABLE))
    assert repair is not None
    assert repair.turns[1].text == shown
