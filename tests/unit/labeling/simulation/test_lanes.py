"""The lanes of a run: exact numbers, an audit that is uniform, and what a step is measured by."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from labeling.certificates.units import Clusters
from labeling.config.sections import RoutingConfig
from labeling.simulation.arms import ARMS
from labeling.simulation.habits import PERFECT, Habits
from labeling.simulation.lanes import Lanes
from labeling.simulation.measures import Step
from labeling.simulation.people import SimulatedPeople
from labeling.simulation.replay import Replay, Run, replay
from labeling.simulation.setting import Plan, Setting
from labeling.types import Bools, Floats, Ints, LabelClass, LabelSchema, Lane, Selection, VoteMatrix

N = 40
NAMES = ("HAM", "SPAM")
TRUTH = (np.arange(N) % 2).astype(np.int8)


class FirstCome:
    """A learner that asks about the first rows, and says HAM with .8 of all that nobody answered."""

    remarks_ = ()

    def __init__(self, seed: int = 0, strategy: str = "auto") -> None:
        self.asked: list[int] = []

    def start(self, features: Any, votes: VoteMatrix, posterior: Floats | None = None) -> None:
        self.proba = np.tile([0.8, 0.2], (len(features), 1))

    def fit(self, labelled: Ints, labels: Ints, weights: Floats | None = None) -> None:
        self.proba[labelled] = np.eye(2)[labels]

    def predict_proba(self, partition: Ints | None = None) -> Floats:
        return self.proba.copy()

    def query(
        self,
        n_instances: int,
        candidates: Ints,
        critical: Bools | None = None,
        clusters: Ints | None = None,
        uniform: Ints | None = None,
    ) -> Selection:
        chosen = candidates[:n_instances]
        n = len(chosen)
        return Selection(chosen, np.ones(n), np.zeros(n, dtype=bool), np.full(n, np.nan))


def setting(**other: Any) -> Setting:
    made = Setting(
        schema=LabelSchema(tuple(LabelClass(name) for name in NAMES)),
        routing=RoutingConfig(alpha=0.5, delta=0.2),
        plan=Plan(20, 5, 8),
        habits=PERFECT,
        digests=np.array([f"{i:032x}" for i in range(N)], dtype=object),
        clusters=Clusters.of(np.array([f"text {i}" for i in range(N)], dtype=object)),
        row_item=np.arange(N),
        gold=TRUTH,
        row_gold=TRUTH,
        dev=np.zeros(N, dtype=bool),
        slices=np.zeros(N, dtype=bool),
        votes=VoteMatrix(np.zeros((N, 1), dtype=np.int8), ("v",), 2),
        posterior=None,
        features=np.zeros((N, 1), dtype=np.float32),
        new_learner=FirstCome,
        new_baseline=partial(FirstCome),
        digest="",
    )
    return replace(made, **other)


def answered(lanes: Lanes, made: Setting, review: list[int], audit: list[int]) -> None:
    names = dict(zip(made.digests.tolist(), (NAMES[c] for c in TRUTH), strict=True))
    people = SimulatedPeople(names, NAMES)
    people.push(lanes.tasks(review, audit, None))
    assert lanes.take(people.pull("").annotations, review, audit) == len(review) + len(audit)


def test_a_batch_has_exactly_its_size_with_its_share_of_the_audit() -> None:
    made = setting()
    lanes, learner = Lanes(made, 0, 8), made.started_learner(ARMS["quorum"], 0)
    review, audit = lanes.choose(learner, 10, 3)
    assert (len(review), len(audit)) == (7, 3)
    assert not set(review) & set(audit)
    assert lanes.picked[review].all()
    assert lanes.asked[audit].all()


def test_an_audit_answer_about_what_selection_picks_costs_nothing_and_counts() -> None:
    made = setting()
    lanes, learner = Lanes(made, 0, 8), made.started_learner(ARMS["quorum"], 0)
    review, audit = lanes.choose(learner, 8, 8)
    assert review == []
    answered(lanes, made, [], audit)
    assert (lanes.human[audit] == TRUTH[audit]).all()
    picked, _ = lanes.choose(learner, N, 0)
    assert sorted(picked) == sorted(set(range(N)) - set(audit))
    assert (lanes.reviewed[audit] == TRUTH[audit]).all()
    assert not lanes.audit.item_members.any()


def test_the_audit_is_uniform_whatever_selection_picks() -> None:
    counts = np.zeros(N)
    for seed in range(400):
        made = setting()
        lanes = Lanes(made, seed, 8)
        _, audit = lanes.choose(made.started_learner(ARMS["quorum"], seed), 4, 4)
        counts[audit] += 1
    assert counts / 400 == pytest.approx(np.full(N, 0.1), abs=0.07)


def test_items_of_the_dev_split_or_without_truth_are_never_audited() -> None:
    dev = np.arange(N) < 10
    gold = np.where(np.arange(N) >= 30, -1, TRUTH).astype(np.int8)
    made = setting(dev=dev, gold=gold, row_gold=gold)
    lanes = Lanes(made, 0, 20)
    review, audit = lanes.choose(made.started_learner(ARMS["quorum"], 0), 20, 20)
    assert len(audit) == 20
    assert set(audit) == set(range(10, 30))
    assert review == []


def test_suggestions_are_shown_in_review_alone() -> None:
    made = setting()
    lanes = Lanes(made, 0, 8)
    proba = np.tile([0.3, 0.7], (N, 1))
    shown = {t.lane: t.suggestion for t in lanes.tasks([0], [1], proba)}
    assert shown == {Lane.REVIEW: "SPAM", Lane.AUDIT: None}
    assert lanes.tasks([0], [], None)[0].suggestion is None
    assert lanes.tasks([0], [], np.full((N, 2), 0.5))[0].suggestion is None


def test_what_stays_unanswered_is_part_of_the_audit() -> None:
    made = setting()
    lanes = Lanes(made, 0, 8)
    _, audit = lanes.choose(made.started_learner(ARMS["quorum"], 0), 4, 4)
    lanes.take([], [], audit)
    assert lanes.audit_so_far.item_members.sum() == 4
    assert not lanes.audit_so_far.answered.any()


def test_measures_by_hand() -> None:
    made = setting(routing=RoutingConfig(alpha=0.1))
    lanes = Lanes(made, 0, 0)
    answered(lanes, made, [1, 3], [])
    lanes.picked[[1, 3]] = True
    proba = np.tile([0.8, 0.2], (N, 1))
    point, violated = Step(made, lanes, made.votes, proba).measure(2, 1.5)
    assert (point.labels, point.hours, violated) == (2, 1.5, False)
    assert point.accuracy == pytest.approx(22 / 40)
    right, wrong = 20, 18
    assert point.ece == pytest.approx(0.8 - right / (right + wrong))
    expected = -(right * np.log(0.8) + wrong * np.log(0.2)) / (right + wrong)
    assert point.log_loss == pytest.approx(expected)
    assert point.accepted == 0.0
    # Three of 38 texts may be wrong: 5, 7 and 9, but not 11.
    assert point.oracle_accepted == pytest.approx(len([0, 2, 4, 5, 6, 7, 8, 9, 10]) / 40)


def test_selective_is_measured_against_what_it_accepts() -> None:
    made = setting(routing=RoutingConfig(promise="selective", alpha=0.4))
    lanes = Lanes(made, 0, 0)
    step = Step(made, lanes, made.votes, np.tile([0.8, 0.2], (N, 1)))
    accepted = np.arange(N) < 10
    assert step.wrong_units(accepted, TRUTH) == 5
    assert [step.room(promise, accepted) for promise in ("dataset", "selective")] == [16, 4]
    point, _ = step.measure(0, 0.0)
    # HAM and SPAM alternate: of the first 5 texts 2 are wrong, of more always more than .4.
    assert point.oracle_accepted == pytest.approx(5 / 40)


def test_a_certificate_of_a_step_is_of_the_promise_asked_for() -> None:
    made = setting(routing=RoutingConfig(alpha=0.9, delta=0.9))
    lanes = Lanes(made, 0, 8)
    _, audit = lanes.choose(made.started_learner(ARMS["quorum"], 0), 8, 8)
    answered(lanes, made, [], audit)
    step = Step(made, lanes, made.votes, np.tile([0.8, 0.2], (N, 1)))
    for promise in ("dataset", "selective"):
        certificate = step.certify(step.eligible(), promise).certificate
        assert certificate is not None
        assert certificate.promise == promise


def test_the_steps_of_a_run_end_with_all_answers() -> None:
    steps = list(Replay(setting(), Run(ARMS["quorum"], 0)).steps())
    assert [spent for spent, _ in steps] == [5, 10, 15, 20]
    assert steps[-1][1].lanes.audit_so_far.members.sum() > 0


def test_where_everything_is_answered_there_is_nothing_to_calibrate() -> None:
    made = setting()
    lanes = Lanes(made, 0, 0)
    answered(lanes, made, list(range(N)), [])
    point, _ = Step(made, lanes, made.votes, np.tile([0.8, 0.2], (N, 1))).measure(N, 0.0)
    assert (point.accuracy, point.ece, point.log_loss) == (1.0, None, None)


def test_a_run_spends_its_plan_and_repeats_itself() -> None:
    first, again = (replay(setting(), Run(ARMS["quorum"], 0)) for _ in range(2))
    assert [p.labels for p in first.points] == [5, 10, 15, 20]
    assert first == again
    assert first.points[-1].hours > first.points[0].hours > 0


def test_people_who_skip_leave_the_numbers_exact() -> None:
    run = replay(setting(habits=Habits(skipping=0.4)), Run(ARMS["random"], 0))
    assert [p.labels for p in run.points] == [5, 10, 15, 20]


def test_runs_have_keys_of_their_own() -> None:
    made = setting(digest="a")
    runs = [Run(ARMS[name], seed) for name in ("quorum", "random") for seed in (0, 1)]
    assert len({run.key(made) for run in runs} | {runs[0].key(setting(digest="b"))}) == 5
    assert runs[0].key(made) == Run(ARMS["quorum"], 0).key(setting(digest="a"))
