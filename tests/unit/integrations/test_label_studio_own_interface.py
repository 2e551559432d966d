"""A page of the user's own: what is right passes, all that is wrong is told with its line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.label_studio.interface import OURS, data_keys, interface
from integrations.label_studio.own_interface import problems_of, read_elements, read_interface
from labeling.errors import InputError
from labeling.types import LabelClass, LabelSchema

SCHEMA = LabelSchema((LabelClass("HAM"), LabelClass("SPAM")))
RIGHT = """\
<View>
  <Text name="text" value="$text"/>
  <Choices name="label" toName="text" choice="single">
    <Choice value="HAM"/>
    <Choice value="SPAM"/>
  </Choices>
</View>
"""
DOCS = Path(__file__).parents[3] / "docs" / "annotating.md"
texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn", "Cc"]), min_size=1)


def problems(path: Path, text: str, schema: LabelSchema = SCHEMA) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_interface(path, "label_studio.interface", schema, ["posted by"])
    return [problem.removeprefix(f"{path}:") for problem in caught.value.problems]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.xml"


def test_the_page_of_the_docs_is_right(file: Path) -> None:
    [page] = re.findall(r"```xml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    file.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{page}', encoding="utf-8")
    assert read_interface(file, "", SCHEMA, []) == page


@given(st.lists(texts, min_size=2, unique=True), st.lists(texts, max_size=3, unique=True))
def test_the_page_that_we_make_is_right(names: list[str], fields: list[str]) -> None:
    schema = LabelSchema(tuple(LabelClass(name) for name in names))
    keys = [*OURS, *data_keys(fields).values()]
    assert list(problems_of(read_elements(interface(schema, fields)), schema, keys)) == []


@pytest.mark.parametrize(
    ("change", "line", "expected"),
    [
        (('value="$text"', 'value="$txt"'), 2, 'got <Text> with value="$txt"'),
        (("<Text name", "<HyperText name"), 2, "got <HyperText>"),
        (('<Text name="text"', '<Text name="t"'), 1, 'expected one <Text name="text" value="$text"/>, got 0'),
        (('name="label"', 'name="class"'), 1, "got none. Answers are read from it."),
        (('toName="text"', 'toName="t"'), 3, 'expected toName="text", got t.'),
        (('choice="single"', 'choice="multiple"'), 3, "an answer is one class"),
        (('"SPAM"', '"SPAMM"'), 5, 'expected one of HAM, SPAM, got "SPAMM"'),
        (('"SPAM"', '"HAM"'), 5, "expected each class once"),
        (('    <Choice value="SPAM"/>\n', ""), 3, "got none for SPAM"),
        (('value="SPAM"', 'value="SPAM" alias="s"'), 5, "expected no alias"),
        (("<View>\n", '<View>\n<Header value="$salary"/>'), 2, "$posted_by, got $salary"),
        (("</Choices>", "</Choice>"), 6, "mismatched tag"),
        (("<View>", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><View>'), 1, "no DOCTYPE"),
        (("View>", "Form>"), 1, "expected <View> around all, got <Form>"),
        ((RIGHT, ""), 1, "no element found"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    file: Path, change: tuple[str, str], line: int, expected: str
) -> None:
    told = problems(file, RIGHT.replace(*change))
    assert any(problem.startswith(f"{line}: ") and expected in problem for problem in told), told


def test_everything_is_told_at_once(file: Path) -> None:
    told = problems(file, RIGHT.replace("HAM", "EGGS").replace("$text", "$txt"))
    assert len(told) == 4
    assert told == sorted(told)


def test_the_answer_that_no_class_fits_is_expected_where_it_is_allowed(file: Path) -> None:
    [told] = problems(file, RIGHT, replace(SCHEMA, unclear="None of these"))
    assert "got none for None of these" in told


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_names_the_key(file: Path, content: bytes | None) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"interface: expected a file of UTF-8 text, got .*own.xml"):
        read_interface(file, "label_studio.interface", SCHEMA, [])
