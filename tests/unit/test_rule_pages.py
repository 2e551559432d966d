"""The pages on functions as data say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labeling.development import acceptance, material, trials
from labeling.lf.examples import check_examples
from labeling.lf.vector import VectorFunction
from labeling.redundancy import NEAR_IDENTICAL
from lfs import keyword, regex, rules
from lfs.rules import KeywordRule, RegexRule, Rule, read_rules

DOCS = Path(__file__).parents[2] / "docs"
BUILDERS = (DOCS / "builders.md").read_text(encoding="utf-8").split("## Functions as data")[1]
SUGGESTED = (DOCS / "suggested-functions.md").read_text(encoding="utf-8")


def functions_of(page: str, folder: Path, classes: tuple[str, ...]) -> list[VectorFunction]:
    [block] = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (folder / "page.yaml").write_text(block, encoding="utf-8")
    return read_rules(folder / "page.yaml", classes)


def test_the_file_on_the_builders_page_is_read(tmp_path: Path) -> None:
    words, pattern = functions_of(BUILDERS, tmp_path, ("HAM", "SPAM"))
    assert words.fingerprint == keyword("free money", "paypal", label="SPAM").fingerprint
    assert pattern.fingerprint == regex(r"https?://\w", label="SPAM", case=False).fingerprint
    assert len(words.examples) == 2
    assert check_examples(words) == ()


def test_the_file_on_the_page_of_suggestions_is_read(tmp_path: Path) -> None:
    [function] = functions_of(SUGGESTED, tmp_path, ("BILLING",))
    assert function.fingerprint == keyword("money back", label="BILLING").fingerprint


@pytest.mark.parametrize("model", [Rule, KeywordRule, RegexRule])
def test_every_key_is_on_the_page(model: type[Rule]) -> None:
    assert all(f"`{name}`" in BUILDERS for name in model.model_fields if name != "engine")


def test_the_limits_are_those_of_the_code() -> None:
    assert f"a list of 1 to {rules.MOST_RULES}" in BUILDERS
    assert f"up to {rules.LONGEST_PATTERN:,} characters" in BUILDERS
    assert f"at most\n{rules.MOST_BYTES:,} bytes" in BUILDERS


def test_the_rule_is_that_of_the_code() -> None:
    assert f"at least {acceptance.LEAST_JUDGED} of its votes can be judged" in SUGGESTED
    assert f"its interval is at least {acceptance.LEAST_ACCURACY:.2f} ".replace("0.", ".") in SUGGESTED
    assert acceptance.LEAST_COVERAGE == 1 / 1000
    assert NEAR_IDENTICAL == 9 / 10
    assert trials.SLOWEST == 0.2e-6
    assert pytest.approx(1 / 3) == material.SHOWN_OF_GOLD
    assert f"about {material.MOST_LABELLED} texts" in SUGGESTED
