"""The page on prompts is executed, and complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from labeling.types import Outcome
from lfs.llm.prompts import Head

PAGE = (Path(__file__).parents[4] / "docs" / "prompts.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page's Python defines, executed beside the page's files."""
    files = re.findall(r"^`(configs/\S+)`:\n\n```markdown\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    [config] = blocks("yaml")
    for name, text in [*files, ("configs/comments.yaml", config)]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(files) == len(blocks("markdown")) == 3
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    for block in blocks("python"):
        exec(compile(block, "prompts.md", "exec"), found)
    return found


def test_the_pages_examples_hold(namespace: dict[str, Any]) -> None:
    [question] = blocks("text")
    assert namespace["request"].turns[0].text == question.strip()
    assert [voter.prompt.head.kind for voter in namespace["voters"]] == ["codebook", "cue", "nearest"]
    assert "sub to me and I sub to you" in namespace["nearest"].request(namespace["item"]).turns[0].text


def test_every_key_and_kind_is_documented() -> None:
    table = PAGE.split("## Front matter")[1].split("\n## ")[0]
    for name, field in Head.model_fields.items():
        assert f"| `{field.alias or name}` |" in table
    assert all(f"`{kind}`" in table for kind in ("codebook", "cue", "nearest"))


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.VOTE}))
def test_every_outcome_is_documented(outcome: Outcome) -> None:
    assert f"| `{outcome}` |" in PAGE
