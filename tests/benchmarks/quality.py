"""Compares label models by what they get right on real votes, and writes the table into the documentation.

Usage: ``python -m tests.benchmarks.quality``; QUORUM_DATA names the folder of data. Exits 1 where ``auto``
breaks what it promises.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from labeling import VoteMatrix
from labeling.calibration.reliability import calibration_error
from labeling.label_models import LABEL_MODELS
from labeling.scoring.vote_model import fit_vote_model
from labeling.scoring.vote_scores import judge
from labeling.types import PoolGold

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("QUORUM_DATA", ROOT.parent / "shared" / "data"))
PAGE = ROOT / "docs" / "label-models.md"
BEGIN, END = "<!-- quality: begin -->\n", "<!-- quality: end -->\n"
CLASSES = {
    "youtube": ("HAM", "SPAM"),
    "trec": ("ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"),
    "agnews": ("World", "Sports", "Business", "Sci/Tech"),
    "imdb_llm": ("negative", "positive"),
}
POOL_ROWS = {"agnews": 6000}
DRAWS = 5
SLACK = 0.01
LEAST_PROBABILITY = 1e-6

Proba = NDArray[np.floating]
Scores = NDArray[np.floating]
"""Accuracy, log loss, calibration error."""


@dataclass(frozen=True)
class Part:
    """Votes with the truth; ``name`` is "youtube pool" or the like."""

    name: str
    votes: VoteMatrix
    truth: NDArray[np.int64]


def load_part(name: str, part: str) -> Part | None:
    """Read one file of a set; None where it has no votes."""
    path = DATA / name / f"{part}.jsonl.gz"
    if not path.exists():
        return None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][: POOL_ROWS.get(name) if part == "pool" else None]
    voters = tuple(key for key in rows[0] if key.startswith(("lf_", "llm_")))
    index: dict[str | None, int] = {c: i for i, c in enumerate(CLASSES[name])} | {None: -1}
    hard = np.array([[index[row[v]] for v in voters] for row in rows], dtype=np.int8)
    truth = np.array([index[row["label"]] for row in rows])
    return Part(f"{name} {part}", VoteMatrix(hard, voters, len(CLASSES[name])), truth)


def measure(proba: Proba, truth: NDArray[np.int64]) -> Scores:
    """Give accuracy, where a tie counts as the share of it that is right, log loss and calibration error."""
    top = np.isclose(proba, proba.max(axis=1, keepdims=True), atol=1e-9)
    rows = np.arange(len(truth))
    right = top[rows, truth] / top.sum(axis=1)
    loss = -np.log(np.maximum(proba[rows, truth], LEAST_PROBABILITY))
    error = calibration_error(proba.max(axis=1), right, np.ones(len(truth)))
    return np.array([right.mean(), loss.mean(), error])


Predictor = Callable[[VoteMatrix], Proba]


def our_model(kind: str, pool: Part) -> Predictor:
    model = LABEL_MODELS[kind](0)
    return model.fit(model.statistics(pool.votes)).predict_proba


def snorkels_own(pool: Part, seed: int) -> Predictor:
    """Fit snorkel's own label model at its defaults."""
    from snorkel.labeling.model import LabelModel

    model = LabelModel(cardinality=pool.votes.n_classes, verbose=False)
    model.fit(pool.votes.hard.astype(int), seed=seed, progress_bar=False)
    return lambda votes: np.asarray(model.predict_proba(votes.hard.astype(int)))


def taught_auto(pool: Part, labelled: NDArray[np.int64], seed: int) -> Predictor:
    """Fit ``auto`` as a round does: with human labels inside, and calibrated on them."""
    names = [str(c) for c in range(pool.votes.n_classes)]
    known = np.isin(np.arange(len(pool.truth)), labelled)
    gold = PoolGold(np.where(known, pool.truth, -1).astype(np.int8), drawn=known)
    fitted = fit_vote_model("auto", seed, pool.votes, gold, names)
    assert fitted is not None
    judgement = judge(fitted, gold, [str(i) for i in range(len(known))])
    if judgement is None:
        return fitted.model.predict_proba
    calibrator = judgement.calibrator()
    return lambda votes: calibrator.transform(fitted.model.predict_proba(votes))


