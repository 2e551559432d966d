"""From a model's answer to a vote, or to an abstention with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labeling.types import CompletionAnswer, Outcome, Reading
from lfs.llm.evidence import is_quoted
from lfs.llm.instructions import CONFIDENCES
from lfs.llm.labels import ABSTAIN_LABEL, Labels
from lfs.llm.objects import answer_object, named_label
from lfs.llm.wrapping import Fields, visible

READER = 1
"""Goes up when the same answer may be read as something else."""

STOPPED: Mapping[str, Outcome] = {
    "refusal": Outcome.REFUSAL,
    "max_tokens": Outcome.TRUNCATED,
    "model_context_window_exceeded": Outcome.TOO_LONG,
}
"""Ends of an answer that leave nothing to be read as a vote."""


def read_answer(labels: Labels, fields: Fields, answer: CompletionAnswer) -> Reading:
    """Read an answer; never raises.

    Parameters
    ----------
    labels : Labels
        What may be answered.
    fields : mapping of str to str
        What the model saw of the item.
    answer : CompletionAnswer
    """
    stopped = STOPPED.get(answer.stop_reason)
    if stopped:
        return Reading(stopped, named=_named(labels, answer.text))
    found = answer_object(answer.text)
    if found is None:
        return Reading(Outcome.UNREADABLE, named=_named(labels, answer.text))
    label = labels.find(found["label"]) if isinstance(found["label"], str) else None
    if label is None:
        return Reading(Outcome.INVALID_LABEL)
    return Reading(Outcome.ABSTAIN) if label == ABSTAIN_LABEL else _vote(label, found, fields)


def _vote(label: str, found: Mapping[str, Any], fields: Fields) -> Reading:
    confidence, said = _confidence(found.get("confidence")), found.get("evidence")
    evidence = visible(said) if isinstance(said, str) else None
    if evidence is None or not is_quoted(evidence, fields.values()):
        return Reading(Outcome.NO_EVIDENCE, confidence=confidence, evidence=evidence, named=label)
    return Reading(Outcome.VOTE, label=label, confidence=confidence, evidence=evidence)


def _confidence(said: object) -> float | None:
    return CONFIDENCES.get(said.strip().lower()) if isinstance(said, str) else None


def _named(labels: Labels, text: str) -> str | None:
    said = named_label(text)
    label = None if said is None else labels.find(said)
    return None if label == ABSTAIN_LABEL else label
