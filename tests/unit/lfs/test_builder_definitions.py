"""Builders as data: fingerprints, names, examples, and what is said of wrong parameters."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

import lfs
from labeling.errors import InputError
from labeling.lf import vector
from labeling.lf.vector import VectorFunction
from lfs import all_of, any_of, field_pattern, keyword, lookup, model_score, regex, threshold, unless

A, B, C = (keyword(word, label="P") for word in "abc")


def lengths(texts: list[str]) -> list[int]:
    return [len(text) for text in texts]


def zeros(texts: list[str]) -> list[int]:
    return [0 for _ in texts]


VARIANTS: dict[str, list[Callable[[], VectorFunction]]] = {
    "keyword": [
        lambda: keyword("a", "b", label="P"),
        lambda: keyword("a", "c", label="P"),
        lambda: keyword("a b", label="P"),
        lambda: keyword("a", "b", label="Q"),
        lambda: keyword("a", "b", label="P", field="title"),
        lambda: keyword("a", "b", label="P", whole_words=False),
        lambda: keyword("a", "b", label="P", case=True),
        lambda: keyword("a", "b", label="P", at_least=2),
    ],
    "regex": [
        lambda: regex("a", label="P"),
        lambda: regex("b", label="P"),
        lambda: regex("a", label="Q"),
        lambda: regex("a", label="P", case=False),
        lambda: regex("a", label="P", engine="re"),
        lambda: field_pattern("title", "a", label="P"),
        lambda: field_pattern("channel", "a", label="P"),
    ],
    "lookup": [
        lambda: lookup({"a": "P", "b": "Q"}),
        lambda: lookup({"a": "Q", "b": "P"}),
        lambda: lookup({"a": "P", "b": "Q", "c": "Q"}),
        lambda: lookup({"a": "P", "b": "Q"}, field="title"),
        lambda: lookup({"a": "P", "b": "Q"}, field="title", match="words"),
        lambda: lookup({"a": "P", "b": "Q"}, case=True),
    ],
    "threshold": [
        lambda: threshold("stars", above=1, label="P"),
        lambda: threshold("stars", above=1, label="Q"),
        lambda: threshold("stars", above=2, label="P"),
        lambda: threshold("stars", below=1, label="P"),
        lambda: threshold("stars", between=(1, 2), label="P"),
        lambda: threshold("likes", above=1, label="P"),
    ],
    "model_score": [
        lambda: model_score(lengths, label="P"),
        lambda: model_score(zeros, label="P"),
        lambda: model_score(lengths, label="Q"),
        lambda: model_score(lengths, label="P", above=0.5),
        lambda: model_score(lengths, label="P", index=1),
        lambda: model_score(lengths, label="P", field="title"),
    ],
    "combinations": [
        lambda: all_of(A, B, label="P"),
        lambda: all_of(A, C, label="P"),
        lambda: all_of(A, B, C, label="P"),
        lambda: all_of(A, B, label="Q"),
        lambda: any_of(A, B, label="P"),
        lambda: unless(A, B),
        lambda: unless(A, C),
        lambda: unless(A, B, C),
    ],
}
ALL = [make for variants in VARIANTS.values() for make in variants]


@pytest.mark.parametrize("builder", VARIANTS)
def test_each_parameter_changes_the_fingerprint(builder: str) -> None:
    fingerprints = [make().fingerprint for make in VARIANTS[builder]]
    assert len(set(fingerprints)) == len(fingerprints)


def test_no_two_builders_share_a_definition_or_fingerprint() -> None:
    assert len({make().fingerprint for make in ALL}) == len(ALL)
    assert len({json.dumps(make().definition) for make in ALL}) == len(ALL)


@pytest.mark.parametrize("make", ALL)
def test_equal_definitions_have_equal_fingerprints(make: Callable[[], VectorFunction]) -> None:
    first, second = make(), make()
    assert json.loads(json.dumps(first.definition)) == json.loads(json.dumps(second.definition))
    assert first.fingerprint == second.fingerprint == first.named("other").fingerprint


def test_order_repetition_names_and_examples_do_not_count() -> None:
    plain = keyword("a", "b", label="P")
    other = keyword("b", "a", "a", label="P", name="ab", examples=[("a", "P")])
    assert plain.fingerprint == other.fingerprint
    assert lookup({"a": "P", "b": "Q"}).fingerprint == lookup({"b": "Q", "a": "P"}).fingerprint
    assert threshold("x", above=1, label="P").fingerprint == threshold("x", above=1.0, label="P").fingerprint


def test_the_version_of_the_engine_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keyword("a", label="P").fingerprint
    monkeypatch.setattr(vector, "engine_version", lambda: "another")
    assert keyword("a", label="P").fingerprint != before


@pytest.mark.parametrize("make", ALL)
def test_a_name_is_given_later(make: Callable[[], VectorFunction]) -> None:
    function = make()
    assert function.name is None
    named = function.named("rule")
    assert (named.name, named.classes, named.definition) == ("rule", function.classes, function.definition)
    assert str(named).endswith("'rule'")


def test_examples_are_kept_as_they_are() -> None:
    function = keyword("a", label="P", examples=[("a", "P"), ({"text": "b"}, None)])
    assert function.examples == (("a", "P"), ({"text": "b"}, None))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: keyword(label="P"), "keyword: words: expected one or more, got none"),
        (lambda: keyword("", label="P"), "keyword: words: expected a text that is not empty, got ''"),
        (
            lambda: keyword(["a"], label="P"),
            r"keyword: words: expected a text that is not empty, got \['a'\]",
        ),
        (lambda: keyword("\ud800", label="P"), "keyword: words: expected a text"),
        (lambda: keyword("a", label=1), "keyword: label: expected the name of a class, got 1"),
        (lambda: keyword("a", label="P", at_least=0), "at_least: expected a whole number from 1 to 1.*got 0"),
        (lambda: keyword("a", label="P", at_least=2), "at_least: .* got 2. Write at_least=1"),
        (lambda: keyword("a", label="P", at_least=True), "at_least: .* got True"),
        (lambda: keyword("a", label="P", case="no"), "case: expected True or False, got 'no'"),
        (lambda: keyword("a", label="P", whole_words=1), "whole_words: expected True or False, got 1"),
        (lambda: keyword("a", label="P", field=3), "field: expected a text that is not empty, got 3"),
        (lambda: keyword("a", label="P", name=""), "name: expected a text that is not empty, got ''"),
        (lambda: keyword("a", label="P", examples=[("a", "Q")]), "examples: .*votes for P or None"),
        (
            lambda: keyword("a", label="P", examples=["a"]),
            r'examples: expected \(text or fields.*Write \("a te',
        ),
        (lambda: keyword("a", label="P", examples=[(1, "P")]), "examples: .*a mapping of fields, first"),
        (lambda: keyword("a", label="P", examples={"a": "P"}), "examples: expected pairs, got {'a': 'P'}"),
        (lambda: regex("", label="P"), "regex: pattern: expected a text that is not empty, got ''"),
        (lambda: regex(3, label="P"), "regex: pattern: expected a text that is not empty, got 3"),
        (lambda: regex("a", label="P", engine="pcre"), 'engine: expected "linear" or "re", got \'pcre\''),
        (lambda: regex("a", label="P", case=None), "case: expected True or False, got None"),
        (lambda: field_pattern("", "a", label="P"), "field_pattern: field: expected a text"),
        (lambda: field_pattern("x", "(?=a)", label="P"), "field_pattern: pattern: .*look-around"),
        (lambda: threshold("", above=1, label="P"), "threshold: field: expected a text"),
    ],
)
def test_wrong_parameters_are_refused_when_given(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        make()


def test_all_faults_are_said_together() -> None:
    with pytest.raises(InputError) as refused:
        keyword("", label="", case=1)  # type: ignore[arg-type]
    assert [p.split(":")[1].strip() for p in refused.value.problems] == ["words", "label", "case"]


def test_each_builder_is_covered_here() -> None:
    covered = set(itertools.chain(VARIANTS, ("field_pattern", "all_of", "any_of", "unless")))
    assert set(lfs.__all__) - {"Item", "LabelingFunction", "labeling_function"} == covered - {"combinations"}
