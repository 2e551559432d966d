"""Language models' votes in the loop: recalibrated on review answers, explained, and part of who scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labeling.explain import weigh
from labeling.pool import Pool, load_pool
from labeling.project import Project
from labeling.rounds.challenger import challenge
from labeling.rounds.live import turn
from labeling.types import Lane, VoteMatrix
from labeling.votes.applied import AppliedVotes, VoterRun, join_votes
from labeling.voting import describe_votes
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows, synced, write_project

ROWS = small_rows(150)
GOLD = gold_of(ROWS)
LABEL = {row["text"]: row["label"] for row in ROWS}
SEED = "gold: {column: label, use: seed}"
MODELS = ("desk@m", "cue@m")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(write_project(tmp_path, ROWS, gold=SEED)) as found:
        yield found


def asked(project: Project, sharpness: float = 1.0, seed: int = 0) -> Pool:
    """Give the pool with two models who are right as often as they say to the power of ``sharpness``."""
    pool = load_pool(project)
    rng = np.random.default_rng(seed)
    truth = np.array([project.schema.index[LABEL[text]] for text in pool.items.texts])
    columns, confidence = [], {}
    for name in MODELS:
        stated = rng.choice([0.6, 0.8, 0.95], len(pool)).astype(np.float32)
        right = rng.random(len(pool)) < stated**sharpness
        columns.append(np.where(right, truth, (truth + 1) % 3))
        confidence[name] = stated
    hard = np.stack(columns, axis=1).astype(np.int8)
    runs = tuple(VoterRun(name, "v1", answers=f"{sharpness}/{seed}", abstained={}) for name in MODELS)
    told = AppliedVotes(VoteMatrix(hard, MODELS, 3), runs, confidence)
    return replace(pool, applied=join_votes([pool.applied, told], len(pool), 3))


def test_contributions_add_up_with_soft_votes(project: Project) -> None:
    pool, people = asked(project), known(project)
    for i in (0, 3, 9, 40):
        weighing = weigh(project, pool, people, i, 0)
        assert weighing is not None
        assert {c.voter for c in weighing.contributions} >= set(MODELS)
        told = weighing.to_dict()
        logits = {
            name: np.log(share) + sum(added[name] for added in told["by_voter"].values())
            for name, share in told["class_balance"].items()
        }
        total = np.logaddexp.reduce(list(logits.values()))
        for name, p in told["posterior"].items():
            assert np.log(p) == pytest.approx(logits[name] - total, abs=1e-9)


def test_what_models_answer_is_part_of_the_scorer(project: Project) -> None:
    people = known(project)
    first = challenge(project, asked(project), people)
    again = challenge(project, asked(project), people)
    other = challenge(project, asked(project, seed=1), people)
    assert first.scorer == again.scorer != other.scorer
    assert first.table.digest == again.table.digest != other.table.digest


def test_confidence_reaches_the_scores(project: Project) -> None:
    """The learner sees soft votes, too: the same hard votes score otherwise without it."""
    pool, people = asked(project), known(project)
    silent = replace(pool, applied=replace(pool.applied, confidence={}))
    with_confidence = challenge(project, pool, people).scores
    without = challenge(project, silent, people).scores
    assert set(with_confidence.votes.soft) == set(MODELS)
    assert not without.votes.soft
    assert not np.array_equal(with_confidence.proba, without.proba)


def test_the_report_tells_how_far_confidence_can_be_trusted(project: Project) -> None:
    told = describe_votes(project, asked(project, sharpness=3.0)).to_dict()
    lines = {voter["name"]: voter["reliability"] for voter in told["voters"]}
    for name in MODELS:
        stated, mended = lines[name]["stated"], lines[name]["recalibrated"]
        assert stated["labelled"] == len(ROWS)
        assert stated["ece"] > 0.15 > mended["ece"]
        assert mended["ece_low"] <= mended["ece"] <= mended["ece_high"]
    assert not any(found for name, found in lines.items() if name not in MODELS)


def test_audit_answers_recalibrate_nothing(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, ROWS, batch=110)) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        pool = asked(project)
        answer(queue, GOLD, [Lane.AUDIT])
        synced(project, queue)
        assert not challenge(project, pool, known(project)).scores.votes.soft
        answer(queue, GOLD, [Lane.REVIEW])
        synced(project, queue)
        assert set(challenge(project, pool, known(project)).scores.votes.soft) == set(MODELS)
