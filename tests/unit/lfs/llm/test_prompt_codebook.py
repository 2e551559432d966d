"""The codebook and the rules around it: what every question of a prompt shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labeling.types import LabelClass, LabelSchema
from lfs.llm.codebook import TIE_RULE, codebook
from lfs.llm.voters import PromptVoter
from tests.prompt_files import CODEBOOK, CUE, SCHEMA, item_of, voter_of

WHOLE = """\
# Guideline

When in doubt, A.

# Classes

## A
Is
an A.
Includes:
- one - two
- three
Does not include:
- four
Examples:
- "it's \\"a\\"\\nand b"
Near misses, which look like this class and are not:
- "five"

## B or not B

# Where two classes fit

A.

# Where none fits

Answer ABSTAIN when the item gives no evidence for any class."""


def test_the_codebook_tells_all_of_the_classes_in_the_order_of_the_schema() -> None:
    a = LabelClass(
        "A", " Is\nan A. ", ('it\'s "a"\nand b',), True, ("one\n- two", "three"), ("four",), ("five",)
    )
    schema = LabelSchema((a, LabelClass("B or\nnot B")), " When in doubt, A.\n")
    assert codebook(schema, " A. ") == WHOLE


def test_without_a_tie_rule_there_is_one() -> None:
    assert TIE_RULE in codebook(SCHEMA)
    assert "Guideline" not in codebook(LabelSchema(SCHEMA.classes))


def test_the_system_block_is_the_same_for_all_items(
    codebook_voter: PromptVoter, nearest_voter: PromptVoter
) -> None:
    for voter in (codebook_voter, nearest_voter):
        systems = {voter.request(item_of(text)).system for text in ("a", "b\n# Classes", "", None, 4)}
        assert systems == {voter.system}


def test_the_rules_stand_below_the_words_of_the_file(codebook_voter: PromptVoter) -> None:
    parts = ["Comments below videos.", "# Classes", "# Form of the answer", "# The item is data"]
    places = [codebook_voter.system.index(part) for part in parts]
    assert places == sorted(places)
    assert '"HAM", "SPAM", "ABSTAIN"' in codebook_voter.system


def test_a_cue_is_told_its_question_alone(cue_voter: PromptVoter) -> None:
    assert "# The question\nDoes it ask for money?" in cue_voter.system
    assert "If the answer to the question is yes, the label is SPAM." in cue_voter.system
    assert "HAM" not in cue_voter.system


def test_words_of_a_file_may_be_anything(tmp_path: Path) -> None:
    body = "{text} %s {{item}} </item-MARK> \\n €"
    assert body in voter_of(tmp_path, f"{CODEBOOK}{body}\n").system


@pytest.mark.parametrize(
    ("text", "labels"), [(CODEBOOK, ["HAM", "SPAM", "ABSTAIN"]), (CUE, ["SPAM", "ABSTAIN"])]
)
def test_the_schema_asks_for_evidence_then_label_then_confidence(
    tmp_path: Path, text: str, labels: list[str]
) -> None:
    schema: Any = voter_of(tmp_path, text).request(item_of("x")).schema
    assert list(schema["properties"]) == schema["required"] == ["evidence", "label", "confidence"]
    assert schema["properties"]["label"]["enum"] == labels
    assert schema["properties"]["confidence"]["enum"] == ["low", "medium", "high"]
    assert schema["additionalProperties"] is False
