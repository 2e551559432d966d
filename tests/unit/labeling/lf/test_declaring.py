"""Declaring functions, their examples, and what the loader makes of a file."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from labeling.errors import InputError
from labeling.lf import LabelingFunction, labeling_function
from labeling.lf.examples import Voter, check_examples
from labeling.lf.loading import load_functions, origin_of
from labeling.types import Item

CLASSES = ("HAM", "SPAM")


def load(folder: Path, source: str, name: str = "functions.py") -> tuple[dict[str, Voter], list[str]]:
    (folder / name).write_text(textwrap.dedent(source), encoding="utf-8")
    remarks: list[str] = []
    found = load_functions(name, folder, CLASSES, remarks.append)
    return {str(f.name): f for f in found}, remarks


def words(item: Item) -> list[str]:
    return item.text.split()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"pre": [lambda item: 1]}, "expected functions with a name"),
        ({"pre": [words, words]}, "'words' is given twice"),
        ({"pre": [words], "resources": {"words": 1}}, "'words' is given twice"),
        ({"pre": [words], "batch": True}, "batch=True takes a column"),
        ({"examples": ["buy"]}, "expected pairs such as"),
        ({"examples": [("buy", 1)]}, "expected pairs such as"),
    ],
)
def test_declarations_that_cannot_be_are_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        labeling_function(name="f", **more)(lambda item: None)


def test_a_call_prepares_what_is_needed() -> None:
    def f(item: Item, words: list[str], least: int) -> str | None:
        return "SPAM" if len(words) >= least else None

    declared = labeling_function(pre=[words], resources={"least": 2})(f)
    assert declared.name == "f"
    assert declared(Item("0", {"text": "a b"})) == "SPAM"
    assert declared(Item("0", {"text": "a"})) is None
    batch = labeling_function(batch=True)(lambda frame: ["SPAM" if t == "a" else None for t in frame.text])
    assert [batch(Item("0", {"text": t})) for t in "ab"] == ["SPAM", None]


def test_examples_that_fail_say_what_came() -> None:
    def f(item: Item) -> str | None:
        return "SPAM" if item["n"] > 1 else None

    examples = [({"text": "a", "n": 2}, "SPAM"), ({"n": 1}, "HAM"), ("long " * 30, None)]
    failures = check_examples(LabelingFunction("f", f, examples=tuple(examples)))
    assert [str(failure) for failure in failures] == [
        "\"{'n': 1}\": expected HAM, got None",
        f"'{('long ' * 30)[:59]}…': expected None, got KeyError: 'n'",
    ]
    assert check_examples(LabelingFunction("f", lambda item: "HAM", examples=(("x", "HAM"),)), "body") == ()


def test_nameless_builders_take_the_name_of_their_variable(tmp_path: Path) -> None:
    found, _ = load(
        tmp_path,
        """
        from lfs import all_of, keyword
        offers = keyword("buy", label="SPAM")
        _part = keyword("now", label="SPAM")
        named = keyword("win", label="SPAM", name="prizes")
        again = offers
        """,
    )
    assert set(found) == {"offers", "prizes"}
    origin = origin_of(found["offers"])
    assert origin is not None
    assert (origin.source, origin.root) == ("functions.py", tmp_path)


SNORKELS = """
from snorkel.augmentation import transformation_function
from snorkel.labeling import labeling_function
from snorkel.preprocess import preprocessor
from snorkel.slicing import slicing_function
from snorkel.labeling import LabelingFunction

@preprocessor(memoize=True)
def lower(x):
    x.text = x.text.lower()
    return x

@labeling_function(pre=[lower], resources={"words": ["buy"]})
def sells(x, words):
    return 1 if any(w in x.text for w in words) else -1

@labeling_function()
def broken(x):
    return 7

@slicing_function()
def short(x):
    return len(x.text) < 5

@transformation_function()
def shout(x):
    x.text = x.text.upper()
    return x

