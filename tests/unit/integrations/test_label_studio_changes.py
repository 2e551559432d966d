"""What people are told anew when instructions change."""

from __future__ import annotations

from dataclasses import replace

from integrations.label_studio.changes import told_anew
from integrations.label_studio.interface import instructions
from labeling.types import LabelClass, LabelSchema

HAM = LabelClass("HAM", "about the video", ("nice & <b>new</b>", "love it"))
SPAM = LabelClass("SPAM", "advertises", includes=("own channels",))
SCHEMA = LabelSchema((HAM, SPAM), "First.\n\nThen.")


def changed(**changes: object) -> list[str]:
    return told_anew(instructions(SCHEMA, "Version 2."), replace(SCHEMA, **changes))  # type: ignore[arg-type]


def test_nothing_is_new_in_the_same_instructions() -> None:
    assert changed() == []


def test_tags_and_entities_may_be_written_in_another_way() -> None:
    written = instructions(SCHEMA).replace("&amp;", "&#38;").replace(' style="margin-bottom: 10px"', "")
    assert told_anew(written, SCHEMA) == []


def test_whatever_is_told_of_a_class_counts() -> None:
    assert changed(classes=(HAM, replace(SPAM, definition="advertises something"))) == ["SPAM"]
    assert changed(classes=(replace(HAM, examples=HAM.examples[:1]), SPAM)) == ["HAM"], (
        "a shorter list is new"
    )
    assert changed(classes=(replace(HAM, definition="about"), SPAM)) == ["HAM"], "and so is a shorter text"
    assert changed(classes=(HAM, SPAM, LabelClass("OTHER"))) == ["OTHER"]
    assert changed(unclear="None of these") == ["None of these"]


def test_the_guideline_counts_by_its_paragraphs() -> None:
    assert changed(guideline="First.\n\nThen.\n\nLast.") == ["the guideline"]
    assert changed(guideline="Then.") == []
