"""The page on the learner is executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "learner.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    [source] = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(source, "learner.md", "exec"), names)
    return names


def test_answers_overrule_the_vote(said: dict[str, Any]) -> None:
    assert (said["before"][3:, 1] > 0.5).all()
    assert said["after"][5, 1] < 0.5 < said["before"][5, 1]


def test_the_batch_is_of_the_candidates(said: dict[str, Any]) -> None:
    assert set(said["batch"].indices.tolist()) < {0, 1, 2, 5}
    assert len(said["batch"]) == 2
