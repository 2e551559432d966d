"""The page on builders is executed, and complete."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import lfs
from labeling.errors import InputError
from labeling.lf.examples import check_examples
from labeling.lf.vector import VectorFunction

PAGE = (Path(__file__).parents[3] / "docs" / "builders.md").read_text(encoding="utf-8")
NO_BUILDERS = {"Item", "LabelingFunction", "labeling_function"}
BUILDERS = sorted(set(lfs.__all__) - NO_BUILDERS)
ROW = re.compile(
    r"^\| `(.+?)` \| `(\".*?\")` \| (match|no match|refused) \| (match|no match|refused) \|", re.M
)
DIFFERENCES, AGREEMENTS = (
    [(p.replace(r"\|", "|"), ast.literal_eval(t), a, b) for p, t, a, b in ROW.findall(part)]
    for part in PAGE.split("Alike, though")
)


def outcome(pattern: str, text: str, engine: Any) -> str:
    try:
        function = lfs.regex(pattern, label="A", engine=engine)
    except InputError:
        return "refused"
    return "match" if function(lfs.Item("0", {"text": text})) else "no match"


@pytest.mark.parametrize(("pattern", "text", "linear", "python"), DIFFERENCES)
def test_the_engines_differ_as_the_page_says(pattern: str, text: str, linear: str, python: str) -> None:
    assert (outcome(pattern, text, "linear"), outcome(pattern, text, "re")) == (linear, python)
    assert linear != python


@pytest.mark.parametrize(("pattern", "text", "linear", "python"), AGREEMENTS)
def test_the_engines_agree_as_the_page_says(pattern: str, text: str, linear: str, python: str) -> None:
    assert (outcome(pattern, text, "linear"), outcome(pattern, text, "re")) == (linear, python)
    assert linear == python


def test_the_tables_are_read_whole() -> None:
    lines = [line for line in PAGE.splitlines() if re.search(r"\| (match|no match|refused) \|", line)]
    assert len(lines) == len(DIFFERENCES) + len(AGREEMENTS) >= 40


@pytest.fixture(scope="module")
def namespace(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page's blocks define, executed one after the other."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "cities.csv").write_text("term,class\nRome,ITALY\nBonn,GERMANY\n", encoding="utf-8")
    found: dict[str, Any] = {"__file__": str(folder / "functions.py")}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(block, "builders.md", "exec"), found)
    return found


def test_the_pages_examples_hold(namespace: dict[str, Any]) -> None:
    functions = {k: v for k, v in namespace.items() if isinstance(v, VectorFunction)}
    assert {f.definition["builder"] for f in functions.values()} >= set(BUILDERS) - {"field_pattern"}
    assert sum(len(f.examples) for f in functions.values()) > 30
    assert {k: check_examples(f) for k, f in functions.items() if check_examples(f)} == {}


@pytest.mark.parametrize("name", BUILDERS)
def test_every_builder_and_parameter_is_documented(name: str) -> None:
    shared, *sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    [section] = [s for s in sections if f"`{name}(" in s.splitlines()[0]]
    for parameter in inspect.signature(getattr(lfs, name)).parameters:
        assert f"`{parameter}`" in section or f"| `{parameter}` |" in shared or f"({parameter}," in section
