"""Tracebacks: the writer's line first, nothing of the engine."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from snorkel.labeling import labeling_function as snorkels

from labeling.lf import LabelingFunction
from labeling.lf.calling import call_all
from labeling.lf.examples import check_examples
from labeling.lf.snorkels import adapt
from labeling.lf.tracebacks import FRAMES_SHOWN, told_of
from labeling.types import Item


def files(told: str) -> list[str]:
    return re.findall(r'File "([^"]+)"', told)


def told(function: LabelingFunction, item: Item) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        function(item)
    assert caught.value.__traceback__ is not None
    return told_of(caught.value.with_traceback(caught.value.__traceback__.tb_next))


def nothing(item: Item) -> Any:
    return item.nothing


@snorkels()
def number(x: Any) -> int:
    return int(x.text)


def test_the_engines_frames_are_left_out_before_and_behind_the_writers_line() -> None:
    item = Item("0", {"text": "a"})
    for function in (
        LabelingFunction("field", lambda item: item.nothing),
        LabelingFunction("change", lambda item: setattr(item, "text", "b")),
        LabelingFunction("prepared", lambda item, nothing: None, pre=(nothing,)),
        adapt(number, ("HAM", "SPAM")),
    ):
        assert files(told(function, item)) == [__file__], function.name


def test_the_writers_line_comes_first_however_deep_a_library_fails() -> None:
    said = told(LabelingFunction("f", lambda item: json.loads(item.text)), Item("0", {"text": "{"}))
    assert files(said)[0] == __file__
    assert "json.loads(item.text)" in said
    assert len(files(said)) == FRAMES_SHOWN
    assert said.splitlines()[-1].startswith("json.decoder.JSONDecodeError")


def test_what_only_the_engine_says_has_no_frames() -> None:
    with pytest.raises(TypeError) as caught:
        call_all(None, [], None, [])  # type: ignore[arg-type]
    assert caught.value.__traceback__ is not None
    said = told_of(caught.value.with_traceback(caught.value.__traceback__.tb_next))
    assert said.startswith("TypeError: ")


def test_a_failing_example_is_told_alike() -> None:
    function = LabelingFunction("f", lambda item: 1 / 0, examples=(("x", None),))
    [failure] = check_examples(function)
    assert failure.traceback is not None
    assert files(failure.traceback) == [__file__]
