"""What several answers to one item amount to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from labeling.gold import gold_array, gold_confidence, gold_labels
from labeling.types import Annotation, LabelClass, LabelSchema, Lane

SCHEMA = LabelSchema((LabelClass("HAM"), LabelClass("SPAM")))


def answer(task: str, person: str, label: str | None) -> Annotation:
    return Annotation(
        f"{task}-{person}", task, person, label, label is None, 1.0, None, "v1", "2026-01-01T00:00:00Z"
    )


def amount(*answers: Annotation, lanes: dict[str, Lane] | None = None):
    return gold_labels([("item", a) for a in answers], lanes or {"t": Lane.REVIEW}, SCHEMA)["item"]


def test_the_majority_of_answers_counts_and_skips_do_not():
    gold = amount(
        answer("t", "a", "SPAM"), answer("t", "b", "SPAM"), answer("t", "c", "HAM"), answer("t", "d", None)
    )
    assert (gold.label, gold.agreement) == ("SPAM", 2 / 3)
    assert gold.annotators == ("a", "b", "c", "d")


def test_a_tie_and_skips_alone_amount_to_nothing():
    assert amount(answer("t", "a", "SPAM"), answer("t", "b", "HAM")).label is None
    assert amount(answer("t", "a", None)).label is None


def test_a_class_that_is_gone_does_not_count():
    assert amount(answer("t", "a", "EGGS")).label is None


def test_that_no_class_fits_is_gold_of_no_class():
    schema = replace(SCHEMA, unclear="None of these")
    given = [("item", answer("t", "a", "None of these")), ("item", answer("t", "b", "HAM"))]
    gold = gold_labels(given[:1], {"t": Lane.AUDIT}, schema)["item"]
    assert (gold.label, gold.annotators, gold.said, gold.lane) == (None, ("a",), (), Lane.AUDIT)
    assert gold_labels(given, {"t": Lane.AUDIT}, schema)["item"].label == "HAM", "another person settles it"


def test_an_audit_answer_stays_apart_until_selection_picks_its_item():
    answers = [("item", answer("t", "a", "SPAM"))]
    for lane, other in ((Lane.AUDIT, Lane.REVIEW), (Lane.REVIEW, Lane.AUDIT)):
        gold = gold_labels(answers, {"t": lane}, SCHEMA)
        np.testing.assert_array_equal(gold_array(gold, ["item", "x"], SCHEMA, lane), [1, -1])
        np.testing.assert_array_equal(gold_array(gold, ["item", "x"], SCHEMA, other), [-1, -1])


def test_of_each_person_the_last_answer_counts():
    later = replace(answer("again", "a", "HAM"), updated_at="2026-01-02T00:00:00Z")
    lanes = {"t": Lane.REVIEW, "again": Lane.OVERLAP}
    gold = amount(later, answer("t", "a", "SPAM"), lanes=lanes)
    assert (gold.label, gold.agreement, gold.lane) == ("HAM", 1.0, Lane.REVIEW)


def test_the_confidence_of_a_label_is_the_share_of_people_who_gave_it():
    answers = [
        *(("agreed", answer("t", person, "SPAM")) for person in "abc"),
        *(
            ("disputed", answer("t", person, label))
            for person, label in zip("abc", ["HAM", "HAM", "SPAM"], strict=True)
        ),
        *(("tied", answer("t", person, label)) for person, label in zip("ab", ["HAM", "SPAM"], strict=True)),
    ]
    gold = gold_labels(answers, {"t": Lane.REVIEW}, SCHEMA)
    found = gold_confidence(gold, ["agreed", "disputed", "tied", "nobody"])
    np.testing.assert_allclose(found, [1.0, 2 / 3, 1.0, 1.0])
