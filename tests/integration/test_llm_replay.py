"""What three language models really said about 1,440 film reviews, as votes: right, and as sure as right."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from active.learner import VotesFirstLearner
from labeling.agreement import measure_agreement
from labeling.calibration.reliability import calibration_error
from labeling.label_models import vote_shares
from labeling.scoring import score_votes
from labeling.types import PoolGold, VoteMatrix
from tests.conftest import absent
from tests.feature_contents import content_of, features_of

DATA = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
CLASSES = ("negative", "positive")
LABELS = 100
BATCH = 50
SEEDS = 12

Proba = NDArray[np.floating]


@dataclass(frozen=True)
class Replay:
    """Texts, votes and gold of the study."""

    texts: tuple[str, ...]
    votes: VoteMatrix
    truth: NDArray[np.int8]

    @cached_property
    def silent(self) -> dict[str, NDArray[np.float32]]:
        """Confidence of language models that did not say how sure they were, as these were not asked."""
        return dict.fromkeys(self.votes.voters, np.full(len(self.truth), np.nan, dtype=np.float32))

    @cached_property
    def unanimous(self) -> NDArray[np.bool_]:
        return np.asarray((self.votes.hard >= 0).all(axis=1) & ~self.votes.disputed)

    @cached_property
    def features(self) -> NDArray[np.float32]:
        return features_of(content_of(self.texts))

    def gold(self, rows: NDArray[np.integer], drawn: NDArray[np.integer]) -> PoolGold:
        labels = np.full(len(self.truth), -1, dtype=np.int8)
        labels[rows] = self.truth[rows]
        return PoolGold(labels, np.isin(np.arange(len(labels)), drawn))


@pytest.fixture(scope="module")
def replay() -> Replay:
    source = DATA / "imdb_llm" / "pool.jsonl.gz"
    if not source.exists():
        absent(f"{source} is not there: set QUORUM_DATA to the folder of real data")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    voters = tuple(key for key in rows[0] if key.startswith("llm_"))
    index: dict[str | None, int] = {name: c for c, name in enumerate(CLASSES)} | {None: -1}
    hard = np.array([[index[row[v]] for v in voters] for row in rows], dtype=np.int8)
    truth = np.array([index[row["label"]] for row in rows], dtype=np.int8)
    return Replay(tuple(row["text"] for row in rows), VoteMatrix(hard, voters, 2, CLASSES), truth)


def uniformly(replay: Replay, seed: int) -> PoolGold:
    rows = np.random.default_rng(seed).permutation(len(replay.truth))[:LABELS]
    return replay.gold(rows, rows)


def by_the_loop(replay: Replay, seed: int) -> PoolGold:
    """Ask as rounds do: half of the first batch uniformly, a tenth of the others, else whom it doubts."""
    learner = VotesFirstLearner(2, seed=seed)
    learner.start(replay.features, replay.votes)
    rows = drawn = np.empty(0, dtype=np.int64)
    while len(rows) < LABELS:
        learner.fit(rows, replay.truth[rows].astype(np.int64))
        asked = learner.query(BATCH, np.setdiff1d(np.arange(len(replay.truth)), rows))
        rows = np.concatenate([rows, asked.indices])
        drawn = np.concatenate([drawn, asked.indices[asked.uniform]])
    return replay.gold(rows, drawn)


DRAWS: dict[str, Callable[[Replay, int], PoolGold]] = {"uniform": uniformly, "review lane": by_the_loop}


@pytest.fixture(scope="module", params=DRAWS)
def draws(request: pytest.FixtureRequest, replay: Replay) -> list[PoolGold]:
    return [DRAWS[request.param](replay, seed) for seed in range(SEEDS)]


@dataclass(frozen=True)
class Measured:
    """Of the items without a label; ``gap`` is how much surer than right unanimous rows are."""

    accuracy: float
    loss: float
    error: float
    gap: float


def measured(proba: Proba, replay: Replay, gold: PoolGold) -> Measured:
    rest = gold.labels == -1
    p, truth, agree = proba[rest], replay.truth[rest], replay.unanimous[rest]
    top = np.isclose(p, p.max(axis=1, keepdims=True), atol=1e-9)
    rows = np.arange(len(truth))
    right = top[rows, truth] / top.sum(axis=1)
    return Measured(
        accuracy=float(right.mean()),
        loss=float(-np.log(np.maximum(p[rows, truth], 1e-6)).mean()),
        error=calibration_error(p.max(axis=1), right, np.ones(len(truth))),
        gap=float(p[agree].max(axis=1).mean() - right[agree].mean()),
    )


def score(kind: str, replay: Replay, gold: PoolGold, voters: slice = slice(None)) -> Proba:
    """Let the scorer make what it does of the votes of some of the models."""
    votes = VoteMatrix(replay.votes.hard[:, voters], replay.votes.voters[voters], 2, CLASSES)
    silent = {name: replay.silent[name] for name in votes.voters}
    digests = [f"review {i}" for i in range(len(votes))]
    return score_votes(kind, 0, votes, gold, digests, CLASSES, silent).posterior


def mean(runs: list[Measured], what: str) -> float:
    return float(np.mean([getattr(run, what) for run in runs]))


@pytest.fixture(scope="module", params=["snorkel", "auto"])
def together(request: pytest.FixtureRequest, replay: Replay, draws: list[PoolGold]) -> list[Measured]:
    return [measured(score(request.param, replay, gold), replay, gold) for gold in draws]


def test_with_a_hundred_labels_the_posterior_is_as_sure_as_it_is_right(together: list[Measured]) -> None:
    assert mean(together, "error") <= 0.03
    assert abs(mean(together, "gap")) <= 0.02
    assert np.mean([abs(run.gap) for run in together]) <= 0.03


def test_together_they_are_better_than_majority_and_each_alone(
    replay: Replay, draws: list[PoolGold], together: list[Measured]
) -> None:
    """As probabilities; as labels nothing is lost: one against two is right every second time."""
    majority = [measured(vote_shares(replay.votes), replay, gold) for gold in draws]
    assert mean(together, "accuracy") >= mean(majority, "accuracy") - 0.005
    assert mean(together, "loss") < 0.6 * mean(majority, "loss")
    assert mean(together, "error") < mean(majority, "error")
    for voter in range(3):
        only = slice(voter, voter + 1)
        alone = [measured(score("majority", replay, gold, only), replay, gold) for gold in draws]
        assert mean(together, "accuracy") >= mean(alone, "accuracy") - 0.015
        assert mean(together, "loss") < mean(alone, "loss")


def test_without_labels_they_look_surer_than_they_are(replay: Replay) -> None:
    """What there is to mend: nothing in the votes says that the models fail on the same reviews."""
    nobody = PoolGold.all_drawn(np.full(len(replay.truth), -1, dtype=np.int8))
    assert measured(score("snorkel", replay, nobody), replay, nobody).gap > 0.04


def test_they_are_wrong_together(replay: Replay) -> None:
    found = measure_agreement(replay.votes, PoolGold.all_drawn(replay.truth), replay.votes.voters)
    assert len(found.pairs) == 3
    for pair in found.pairs:
        assert pair.agree > 0.94
        assert pair.both_wrong > 8 * pair.both_wrong_chance
