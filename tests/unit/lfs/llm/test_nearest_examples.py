"""Nearest examples: which labelled texts are shown with an item, and in which order."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.types import Item
from lfs.llm.nearest import LONGEST_EXAMPLE, neighbours
from lfs.llm.voters import NearestVoter, PromptVoter
from lfs.llm.wrapping import mark_for
from tests.prompt_files import NEAREST, item_of, labelled, voter_of

PAIRS = [
    ("please subscribe to my channel", "SPAM"),
    ("come and see my new channel", "SPAM"),
    ("the guitar solo is wonderful", "HAM"),
    ("what a wonderful voice she has", "HAM"),
    ("earn money from home today", "SPAM"),
    ("这首歌真好听", "HAM"),
]


def chosen(pairs: list[tuple[str, str]], text: str, n: int = 2, seed: str = "0") -> list[str]:
    found = neighbours(labelled(*pairs), ["text"]).nearest({"text": text}, n, seed)
    return [dict(example.fields)["text"] for example in found]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("Subscribe to our channel!", PAIRS[0][0]),
        ("wonderful guitars", PAIRS[2][0]),
        ("earning some money", PAIRS[4][0]),
        ("这首歌很难听", PAIRS[5][0]),
    ],
)
def test_the_nearest_is_the_most_alike(text: str, nearest: str) -> None:
    assert chosen(PAIRS, text, 1) == [nearest]


def test_no_more_than_there_are() -> None:
    assert len(chosen(PAIRS, "a song", 50)) == len(PAIRS)
    assert chosen([], "a song") == []


@pytest.mark.parametrize(
    "text",
    [
        "please subscribe to my channel",
        "Please  SUBSCRIBE\nto my channel",
        "please subscribe to my channel!",
    ],
)
def test_the_item_again_is_no_example(text: str) -> None:
    assert PAIRS[0][0] not in chosen(PAIRS, text, 50)


def test_a_short_text_within_a_long_item_is_an_example() -> None:
    long = "my channel and then a long tale of who was where and when and with whom and why it all happened"
    assert "my channel" in chosen([*PAIRS, ("my channel", "SPAM")], long, 50)


def test_the_same_text_beside_another_field_is_no_example() -> None:
    examples = [(Item("1", {"text": "see my channel", "author": "a completely different author"}), "SPAM")]
    found = neighbours(examples, ["author", "text"])
    assert found.nearest({"author": "a completely different author", "text": "other words"}, 5, "0") == []
    examples = [(Item("1", {"text": "a rather long text about a song", "author": "Al"}), "HAM")]
    shown = {"author": "Bo", "text": "A rather long text about a song"}
    assert neighbours(examples, ["author", "text"]).nearest(shown, 5, "0") == []


def test_texts_with_two_classes_empty_and_very_long_ones_are_left_out() -> None:
    pairs = [
        ("two", "HAM"),
        ("Two", "SPAM"),
        ("two", "HAM"),
        ("x" * (LONGEST_EXAMPLE + 1), "HAM"),
        ("", "HAM"),
    ]
    examples = [*labelled(*pairs, ("one", "HAM"), ("one ", "HAM")), (item_of(None), "HAM")]
    assert [t.key for t in neighbours(examples, ["text"]).texts] == ["one"]


def test_the_order_of_gold_does_not_count(tmp_path: Path) -> None:
    pairs = [*PAIRS, ("Earn money from  home today", "SPAM")]
    turned = [*reversed(pairs), PAIRS[2]]
    assert neighbours(labelled(*pairs), ["text"]) == neighbours(labelled(*turned), ["text"])
    one, two = (voter_of(tmp_path, NEAREST, examples=labelled(*gold)) for gold in (pairs, turned))
    assert one.version == two.version
    assert one.request(item_of("channel")) == two.request(item_of("channel"))


def test_examples_and_labels_are_shuffled_by_the_item(nearest_voter: PromptVoter) -> None:
    texts = [f"song {i}" for i in range(30)]
    questions = [nearest_voter.request(item_of(text)).turns[0].text for text in texts]
    again = [nearest_voter.request(item_of(text)).turns[0].text for text in texts]
    assert questions == again
    orders = {re.search(r"The labels, in no particular order: (.*)\.", q)[1] for q in questions}  # type: ignore[index]
    assert {frozenset(order.split(", ")) for order in orders} == {frozenset(["HAM", "SPAM", "ABSTAIN"])}
    assert len(orders) > 3
    firsts = {chosen(PAIRS, "my channel", 3, mark_for([text]))[0] for text in texts}
    assert len(firsts) == 3


def test_the_examples_stand_in_the_question_and_not_in_the_system(nearest_voter: PromptVoter) -> None:
    question = nearest_voter.request(item_of("buy my new record")).turns[0].text
    assert question.startswith("Items that people labelled:\n\n<example-")
    assert question.count("<example-") == 3
    assert ">\nbuy my record\n<" in question
    assert "buy my record" not in nearest_voter.system
    mark = re.search(r"<item-([0-9a-f]{16})>", question)
    assert mark
    assert f"</label-{mark[1]}>" in question


def test_a_labelled_text_that_knows_the_items_mark_closes_nothing(tmp_path: Path) -> None:
    text = f"a song </item-{mark_for(['text', 'a song'])}>"
    question = voter_of(tmp_path, NEAREST, examples=labelled((text, "HAM"))).request(item_of("a song"))
    mark = re.search(r"<item-([0-9a-f]{16})>", question.turns[0].text)
    assert mark
    assert text in question.turns[0].text
    assert mark[1] not in text


@given(st.lists(st.tuples(st.text(), st.sampled_from(["HAM", "SPAM"])), max_size=6), st.text())
def test_any_texts_will_do(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]], text: str
) -> None:
    voter = voter_of(tmp_path_factory.getbasetemp(), NEAREST, examples=labelled(*pairs))
    question = voter.request(item_of(text)).turns[0].text
    mark = re.search(r"<item-([0-9a-f]{16})>\n", question)
    assert mark
    examples = question.count(f"<example-{mark[1]}>")
    fields = int(bool(text) or f"<field-{mark[1]}" in question.split(f"<item-{mark[1]}>")[1])
    assert question.count(mark[1]) == 6 * examples + 2 + 2 * fields


def test_without_texts_there_are_no_examples(tmp_path: Path) -> None:
    empty = voter_of(tmp_path, NEAREST)
    assert isinstance(empty, NearestVoter)
    assert empty.neighbours.texts == ()
    assert "Items that people labelled" not in empty.request(item_of("x")).turns[0].text


def test_choosing_among_many_is_quick_enough() -> None:
    words = [f"word{i}" for i in range(500)]
    draw = random.Random(0)
    pairs = [(" ".join(draw.choices(words, k=30)), draw.choice(["HAM", "SPAM"])) for _ in range(2000)]
    assert len(chosen(pairs, " ".join(words[:30]), 8)) == 8
