"""A run in batches that is killed at random moments; `tests.soak.batch_kills` does it more often."""

from __future__ import annotations

import random
from pathlib import Path

from tests.soak.batch_kills import Kills


def test_a_killed_run_in_batches_is_billed_once_and_ends_with_one_answer_per_item(tmp_path: Path) -> None:
    kills = Kills(tmp_path / "run", 500, random.Random(20), seconds=1.5)
    kills.until_done(3)
    assert kills.counts["answered"] == 500
