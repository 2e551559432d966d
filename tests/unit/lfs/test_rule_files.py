"""Functions as data: a YAML file gives what the builders give, and whatever else is in it is refused."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from labeling.errors import InputError
from labeling.lf.vector import VectorFunction, vote_frame
from lfs import keyword, regex, rules
from lfs.rules import read_rules

CLASSES = ("HAM", "SPAM")


def read(folder: Path, text: str) -> list[VectorFunction]:
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    return read_rules(file, CLASSES)


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as error:
        read(folder, text)
    return [problem.removeprefix(f"{folder / 'rules.yaml'}:") for problem in error.value.problems]


def rule(inside: str) -> str:
    return f"functions:\n  - name: a\n    {inside}\n"


@pytest.mark.parametrize(
    ("inside", "builder"),
    [
        ("keyword: {label: SPAM, words: [free]}", keyword("free", label="SPAM")),
        ("keyword: {label: SPAM, words: [free, 'click here']}", keyword("click here", "free", label="SPAM")),
        (
            "keyword: {label: HAM, words: [a, b], field: title, whole_words: false, case: true, at_least: 2}",
            keyword("a", "b", label="HAM", field="title", whole_words=False, case=True, at_least=2),
        ),
        (r"regex: {label: SPAM, pattern: 'https?://\w'}", regex(r"https?://\w", label="SPAM")),
        (
            "regex: {label: SPAM, pattern: '^mail', field: channel, case: false}",
            regex("^mail", label="SPAM", field="channel", case=False),
        ),
        ("regex: {label: SPAM, pattern: a, engine: linear}", regex("a", label="SPAM")),
    ],
)
def test_a_rule_is_what_the_builder_makes(tmp_path: Path, inside: str, builder: VectorFunction) -> None:
    [function] = read(tmp_path, rule(inside))
    assert function.name == "a"
    assert function.definition == builder.definition
    assert function.fingerprint == builder.fingerprint
    assert type(function) is type(builder)


def test_layout_provenance_and_examples_do_not_count(tmp_path: Path) -> None:
    plain = read(tmp_path, rule("keyword: {label: SPAM, words: [free, cash]}"))
    other = read(
        tmp_path,
        "# A comment\nfunctions:\n- provenance: {by: somebody, gold: {judged: 3}}\n  keyword:\n"
        '    examples: [[free!, SPAM], [{text: carefree}, null]]\n    words:\n    - "cash"\n    - free\n'
        "    label: SPAM\n  name: b\n",
    )
    assert other[0].fingerprint == plain[0].fingerprint
    assert other[0].examples == (("free!", "SPAM"), ({"text": "carefree"}, None))


def test_the_order_of_the_file_is_kept(tmp_path: Path) -> None:
    text = "functions:\n" + "".join(
        f"  - {{name: {name}, keyword: {{label: HAM, words: [{name}]}}}}\n" for name in ("b", "c", "a")
    )
    assert [f.name for f in read(tmp_path, text)] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("keyword: {label: SPM, words: [a]}", "3 functions[0].keyword.label: expected one of HAM, SPAM, got"),
        ("keyword: {label: HAM, words: []}", "3 functions[0].keyword.words: expected a list of 1 to 1000"),
        ("keyword: {label: HAM, words: a}", "3 functions[0].keyword.words: expected a list of 1 to 1000"),
        (
            "keyword: {label: HAM, words: [1]}",
            "3 functions[0].keyword.words[0]: expected text, got 1. Put it",
        ),
        ("keyword: {label: HAM, words: [true]}", "3 functions[0].keyword.words[0]: expected text, got true"),
        ("keyword: {label: HAM, words: ['']}", "3 functions[0].keyword.words[0]: expected text"),
        (
            "keyword: {label: HAM}",
            "3 functions[0].keyword.words: expected a list of 1 to 1000 words, got not",
        ),
        (
            "keyword: {words: [a]}",
            "3 functions[0].keyword.label: expected text, the name of a class, got noth",
        ),
        (
            "keyword: {label: HAM, words: [a], case: 'no'}",
            "3 functions[0].keyword.case: expected true or fal",
        ),
        (
            "keyword: {label: HAM, words: [a, A], at_least: 2}",
            "3 functions[0].keyword.at_least: expected a who",
        ),
        (
            "keyword: {label: HAM, words: [a], at_least: 0}",
            "3 functions[0].keyword.at_least: expected a whole",
        ),
        (
            "keyword: {label: HAM, wrods: [a], words: [a]}",
            "3 functions[0].keyword.wrods: unknown key, expect",
        ),
        ("keyword: {label: HAM, words: [a], examples: [[a, SPAM]]}", "3 functions[0].keyword.examples: expe"),
        ("keyword: [a]", "3 functions[0].keyword: expected a mapping with label"),
        ("regex: {label: HAM, pattern: '(a'}", "3 functions[0].regex.pattern: expected a regular expression"),
        ("regex: {label: HAM, pattern: ''}", "3 functions[0].regex.pattern: expected text of at most 2000"),
        (
            "regex: {label: HAM, pattern: a, engine: re}",
            "3 functions[0].regex.engine: expected linear, for fu",
        ),
        ("code: import os", "3 functions[0].code: unknown key"),
        ("lookup: {a: HAM}", "3 functions[0].lookup: unknown key"),
        ("provenance: {}", "2 functions[0]: expected either keyword or regex, got none. Write one."),
        ("provenance: 3", "3 functions[0].provenance: expected a mapping, got 3"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, inside: str, said: str) -> None:
    problems = refused(tmp_path, rule(inside))
    assert any(problem.startswith(said) for problem in problems), problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: expected a mapping with functions, got nothing"),
        ("[]", "1: expected a mapping with functions, got []"),
        ("functions:", "1 functions: expected a list of 1 to 500 functions, got nothing"),
        ("functions: []", "1 functions: expected a list of 1 to 500 functions, got []"),
        (
            "functions: [x]",
            '1 functions[0]: expected a mapping with name, keyword, regex, provenance, got "x"',
        ),
        ("functions: [x]\nimports: [os]", "2 imports: unknown key"),
        ("functions: [", "1: expected YAML"),
        ("a: \tb\n\tc", "1: expected spaces"),
    ],
)
def test_what_is_no_list_of_functions_is_refused(tmp_path: Path, text: str, said: str) -> None:
    problems = refused(tmp_path, text)
    assert any(problem.startswith(said) for problem in problems), problems


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    problems = refused(
        tmp_path,
        "functions:\n"
        "  - {name: a, keyword: {label: SPAM, words: [free]}}\n"
        "  - {name: a, keyword: {label: SPM, words: [free]}}\n"
        "  - name: b\n    regex: {label: HAM, pattern: (?=a)}\n"
        "  - name: c\n    keyword: {label: HAM, words: [1], case: 3}\n"
        "  - keyword: {label: HAM, words: &x [a]}\n"
        "  - {name: e, keyword: {label: HAM, words: *x}}\n",
    )
    assert [problem.split(":")[0] for problem in problems] == [
        "8 functions[5].keyword.words",
        "3 functions[1].keyword.label",
        "5 functions[2].regex.pattern",
        "7 functions[3].keyword.words[0]",
        "7 functions[3].keyword.case",
        "8 functions[4].name",
        "9 functions[5].keyword.words",
        "3 functions[1].name",
    ]


def test_one_name_stands_for_one_function(tmp_path: Path) -> None:
    two = "functions:\n" + "  - {name: a, keyword: {label: HAM, words: [a]}}\n" * 2
    assert refused(tmp_path, two) == [
        '3 functions[1].name: expected a name of its own, got "a" again. Rename one.'
    ]


@pytest.mark.parametrize(
    "tagged",
    [
        "!!python/object/apply:os.system ['touch PLACE']",
        "!!python/object/new:subprocess.Popen [['touch', 'PLACE']]",
        "!!python/name:os.system ''",
        "[!!python/object/apply:os.system ['touch PLACE']]",
        "!include PLACE",
        "{a: !!python/module:os x}",
    ],
)
def test_tags_are_refused_and_nothing_runs(tmp_path: Path, tagged: str) -> None:
    place = tmp_path / "ran"
    for text in (
        f"functions: {tagged}",
        rule(f"keyword: {{label: HAM, words: {tagged}}}"),
        rule(f"keyword: {{label: HAM, words: [a]}}\n    provenance: {{by: {tagged}}}"),
    ):
        problems = refused(tmp_path, text.replace("PLACE", str(place)))
        assert any("got the tag" in problem and "Remove the tag" in problem for problem in problems)
    assert not place.exists()


def test_aliases_do_not_multiply(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    start = time.perf_counter()
    problems = refused(tmp_path, "\n".join([*levels, "functions: *a11"]))
    assert time.perf_counter() - start < 5
    assert any("got an alias" in problem for problem in problems)


def test_depth_and_size_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "expected YAML" in refused(tmp_path, "{functions: " * 20_000)[0]
    monkeypatch.setattr(rules, "MOST_BYTES", 100)
    [problem] = refused(tmp_path, "#" * 101)
    assert problem.endswith("expected at most 100 bytes, got 101. Make two files.")


def test_too_many_and_too_long_are_refused(tmp_path: Path) -> None:
    many = "functions:\n" + "  - a\n" * (rules.MOST_RULES + 1)
    assert refused(tmp_path, many)[0].startswith("1 functions: expected a list of 1 to 500 functions")
    long = "a" * (rules.LONGEST_PATTERN + 1)
    assert (
        "expected text of at most 2000 characters"
        in refused(tmp_path, rule(f"regex: {{label: HAM, pattern: {long}}}"))[0]
    )
    words = ", ".join(f"w{i}" for i in range(rules.MOST_WORDS + 1))
    assert (
        "expected a list of 1 to 1000 words"
        in refused(tmp_path, rule(f"keyword: {{label: HAM, words: [{words}]}}"))[0]
    )


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(.*a){20}$", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_patterns_that_take_python_for_ever_run_in_linear_time(tmp_path: Path, pattern: str) -> None:
    [function] = read(tmp_path, rule(f"regex: {{label: HAM, pattern: '{pattern}'}}"))
    start = time.perf_counter()
    vote_frame([function], pl.DataFrame({"text": ["a" * 5_000 + "!"]}))
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"a(?=b)", "look-around"),
        (r"(?<!a)b", "look-around"),
        (r"(a)\1", "a back-reference"),
        (r"a++b", "a possessive quantifier"),
        (r"(?:\w{500}){500}", "more than 10 MB once compiled"),
    ],
)
def test_what_the_linear_engine_cannot_do_is_refused(tmp_path: Path, pattern: str, reason: str) -> None:
    [problem] = refused(tmp_path, rule(f"regex: {{label: HAM, pattern: '{pattern}'}}"))
    assert problem.startswith("3 functions[0].regex.pattern: expected what the linear engine can do")
    assert reason in problem
    assert problem.endswith("Write it without.")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read: No such file"):
        read_rules(tmp_path / "none.yaml", CLASSES)
    (tmp_path / "latin.yaml").write_bytes("a: ä".encode("latin-1"))
    with pytest.raises(InputError, match="expected UTF-8"):
        read_rules(tmp_path / "latin.yaml", CLASSES)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_any_words_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], whole: bool, case: bool
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    values = {"label": "HAM", "words": words, "whole_words": whole, "case": case}
    with (folder / "made.yaml").open("w", encoding="utf-8") as file:
        YAML().dump({"functions": [{"name": "a", "keyword": values}]}, file)
    [function] = read_rules(folder / "made.yaml", CLASSES)
    assert function.fingerprint == keyword(*words, label="HAM", whole_words=whole, case=case).fingerprint


@settings(max_examples=150)
@given(JSON)
def test_whatever_the_file_holds_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    file = tmp_path_factory.mktemp("rules") / "any.yaml"
    for document in (
        value,
        {"functions": value},
        {"functions": [value]},
        {"functions": [{"keyword": value}]},
    ):
        file.write_text(json.dumps(document), encoding="utf-8")
        with pytest.raises(InputError):
            read_rules(file, CLASSES)
