"""The prompts of the shipped example: they load, and the config that mentions them runs without."""

from __future__ import annotations

from pathlib import Path

from labeling.config import load_config
from labeling.types import Item
from lfs.llm import load_voters

ROOT = Path(__file__).parents[4]
CONFIG = ROOT / "configs" / "support_tickets.yaml"
PROMPTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "configs" / "prompts").glob("*.md"))


def test_the_shipped_prompts_are_of_three_kinds() -> None:
    config = load_config(CONFIG)
    item = Item("0", {"text": "my plug is warm", "channel": "sms"})
    gold = [(Item("1", {"text": "the shelf is brown now", "channel": "chat"}), "SAFETY")]
    voters = load_voters("m", PROMPTS, ROOT, config.schema, fields=["channel", "text"], examples=gold)
    assert [v.prompt.head.kind for v in voters] == ["codebook", "cue", "nearest"]
    for voter in voters:
        assert "my plug is warm" in voter.request(item).turns[0].text
    assert voters[1].labels.names == ("SAFETY",)


def test_the_shipped_config_mentions_them_in_a_comment_alone() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert all(any(path in line for line in comments) for path in PROMPTS)
    assert [voter.llm for voter in load_config(CONFIG).voters] == [None]
