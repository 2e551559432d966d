from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.config.slices import SliceSyntaxError, parse_slice

FRAME = pd.DataFrame(
    {
        "language": pd.Series(["de", "en", None, "fr"], dtype=object),
        "stars": pd.Series(["1", "5", "n/a", None], dtype=object),
        "likes": pd.Series([0, 2.5, None, -3], dtype=object),
        "reply": pd.Series([True, False, None, True], dtype=object),
        "tags": pd.Series([["a"], [], None, {"x": 1}], dtype=object),
        "größe": pd.Series([1, 2, 3, 4], dtype=object),
    }
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("language == 'de'", [1, 0, 0, 0]),
        ("'de' == language", [1, 0, 0, 0]),
        ("language != 'de'", [0, 1, 1, 1]),
        ("language == None", [0, 0, 1, 0]),
        ("language != None", [1, 1, 0, 1]),
        ("language in ['de', 'fr']", [1, 0, 0, 1]),
        ("language not in ('de', 'fr')", [0, 1, 1, 0]),
        ("language in {'de', None}", [1, 0, 1, 0]),
        ("language in []", [0, 0, 0, 0]),
        ("'e' in language", [1, 1, 0, 0]),
        ("'e' not in language", [0, 0, 1, 1]),
        ("stars < 3", [1, 0, 0, 0]),
        ("3 > stars", [1, 0, 0, 0]),
        ("0 < stars <= 5", [1, 1, 0, 0]),
        ("stars == '5'", [0, 1, 0, 0]),
        ("stars != 5", [1, 0, 1, 1]),
        ("likes >= -3 and likes < 1", [1, 0, 0, 1]),
        ("likes == '2.5'", [0, 1, 0, 0]),
        ("reply == True", [1, 0, 0, 1]),
        ("reply == 1", [0, 0, 0, 0]),
        ("not language == 'de'", [0, 1, 1, 1]),
        ("language == 'de' or stars == 5 or likes == -3", [1, 1, 0, 1]),
        ("(language == 'de' or stars == 5) and not likes > 1", [1, 0, 0, 0]),
        ("tags == 1", [0, 0, 0, 0]),
        ("größe > 2", [0, 0, 1, 1]),
    ],
)
def test_masks(expression: str, expected: list[int]) -> None:
    mask = parse_slice(expression).mask(FRAME)
    assert mask.dtype == bool
    assert mask.tolist() == [bool(cell) for cell in expected]


@pytest.mark.parametrize(
    "expression", ["language == 'de'", "'e' in language", "stars in [1, 2]", "reply == True"]
)
def test_no_rows_give_an_empty_mask(expression: str) -> None:
    assert parse_slice(expression).mask(FRAME[:0]).shape == (0,)


def test_the_index_of_a_frame_does_not_matter() -> None:
    shuffled = FRAME.iloc[[3, 0, 1, 2]]
    assert parse_slice("language == 'de' or 0 < stars < 2").mask(shuffled).tolist() == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "language",
        "True",
        "language =",
        "language = 'de'",
        "language == other",
        "'a' == 'a'",
        "language is 'de'",
        "language < None",
        "language in 'de'",
        "1 in language",
        "language in [other]",
        "language in ['a', ['b']]",
        "stars + 1 == 2",
        "stars == 1 + 1",
        "-stars == 1",
        "not stars",
        "language.str.len() == 2",
        "language.__class__ == 1",
        "language[0] == 'd'",
        "@language == 'de'",
        "__import__('os').system('true') == 0",
        "open('x') == 1",
        "(lambda: 1)() == language",
        "[x for x in language] == 1",
        "(y := language) == 'de'",
        "f'{language}' == language",
        "language == b'de'",
        "language == 1j",
        "language == ...",
        "language == '\\d'",
        "language == 'de'; import os",
        "language == 'de' if stars == 1 else stars == 2",
        "a == 1 & b == 2",
        "language == 'de\0'",
        "(" * 400 + "stars == 1" + ")" * 400,
        "stars == " + "-" * 900 + "1",
        "x == 1 or " * 200 + "x == 1",
    ],
)
def test_everything_else_is_refused(expression: str) -> None:
    with pytest.raises(SliceSyntaxError, match=r"\w"):
        parse_slice(expression)


def test_a_column_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        parse_slice("nowhere == 1").mask(FRAME)


@given(st.text("ab='\"<>!()[]. 01notrd-:@+", max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        expression = parse_slice(text)
    except SliceSyntaxError:
        return
    frame = pd.DataFrame({name: pd.Series(["a", None, "1"], dtype=object) for name in expression.columns})
    assert expression.mask(frame).shape == (3,)


@given(st.lists(st.one_of(st.none(), st.integers(-9, 9)), min_size=1), st.integers(-9, 9))
def test_less_and_not_less_share_the_rows_that_have_a_value(values: list[int | None], bound: int) -> None:
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    below, above = (parse_slice(f"x {op} {bound}").mask(frame) for op in ("<", ">="))
    present = np.array([value is not None for value in values])
    assert (below ^ above).tolist() == present.tolist()
    assert not (below & above).any()
