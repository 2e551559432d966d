"""Labelling functions against snorkel's applier for data frames."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from harness import Benchmark, Result, compare

from labeling import apply
from labeling.lf import LabelingFunction

WORDS = ("free", "click", "now", "song", "love", "channel", "video", "check", "watch", "great", "buy", "win")


def functions(rows: int) -> Result:
    """Regular expressions on texts against snorkel's applier for data frames."""
    from snorkel.labeling import LabelingFunction as Theirs
    from snorkel.labeling import PandasLFApplier

    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, size=12)) for _ in range(rows)]
    patterns = [re.compile(rf"\b{a}\b.*\b{b}\b") for a, b in zip(WORDS, WORDS[::-1], strict=True)]

    def named(pattern: re.Pattern[str]) -> LabelingFunction:
        return LabelingFunction(pattern.pattern, lambda item: "SPAM" if pattern.search(item.text) else None)

    def numbered(pattern: re.Pattern[str]) -> Theirs:
        return Theirs(pattern.pattern, lambda x: 1 if pattern.search(x.text) else -1)

    mine = [named(p) for p in patterns]
    records = [{"text": t} for t in texts]
    frame = pd.DataFrame(records)
    applier = PandasLFApplier([numbered(p) for p in patterns])
    return compare(
        lambda: apply(mine, records, ["HAM", "SPAM"]).hard,
        lambda: applier.apply(frame, progress_bar=False),
        lambda a, b: np.array_equal(a, b),
        floor=3.0,
    )


BENCHMARKS: dict[str, Benchmark] = {
    "functions, 12 patterns": (functions, 2_000, 10_000),
}