# Snorkel's own class needs spaCy.
NLP = type("BaseNLPLabelingFunction", (LabelingFunction,), {"__module__": "snorkel.labeling.lf.nlp"})
named_people = NLP("named_people", lambda x: 0)
"""


def test_snorkels_functions_vote_and_its_other_objects_get_a_word(tmp_path: Path) -> None:
    found, remarks = load(tmp_path, SNORKELS)
    assert set(found) == {"sells", "broken"}
    assert found["sells"](Item("0", {"text": "BUY"})) == "SPAM"
    assert found["sells"](Item("0", {"text": "nice"})) is None
    with pytest.raises(ValueError, match="returned 7, expected -1 to 1"):
        found["broken"](Item("0", {"text": ""}))
    said = {remark.split("'")[1]: remark for remark in remarks}
    assert set(said) == {"short", "shout", "named_people"}
    assert "Slices are expressions in the config" in said["short"]
    assert "not applied" in said["shout"]
    assert "pre=[doc]" in said["named_people"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("any(w in", "all(w in"),
        ("x.text.lower()", "x.text.upper()"),
        ('["buy"]', '["win"]'),
    ],
)
def test_an_edit_of_snorkels_function_counts(tmp_path: Path, old: str, new: str) -> None:
    before, _ = load(tmp_path, SNORKELS)
    again, _ = load(tmp_path, SNORKELS + "\n# a comment\n")
    after, _ = load(tmp_path, SNORKELS.replace(old, new))
    assert before["sells"].fingerprint == again["sells"].fingerprint != after["sells"].fingerprint
    assert before["broken"].fingerprint == after["broken"].fingerprint


def test_a_file_of_slices_alone_is_refused_with_a_word(tmp_path: Path) -> None:
    source = """
    from snorkel.slicing import slicing_function
    @slicing_function()
    def short(x):
        return True
    """
    with pytest.raises(InputError, match=r"(?s)no labelling function in it.*'short' is a slicing function"):
        load(tmp_path, source)


def test_helpers_of_two_folders_do_not_meet(tmp_path: Path) -> None:
    source = """
    from lfs import labeling_function
    from marks import MARK

    @labeling_function
    def f(item):
        return MARK
    """
    for name in CLASSES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "marks.py").write_text(f"MARK = {name!r}\n", encoding="utf-8")
        (tmp_path / name / "functions.py").write_text(textwrap.dedent(source), encoding="utf-8")
    votes = [
        load_functions(f"{n}/functions.py", tmp_path, CLASSES)[0](Item("0", {"text": ""})) for n in CLASSES
    ]
    assert votes == list(CLASSES)


def test_a_builder_that_is_refused_says_where(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"functions\.py:3: regex") as caught:
        load(tmp_path, "from lfs import regex\n\nbad = regex('(', label='SPAM')\n")
    assert "Mend the file" not in str(caught.value)


def test_a_file_that_exits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"functions\.py:2: SystemExit"):
        load(tmp_path, "import sys\nsys.exit(3)\n")


@pytest.mark.parametrize("call", ["keyword('buy')", "regex('buy')", "all_of(a, b)"])
def test_a_builder_without_a_class_says_what_to_write(tmp_path: Path, call: str) -> None:
    source = "from lfs import all_of, keyword, regex\na = b = keyword('a', label='SPAM')\n"
    with pytest.raises(
        InputError, match=r"functions\.py:3: .*label.*Name the class to vote for, such as label="
    ):
        load(tmp_path, f"{source}bad = {call}\n")


def test_the_remark_on_a_slice_has_an_example_that_fits(tmp_path: Path) -> None:
    _, remarks = load(tmp_path, SNORKELS)
    [slices] = [said for said in remarks if "Slices are" in said]
    assert "{german: {where: \"language == 'de'\"}}" in slices


def test_a_root_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = "from lfs import labeling_function\n@labeling_function\ndef f(item):\n    return 'HAM'\n"
    before, _ = load(Path(), source)
    after, _ = load(Path(), source.replace("HAM", "SPAM"))
    assert before["f"].fingerprint != after["f"].fingerprint
    assert load(tmp_path, source)[0]["f"].fingerprint == before["f"].fingerprint
