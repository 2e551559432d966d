"""Which edits run a function again: each kind, through the loader with files, and across processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from labeling.lf.loading import load_functions

CLASSES = ("HAM", "SPAM")
FUNCTIONS = '''\
"""Functions of a test."""

import re
from dataclasses import dataclass
from functools import lru_cache, partial, wraps

import numpy as np
import pandas as pd
import words
from words import SHORT, Rule, is_long

from lfs import keyword, labeling_function

WORDS = {"buy", "click"}
LINK = re.compile("http")
RULES = {"win": "SPAM", "love": "HAM"}
WEIGHTS = np.array([1.0, 2.0])
PRICES = pd.DataFrame({"name": ["a"], "price": [1]})
LIMIT = 3
COUNT = 0


@dataclass(frozen=True)
class Window:
    start: int = 0
    stop: int = 5

    def cut(self, text):
        return text[self.start : self.stop]


WINDOW = Window()


class Slotted:
    __slots__ = ("low",)

    def __init__(self, low):
        self.low = low


SLOTTED = Slotted(1)


class Node:
    def __init__(self, name):
        self.name = name
        self.next = self


RING = Node("ring")


def helper(text):
    return any(w in text for w in WORDS)


def doubly(f):
    @wraps(f)
    def wrapper(item):
        return f(item) or f(item)

    return wrapper


@lru_cache
def cached(text):
    return "free" in text


def low(item):
    return item.text.lower()


def make(word):
    def found(item):
        return "SPAM" if word in item.text else None

    return found


@labeling_function
def sells(item):
    """Sell something."""
    return "SPAM" if helper(item.text) else None


@labeling_function(resources={"limit": 1, "window": WINDOW})
def by_link(item, limit, window):
    return "SPAM" if len(LINK.findall(window.cut(item.text))) >= limit else None


@labeling_function
def ruled(item):
    return next((c for w, c in RULES.items() if w in item.text), None)


@labeling_function
def weighed(item):
    return "SPAM" if np.dot(WEIGHTS, [len(item.text), 1]) > LIMIT else None


@labeling_function
def priced(item, scale=1):
    return "SPAM" if PRICES.price.sum() * scale > SLOTTED.low else None


@labeling_function
def ringed(item):
    return "HAM" if RING.next.name in item.text else None


@labeling_function
@doubly
def twice(item):
    return "HAM" if cached(item.text) else None


@labeling_function(pre=[low])
def prepared(item, low):
    return "SPAM" if "buy" in low else None


@labeling_function
def helped(item):
    return "SPAM" if is_long(item.text) or item.text in SHORT else Rule("x").vote(item)


@labeling_function
def by_module(item):
    return "SPAM" if words.is_long(item.text) else None


@labeling_function
def lazily(item):
    from words import is_long

    return "SPAM" if is_long(item.text) else None


@labeling_function
def nested(item):
    return max((len(w) for w in item.text.split() if w in WORDS), default=None) and "SPAM"


@labeling_function
def calls_another(item):
    return by_link(item) or None


made = labeling_function(name="made")(make("gift"))
part = labeling_function(name="part")(partial(make, "x")())
LAMBDAS = {"one": lambda item: "HAM", "two": lambda item: None}
first, second = (labeling_function(name=n)(f) for n, f in LAMBDAS.items())
built = keyword("buy", label="SPAM")
'''
WORDS = '''\
"""Words of a test."""

import json

SHORT = ("a", "b")
SIZE = 20
OTHER = 1


def is_long(text):
    return len(text) > SIZE


def unused(text):
    return json.dumps(text)


class Rule:
    def __init__(self, word):
        self.word = word

    def vote(self, item):
        return "HAM" if self.word in item.text else None
'''


def load(folder: Path, functions: str = FUNCTIONS, words: str = WORDS) -> dict[str, str]:
    """Give the fingerprints of a file and its helper, by name."""
    (folder / "functions.py").write_text(functions, encoding="utf-8")
    (folder / "words.py").write_text(words, encoding="utf-8")
    return {str(f.name): f.fingerprint for f in load_functions("functions.py", folder, CLASSES)}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return load(tmp_path_factory.mktemp("before"))


EDITS: dict[str, tuple[str, str, set[str]]] = {
    "a comment": ("import re\n", "import re  # a comment\n", set()),
    "a comment within": ("def sells(item):\n", "def sells(item):\n    # why\n\n", set()),
    "a docstring": ("Sell something.", "Something is sold.", set()),
    "a docstring that is new": (
        "def ruled(item):\n",
        'def ruled(item):\n    """Rules."""\n',
        set(),
    ),
    "layout": (
        'return "SPAM" if helper(item.text) else None',
        'return (\n        "SPAM"\n        if helper(item.text)\n        else None\n    )',
        set(),
    ),
    "quotes": ('return "SPAM" if helper', "return 'SPAM' if helper", set()),
    "place": ("LIMIT = 3\n", "\n\n\n\nLIMIT = 3\n", set()),
    "another constant": ("COUNT = 0", "COUNT = 1", set()),
    "examples": (
        "@labeling_function(pre=[low])",
        '@labeling_function(pre=[low], examples=[("Buy", "SPAM")])',
        set(),
    ),
    "the order of a set": ('{"buy", "click"}', '{"click", "buy"}', set()),
    "an import that nobody uses": ("import re\n", "import re\nimport json\n", set()),
    "the body": ('"SPAM" if helper', '"HAM" if helper', {"sells"}),
    "a set": ('{"buy", "click"}', '{"buy", "click", "win"}', {"sells", "nested"}),
    "a helper": ("any(w in text", "all(w in text", {"sells"}),
    "a pattern": ('compile("http")', 'compile("https")', {"by_link", "calls_another"}),
    "flags of a pattern": ('compile("http")', 'compile("http", re.I)', {"by_link", "calls_another"}),
    "a resource": ('"limit": 1', '"limit": 2', {"by_link", "calls_another"}),
    "a dataclass's value": ("Window()", "Window(1)", {"by_link", "calls_another"}),
    "a dataclass's default": ("stop: int = 5", "stop: int = 6", {"by_link", "calls_another"}),
    "a method": ("text[self.start : self.stop]", "text[self.stop :]", {"by_link", "calls_another"}),
    "a mapping": ('"love": "HAM"', '"love": "SPAM"', {"ruled"}),
    "the order of rules": (
        '{"win": "SPAM", "love": "HAM"}',
        '{"love": "HAM", "win": "SPAM"}',
        {"ruled"},
    ),
    "an array": ("[1.0, 2.0]", "[1.0, 2.5]", {"weighed"}),
    "an array's type": ("np.array([1.0, 2.0])", "np.array([1.0, 2.0], dtype=np.float32)", {"weighed"}),
    "a number": ("LIMIT = 3", "LIMIT = 4", {"weighed"}),
    "a frame": ('"price": [1]', '"price": [2]', {"priced"}),
    "a frame's column": ('"name": ["a"]', '"name": ["b"]', {"priced"}),
    "slots": ("Slotted(1)", "Slotted(2)", {"priced"}),
    "a default": ("scale=1", "scale=2", {"priced"}),
    "an object that holds itself": ('Node("ring")', 'Node("rang")', {"ringed"}),
    "a decorator": ("f(item) or f(item)", "f(item) and f(item)", {"twice"}),
    "a decorator that goes": ("@labeling_function\n@doubly\n", "@labeling_function\n", {"twice"}),
    "a helper behind a cache": ('"free" in text', '"gratis" in text', {"twice"}),
    "a preparation": ("item.text.lower()", "item.text.upper()", {"prepared"}),
    "a closure": ('make("gift")', 'make("prize")', {"made"}),
    "what makes closures": ('"SPAM" if word in', '"HAM" if word in', {"made", "part"}),
    "what a partial holds": ('partial(make, "x")', 'partial(make, "y")', {"part"}),
    "one lambda of two on a line": ('lambda item: "HAM"', 'lambda item: "SPAM"', {"one"}),
    "the inner part of a generator": ("len(w) for w in item", "len(w) + 1 for w in item", {"nested"}),
    "batch": (
        "@labeling_function(pre=[low])\ndef prepared(item, low)",
        "@labeling_function(batch=True)\ndef prepared(item, low)",
        {"prepared"},
    ),
    "a builder": ('keyword("buy"', 'keyword("bye"', {"built"}),
}
HELPER_EDITS: dict[str, tuple[str, str, set[str]]] = {
    "a comment": ("SIZE = 20", "SIZE = 20  # characters", set()),
    "a function that nobody uses": ("json.dumps(text)", "json.loads(text)", set()),
    "a constant that nobody uses": ("OTHER = 1", "OTHER = 2", set()),
    "a constant of a helper": ("SIZE = 20", "SIZE = 30", {"helped", "by_module", "lazily"}),
    "a helper": ("len(text) > SIZE", "len(text) >= SIZE", {"helped", "by_module", "lazily"}),
    "an imported constant": ('("a", "b")', '("a", "c")', {"helped"}),
    "a method of an imported class": ('"HAM" if self.word', '"SPAM" if self.word', {"helped"}),
}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(("old", "new", "changed"), EDITS.values(), ids=EDITS)
def test_an_edit_runs_those_again_that_it_concerns(
    tmp_path: Path, before: Mapping[str, str], old: str, new: str, changed: set[str]
) -> None:
    assert FUNCTIONS.count(old) == 1
    assert changes(before, load(tmp_path, FUNCTIONS.replace(old, new))) == changed


@pytest.mark.parametrize(("old", "new", "changed"), HELPER_EDITS.values(), ids=HELPER_EDITS)
def test_an_edit_of_a_file_beside_it_counts_too(
    tmp_path: Path, old: str, new: str, changed: set[str]
) -> None:
    assert WORDS.count(old) == 1
    before = load(tmp_path)
    assert changes(before, load(tmp_path, words=WORDS.replace(old, new))) == changed
    assert load(tmp_path) == before


def test_a_function_that_moves_is_the_same(tmp_path: Path, before: Mapping[str, str]) -> None:
    start = FUNCTIONS.index("@labeling_function\ndef ruled")
    stop = FUNCTIONS.index("@labeling_function\ndef weighed")
    moved = FUNCTIONS[:start] + FUNCTIONS[stop:] + "\n\n" + FUNCTIONS[start:stop]
    assert changes(before, load(tmp_path, moved)) == set()


def test_another_version_of_a_package_that_it_names_counts(
    tmp_path: Path, before: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numpy.__version__", "0.0")
    assert changes(before, load(tmp_path)) == {"weighed"}


def test_another_minor_version_of_python_counts(
    tmp_path: Path, before: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeling.lf.fingerprint.PYTHON", (3, 99))
    assert changes(before, load(tmp_path)) == before.keys() - {"built"}


@pytest.mark.parametrize("seed", ["1", "2", "random"])
def test_processes_agree(tmp_path: Path, before: Mapping[str, str], seed: str) -> None:
    load(tmp_path)
    program = (
        "import json, sys\nfrom pathlib import Path\nfrom labeling.lf.loading import load_functions\n"
        f"found = load_functions('functions.py', Path({str(tmp_path)!r}), {CLASSES})\n"
        "print(json.dumps({f.name: f.fingerprint for f in found}))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == before


FRAGILE = """\
from lfs import labeling_function


class Refusing:
    def __reduce_ex__(self, protocol):
        raise RuntimeError("no")


REFUSING = Refusing()


@labeling_function
def held(item):
    return "HAM" if REFUSING else None


@labeling_function
def lazily(item):
    import failing
    import not_there
"""


def test_what_cannot_be_looked_into_has_a_fingerprint_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text("raise RuntimeError\n", encoding="utf-8")
    first = load(tmp_path, FRAGILE)
    assert first.keys() == {"held", "lazily"}
    assert load(tmp_path, FRAGILE) == first
    (tmp_path / "failing.py").write_text("LIMIT = 1\n", encoding="utf-8")
    assert changes(first, load(tmp_path, FRAGILE)) == {"lazily"}
