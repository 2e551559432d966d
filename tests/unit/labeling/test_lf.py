"""Declaring, loading and fingerprinting labelling functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from labeling.errors import InputError
from labeling.lf import LabelingFunction, labeling_function
from labeling.lf.loading import load_functions
from labeling.types import Item

CLASSES = ("HAM", "SPAM")
BASE = """
import re
from lfs import labeling_function
WORDS = {"buy", "click"}
LINK = re.compile("http")

def helper(text):
    return any(w in text for w in WORDS)

@labeling_function
def sells(item):
    return "SPAM" if helper(item.text) else None

@labeling_function(name="linked", resources={"limit": 1})
def by_link(item, limit):
    return "SPAM" if len(LINK.findall(item.text)) >= limit else None
"""


def load(tmp_path: Path, source: str) -> dict[str, LabelingFunction]:
    (tmp_path / "functions.py").write_text(source, encoding="utf-8")
    return {f.name: f for f in load_functions("functions.py", tmp_path, CLASSES)}


def item(text: str) -> Item:
    return Item("0", {"text": text})


def test_functions_vote_and_abstain(tmp_path):
    functions = load(tmp_path, BASE)
    assert set(functions) == {"sells", "linked"}
    assert functions["sells"](item("click here")) == "SPAM"
    assert functions["sells"](item("nice")) is None
    assert functions["linked"](item("http://x")) == "SPAM"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("import re\n", "import re  # a comment\n", set()),
        ('"SPAM" if helper', '"HAM" if helper', {"sells"}),
        ('{"buy", "click"}', '{"buy", "click", "win"}', {"sells"}),
        ('{"buy", "click"}', '{"click", "buy"}', set()),
        ("any(w in text", "all(w in text", {"sells"}),
        ('compile("http")', 'compile("https")', {"linked"}),
        ('compile("http")', 'compile("http", re.I)', {"linked"}),
        ('"limit": 1', '"limit": 2', {"linked"}),
        ("def sells(item):\n", "def sells(item):\n    # why\n\n", set()),
    ],
)
def test_what_changes_a_fingerprint(tmp_path, old, new, changed):
    before = {name: f.fingerprint for name, f in load(tmp_path, BASE).items()}
    assert old in BASE
    after = {name: f.fingerprint for name, f in load(tmp_path, BASE.replace(old, new)).items()}
    assert {name for name in before if before[name] != after[name]} == changed


def test_closures_count():
    def make(word):
        @labeling_function(name="has")
        def has(item):
            return "SPAM" if word in item.text else None

        return has

    assert make("a").fingerprint == make("a").fingerprint
    assert make("a").fingerprint != make("b").fingerprint


def test_a_function_that_calls_another_changes_with_it(tmp_path):
    source = BASE + "\n@labeling_function\ndef both(item):\n    return sells(item) or by_link(item)\n"
    before = load(tmp_path, source)
    after = load(tmp_path, source.replace('{"buy", "click"}', '{"buy"}'))
    assert before["both"].fingerprint != after["both"].fingerprint
    assert before["linked"].fingerprint == after["linked"].fingerprint


def test_snorkels_functions_vote_by_name(tmp_path):
    functions = load(
        tmp_path,
        "from snorkel.labeling import labeling_function\n"
        "from snorkel.preprocess import preprocessor\n"
        "@preprocessor(memoize=True)\n"
        "def lower(x):\n    x.text = x.text.lower()\n    return x\n"
        "@labeling_function(pre=[lower], resources={'words': ['buy']})\n"
        "def sells(x, words):\n    return 1 if any(w in x.text for w in words) else -1\n"
        "@labeling_function()\n"
        "def broken(x):\n    return 7\n",
    )
    assert functions["sells"](item("BUY")) == "SPAM"
    assert functions["sells"](item("nice")) is None
    with pytest.raises(ValueError, match="returned 7"):
        functions["broken"](item("x"))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(:\n", "functions.py:1: SyntaxError"),
        ("x = 1\nraise OSError('no model')\n", "functions.py:2: OSError: no model"),
        ("x = 1\n", "no labelling function"),
        (BASE.replace('name="linked"', 'name="sells"'), "two labelling functions are called 'sells'"),
    ],
)
def test_files_that_cannot_serve(tmp_path, source, words):
    with pytest.raises(InputError, match=words):
        load(tmp_path, source)


def test_a_missing_file_and_module_are_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_functions("none.py", tmp_path, CLASSES)
    with pytest.raises(InputError, match="no_such_module"):
        load_functions("no_such_module", tmp_path, CLASSES)


def test_items_give_their_fields():
    one = Item("0", {"body": "hi", "channel": "sms"}, text_field="body")
    assert (one.text, one.channel, one["channel"]) == ("hi", "sms", "sms")
    with pytest.raises(AttributeError, match="it has body, channel"):
        _ = one.subject
