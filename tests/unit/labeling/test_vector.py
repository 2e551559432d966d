"""Voters that vote on whole columns: the frame, the fields, missing values."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from labeling.errors import InputError
from labeling.lf.vector import as_number, as_text, vote_frame
from labeling.types import Item
from lfs import keyword, regex, threshold

FREE = keyword("free", label="SPAM", name="free")


def test_votes_are_indices_into_the_functions_own_classes() -> None:
    [votes] = vote_frame([FREE], pl.DataFrame({"text": ["free", "no", None]}))
    assert votes.dtype == np.int8
    assert votes.tolist() == [0, -1, -1]


def test_the_text_is_the_column_of_that_name() -> None:
    frame = pl.DataFrame({"text": ["free", "no"], "body": ["no", "free"]})
    assert vote_frame([FREE], frame, "body")[0].tolist() == [-1, 0]
    assert FREE(Item("0", {"text": "free", "body": "no"}, "body")) is None


def test_arrow_tables_are_voted_on() -> None:
    table = pa.table({"text": pa.array(["free", None], pa.large_string()), "stars": pa.array([1, None])})
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    votes = vote_frame([FREE, threshold("stars", below=2, label="A")], frame)
    assert [v.tolist() for v in votes] == [[0, -1], [0, -1]]


def test_no_functions_and_no_rows() -> None:
    assert vote_frame([], pl.DataFrame({"text": ["a"]})) == []
    assert vote_frame([FREE], pl.DataFrame({"text": []}, schema={"text": pl.String}))[0].shape == (0,)
    nothing = pl.DataFrame({"text": [None, None]}, schema={"text": pl.Null})
    assert vote_frame([FREE, threshold("text", above=0, label="A")], nothing)[1].tolist() == [-1, -1]


def test_missing_fields_are_named_all_at_once() -> None:
    functions = [keyword("a", label="A", field="chanel", name="mail"), threshold("stars", above=1, label="A")]
    with pytest.raises(InputError) as refused:
        vote_frame(functions, pl.DataFrame({"text": [""], "channel": [""]}))
    first, second = refused.value.problems
    assert first == "keyword 'mail': no field 'chanel'; the items have text, channel. Did you mean channel?"
    assert second.startswith("threshold: no field 'stars'; the items have text, channel.")


def test_of_many_fields_only_some_are_listed() -> None:
    frame = pl.DataFrame({name: [""] for name in ("text", *(f"lf_{i:02}" for i in range(70)))})
    with pytest.raises(InputError, match=r"the items have text, lf_00, .*, lf_08 and 61 more\. Name one"):
        vote_frame([threshold("stars", above=1, label="A")], frame)


@pytest.mark.parametrize("engine", ["linear", "re"])
def test_an_item_that_lacks_a_field_is_named(engine: str) -> None:
    function = regex("a", label="A", field="chanel", engine=engine)  # type: ignore[arg-type]
    with pytest.raises(
        InputError, match=r"regex: no field 'chanel'; the items have text, channel\. Did you mean"
    ):
        function(Item("0", {"text": "a", "channel": "a"}))


def test_what_needs_python_is_not_voted_on_in_columns() -> None:
    slow = regex("a(?=b)", label="A", engine="re", name="slow")
    with pytest.raises(
        ValueError, match="regex 'slow': needs Python's regular expressions; call it item by item"
    ):
        vote_frame([FREE, slow], pl.DataFrame({"text": ["ab"]}))


def test_lone_surrogates_are_replaced() -> None:
    assert as_text("a\ud800b") == "a\ufffdb"
    assert as_text("😀") == "😀"
    assert keyword("free", label="A")(Item("0", {"text": "\udfff free"})) == "A"


def test_nan_in_a_column_is_no_number() -> None:
    frame = pl.DataFrame({"text": ["", "", ""], "x": [float("nan"), 2.0, None]})
    functions = [threshold("x", above=1, label="A"), threshold("x", below=3, label="A")]
    assert [v.tolist() for v in vote_frame(functions, frame)] == [[-1, 0, -1]] * 2


def test_numbers_too_large_for_a_float_are_none() -> None:
    assert as_number(10**400) is None
    assert as_text(1e22) == "1" + "0" * 22


def test_polars_is_loaded_only_when_it_is_needed() -> None:
    code = "import sys, labeling.lf.vector, lfs; assert 'polars' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