def scores_on(predict: Predictor, parts: list[Part], without: NDArray[np.int64]) -> dict[str, Scores]:
    """Measure on rows with a vote, in the pool without those that are labelled."""
    scores = {}
    for part in parts:
        rows = part.votes.covered.copy()
        if part is parts[0]:
            rows[without] = False
        scores[part.name] = measure(predict(part.votes.take(rows)), part.truth[rows])
    return scores


def mean_scores(runs: list[dict[str, Scores]]) -> dict[str, Scores]:
    return {name: np.mean([run[name] for run in runs], axis=0) for name in runs[0]}


Table = dict[str, dict[str, Scores]]
"""Scores by model and part."""


def compare_on(name: str) -> tuple[Table, list[str]]:
    """Give the table of one set, and what ``auto`` breaks there."""
    parts = [part for part in (load_part(name, "pool"), load_part(name, "test")) if part]
    pool, nobody = parts[0], np.empty(0, dtype=np.int64)
    peers = {"majority": [our_model("majority", pool)] * DRAWS}
    peers["snorkel's own"] = [snorkels_own(pool, seed) for seed in range(DRAWS)]
    table = {
        peer: mean_scores([scores_on(run, parts, nobody) for run in runs]) for peer, runs in peers.items()
    }
    for kind in LABEL_MODELS:
        if kind not in ("majority", "auto"):
            table[kind] = scores_on(our_model(kind, pool), parts, nobody)
    table["auto, 0 labels"] = scores_on(taught_auto(pool, nobody, 0), parts, nobody)
    broken = less_accurate(table)
    for labels in (50, 200):
        draws = [np.random.default_rng(seed).permutation(len(pool.truth))[:labels] for seed in range(DRAWS)]
        runs = [taught_auto(pool, drawn, seed) for seed, drawn in enumerate(draws)]
        key = f"auto, {labels} labels"
        table[key] = mean_scores([scores_on(r, parts, d) for r, d in zip(runs, draws, strict=True)])
    for peer, runs in peers.items():
        theirs = mean_scores([scores_on(r, parts, d) for r, d in zip(runs, draws, strict=True)])
        broken += less_likely(table["auto, 200 labels"], theirs, peer)
    return table, broken


def less_accurate(table: Table) -> list[str]:
    """Give the parts on which ``auto`` without labels lies more than a point below the better peer."""
    return [
        f"{part}: auto without labels is right on {ours[0]:.3f}, the better peer on {best:.3f}"
        for part, ours in table["auto, 0 labels"].items()
        if ours[0] < (best := max(table[peer][part][0] for peer in ("majority", "snorkel's own"))) - SLACK
    ]


def less_likely(ours: dict[str, Scores], theirs: dict[str, Scores], peer: str) -> list[str]:
    """Give the parts on which ``auto`` with 200 labels has no lower log loss, on the same rows."""
    return [
        f"{part}: auto with 200 labels has log loss {ours[part][1]:.3f}, {peer} {theirs[part][1]:.3f}"
        for part in ours
        if ours[part][1] >= theirs[part][1]
    ]


def as_markdown(tables: dict[str, Table]) -> str:
    """Give accuracy / log loss / calibration error of every model, a column per part."""
    parts = [part for table in tables.values() for part in next(iter(table.values()))]
    lines = [f"| | {' | '.join(parts)} |", "|---" * (len(parts) + 1) + "|"]
    for model in next(iter(tables.values())):
        scores = [scores for table in tables.values() for scores in table[model].values()]
        lines.append(f"| {model} | {' | '.join('{:.3f} / {:.2f} / {:.2f}'.format(*s) for s in scores)} |")
    return "\n".join(lines) + "\n"


def write_between_marks(page: Path, text: str) -> None:
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}{text}{END}{after}", encoding="utf-8")


@contextlib.contextmanager
def _one_quiet_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def main() -> int:
    with _one_quiet_thread():
        compared = {name: compare_on(name) for name in CLASSES}
    text = as_markdown({name: table for name, (table, _) in compared.items()})
    write_between_marks(PAGE, text)
    sys.stdout.write(text)
    broken = [line for _, lines in compared.values() for line in lines]
    sys.stdout.write("".join(f"BROKEN {line}\n" for line in broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
