"""What people's answers amount to where more than counting is asked for: gold of the review lane, weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from labeling.gold import GoldLabel
from labeling.store.model_opinions import Opinions
from labeling.types import Answers, Floats, Ints, LabelSchema, Lane

COUNTED = "majority"
WITH_MODEL = "with_model"
DIGITS = 4
LEAST_CONFIDENCE = 1e-4


def settle(gold: Mapping[str, GoldLabel], schema: LabelSchema, opinions: Opinions) -> Mapping[str, GoldLabel]:
    """Weigh the answers to review items by the rule of the schema.

    The label is one that somebody gave: with one answer that answer, with several the most probable of those
    given, none where two are as probable. An audit item keeps the majority of its own answers: neither other
    people's confusions nor a model may have a say in what labels are tested by.

    Parameters
    ----------
    gold : mapping of content digest to GoldLabel
        As counting has it.
    schema : LabelSchema
    opinions : mapping of content digest to mapping of class name to float
        What a model says of some of the items that had not seen these answers.
    """
    if schema.consensus == COUNTED:
        return gold
    digests = [d for d, g in gold.items() if g.lane == Lane.REVIEW and g.said]
    if not digests:
        return gold
    from labeling.people.consensus import CONSENSUS  # loads what counting does without

    answers = answers_of([gold[d] for d in digests], schema)
    model = model_of(digests, schema, opinions)
    proba = CONSENSUS[schema.consensus](answers, model, (len(digests), len(schema))).proba
    weighed = {d: _weighed(gold[d], proba[i], schema) for i, d in enumerate(digests)}
    return {**gold, **weighed}


def _weighed(gold: GoldLabel, proba: Floats, schema: LabelSchema) -> GoldLabel:
    from labeling.people.consensus import TIE

    given = sorted({label for _, label in gold.said}, key=lambda label: -proba[schema.index[label]])
    sure = [float(proba[schema.index[label]]) for label in given]
    label = None if len(given) > 1 and sure[0] - sure[1] <= TIE else given[0]
    agreement = sum(said == label for _, said in gold.said) / len(gold.said) if label else gold.agreement
    confidence = max(round(sure[0], DIGITS), LEAST_CONFIDENCE)
    return replace(gold, label=label, agreement=agreement, confidence=confidence)


def answers_of(gold: Sequence[GoldLabel], schema: LabelSchema) -> Answers:
    """Give who said what of each item as arrays."""
    annotators = sorted({person for g in gold for person, _ in g.said})
    number = {name: j for j, name in enumerate(annotators)}
    told = [(i, number[person], schema.index[label]) for i, g in enumerate(gold) for person, label in g.said]
    items, people, labels = np.array(told, dtype=np.int64).T
    return Answers(items, people, labels, len(annotators))


def model_of(digests: Sequence[str], schema: LabelSchema, opinions: Opinions) -> Floats | None:
    """Give what a model says of items, shape (m, k), all classes alike where it says nothing."""
    if schema.consensus != WITH_MODEL or not any(d in opinions for d in digests):
        return None
    k = len(schema)
    nothing = dict.fromkeys(schema.names, 1 / k)
    rows = [[opinions.get(d, nothing).get(name, 0.0) for name in schema.names] for d in digests]
    found = np.maximum(np.array(rows), 1e-6)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def opinions_of(digests: Sequence[str], rows: Ints, proba: Floats, schema: LabelSchema) -> Opinions:
    """Give what a model says of some rows of the pool, shape (m, k), by content digest and class name."""
    return {
        digests[row]: dict(zip(schema.names, np.round(said, DIGITS + 2).tolist(), strict=True))
        for row, said in zip(rows.tolist(), proba, strict=True)
    }
