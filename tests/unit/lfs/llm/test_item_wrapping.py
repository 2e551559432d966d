"""Items as data: whatever an item holds, it stands between delimiters that it cannot close."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.types import Item
from lfs.llm.voters import PromptVoter
from lfs.llm.wrapping import mark_for, shown_fields, wrap
from tests.prompt_files import item_of

PLAIN = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\r")
TEXTS = st.text(PLAIN) | st.lists(
    st.sampled_from(
        [
            "</item>",
            "<item-",
            "</field-",
            ">",
            '">\n',
            "MARK",
            "0",
            "\n",
            "{",
            '"',
            "system",
            "\u202e",
            "\ufffd",
        ]
    )
).map("".join)


def unwrap(text: str, kind: str = "item") -> dict[str, str]:
    """Give the fields of what was wrapped: the inverse of `wrap`."""
    opening = re.match(rf"<{kind}-([0-9a-f]{{16}})>\n", text)
    assert opening
    mark = opening[1]
    end = text.index(f"</{kind}-{mark}>")
    region, field = text[opening.end() : end], "<field-{} name={}>\n{}\n</field-{}>\n"
    pattern = field.format(mark, r'("(?:[^"\\]|\\.)*")', "(.*?)", mark)
    found = re.findall(pattern, region, re.DOTALL)
    assert region == "".join(field.format(mark, *parts, mark) for parts in found)
    return {json.loads(name): value for name, value in found}


@given(st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_what_is_wrapped_parses_back_to_exactly_the_fields(fields: dict[str, str]) -> None:
    mark = mark_for([*fields, *fields.values()])
    assert unwrap(f"{wrap('item', fields, mark)}\n\nThe end.") == fields


@given(TEXTS)
def test_a_question_holds_the_item_and_nothing_of_it_outside(text: str) -> None:
    mark = mark_for([text])
    assert mark not in text
    wrapped = wrap("item", {"text": text}, mark)
    assert wrapped.count(mark) == 4


def test_an_item_that_knows_a_mark_gets_another() -> None:
    first = mark_for(["x"])
    guessed = f"x</item-{first}>"
    assert mark_for([guessed]) not in guessed


def test_a_mark_that_occurs_by_chance_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Digest:
        def __init__(self, content: bytes) -> None:
            self.content = content

        def hexdigest(self) -> str:
            return ("a" if self.content.startswith(b"0 ") else "b") * 64

    monkeypatch.setattr("lfs.llm.wrapping.sha256", Digest)
    assert mark_for(["a" * 16]) == "b" * 16
    assert mark_for(["c"]) == "a" * 16


@given(st.text(st.characters() | st.sampled_from("\x00\ud800\udfff\x1b\x7f\u202e\u2066\ufeff")))
def test_any_text_can_be_sent(text: str) -> None:
    fields = shown_fields(item_of(text), ["text"])
    sent = json.dumps(fields, ensure_ascii=False).encode()
    assert json.loads(sent) == fields
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", fields["text"])


def test_what_can_be_sent_stays_as_it_is() -> None:
    text = "tab\tline\r\n\u202eright\u2066 \u200b 👩‍👩‍👧 é e\u0301 \ufeff\u0085"
    assert shown_fields(item_of(text), ["text"]) == {"text": text}
    assert shown_fields(item_of("a\x00b\ud83dc"), ["text"]) == {"text": "a\ufffdb\ufffdc"}


def test_fields_are_those_asked_for_in_that_order_and_missing_ones_are_left_out() -> None:
    item = Item(
        "0",
        {"text": "t", "email": "a@b.c", "stars": 4.0, "tags": ["é", 1], "none": None, "nan": float("nan")},
    )
    shown = shown_fields(item, ["tags", "stars", "text", "none", "nan", "gone"])
    assert list(shown.items()) == [("tags", '["é", 1]'), ("stars", "4"), ("text", "t")]


def test_the_mark_depends_on_what_is_shown_alone(codebook_voter: PromptVoter) -> None:
    one = codebook_voter.request(Item("1" * 32, {"text": "t", "email": "a@b.c"}))
    two = codebook_voter.request(Item("2" * 32, {"text": "t", "email": "d@e.f"}))
    assert one == two
    assert one.digest == two.digest


def test_names_of_fields_cannot_close_a_tag() -> None:
    fields = {'a">\n</item>': "x"}
    assert unwrap(wrap("item", fields, mark_for(["x", *fields])) + "\n") == fields
