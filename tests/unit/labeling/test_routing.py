"""Routes and their reasons, one case of each, and that nothing slips past the certificate."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.routing import CriticalReasons, Standing, critical_mask, critical_reasons, route
from labeling.types import Decision, VoteMatrix

NAMES = ("HAM", "SPAM", "THREAT")


def votes_of(*rows: list[int]) -> VoteMatrix:
    hard = np.array(rows, dtype=np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(hard.shape[1])), 3)


def standing(*vote_row: int, **changes: object) -> Standing:
    no = np.array([False])
    one = Standing(
        votes=votes_of(list(vote_row)),
        labels=np.array([0]),
        confidence=np.array([0.987]),
        critical=CriticalReasons(no, no, no),
        queued=no,
        dev=no,
        champion=7,
        covered=~no,
        accepted=~no,
    )
    return replace(one, **{k: np.array([v]) if isinstance(v, bool) else v for k, v in changes.items()})


def critical(in_slice: bool, voted: bool, probable: bool) -> CriticalReasons:
    return CriticalReasons(np.array([in_slice]), np.array([voted]), np.array([probable]))


@pytest.mark.parametrize(
    ("case", "decision", "reason"),
    [
        (
            standing(0, 0, -1),
            Decision.ACCEPT,
            "2 voters and the text model agree on HAM, .98; covered by certificate 7",
        ),
        (
            standing(0, 1, -1),
            Decision.ACCEPT,
            "1 voter and the text model agree on HAM, .98, 1 voter otherwise; covered by certificate 7",
        ),
        (
            standing(0, 2, critical=critical(True, True, False)),
            Decision.REVIEW,
            "1 voter and the text model agree on HAM, .98, 1 voter otherwise; critical, so people decide: "
            "it is in a critical slice, a voter votes for a critical class",
        ),
        (
            standing(0, critical=critical(False, False, True), accepted=False),
            Decision.REVIEW,
            "1 voter and the text model agree on HAM, .98; critical, so people decide: "
            "a critical class is too probable",
        ),
        (
            standing(1, 1, accepted=False, queued=True),
            Decision.REVIEW,
            "the text model says HAM, .98, 2 voters otherwise; chosen for people",
        ),
        (
            standing(0, accepted=False, covered=False),
            Decision.HOLD,
            "1 voter and the text model agree on HAM, .98; not yet covered by certificate 7",
        ),
        (standing(-1, accepted=False), Decision.HOLD, "no vote, and not chosen for people"),
        (
            standing(0, dev=True),
            Decision.HOLD,
            "1 voter and the text model agree on HAM, .98; "
            "in the dev split, which no audit covers: not accepted by machine",
        ),
        (
            standing(0, dev=True, queued=True),
            Decision.REVIEW,
            "1 voter and the text model agree on HAM, .98; chosen for people",
        ),
        (
            standing(-1, accepted=False, queued=True),
            Decision.REVIEW,
            "the text model says HAM, .98; chosen for people",
        ),
        (
            standing(0, accepted=False),
            Decision.REVIEW,
            "1 voter and the text model agree on HAM, .98; "
            "certificate 7 does not reach it, people come to it",
        ),
        (
            standing(0, champion=None),
            Decision.REVIEW,
            "1 voter and the text model agree on HAM, .98; no certificate yet, people come to it",
        ),
    ],
)
def test_each_case_has_its_decision_and_reason(case, decision, reason):
    (found,) = route(case, NAMES)
    assert (found.decision, found.reason) == (decision, reason)


def random_standing(n: int, seed: int, champion: int | None = 7) -> Standing:
    rng = np.random.default_rng(seed)
    hard = rng.integers(-1, 3, size=(n, 6)).astype(np.int8)
    votes = VoteMatrix(hard, tuple("abcdef"), 3)
    proba = rng.dirichlet([8, 4, 0.1], size=n)
    masks = rng.random((5, n)) < np.array([0.05, 0.1, 0.9, 0.6, 0.1])[:, None]
    return Standing(
        votes=votes,
        labels=proba.argmax(axis=1),
        confidence=proba.max(axis=1),
        critical=critical_reasons(votes, proba, np.array([False, False, True]), masks[0], 0.02),
        queued=masks[1],
        dev=masks[4],
        champion=champion,
        covered=masks[2],
        accepted=masks[3],
    )


@given(st.integers(0, 1000), st.sampled_from([None, 7]))
def test_only_what_the_certificate_accepts_and_is_not_critical_is_accepted(seed, champion):
    s = random_standing(60, seed, champion)
    accepted = np.array([r.decision is Decision.ACCEPT for r in route(s, NAMES)])
    expected = s.accepted & s.covered & ~s.critical.mask & ~s.dev & (champion is not None)
    np.testing.assert_array_equal(accepted, expected)


def test_a_hundred_thousand_items_take_about_a_second():
    s = random_standing(100_000, 0)
    start = perf_counter()
    routes = route(s, NAMES)
    assert len(routes) == 100_000
    assert perf_counter() - start < 5


def test_no_items_have_no_routes():
    assert route(random_standing(0, 0), NAMES) == []


def test_confidence_is_never_rounded_up():
    shown = [
        route(standing(0, confidence=np.array([c])), NAMES)[0].reason.split("HAM, ")[1].split(";")[0]
        for c in (0.999, 1.0, 0.58, 0.05)
    ]
    assert shown == [".99", "1.00", ".58", ".05"]


def test_items_are_critical_by_slice_vote_probability_or_label():
    votes = votes_of([0, -1], [2, 0], [-1, -1], [0, 0], [0, 0])
    proba = np.array(
        [[0.97, 0.02, 0.01], [0.97, 0.02, 0.01], [0.9, 0.07, 0.03], [0.97, 0.02, 0.01], [0.1, 0.2, 0.7]]
    )
    slices = np.array([False, False, False, True, False])
    classes = np.array([False, False, True])
    reasons = critical_reasons(votes, proba, classes, slices, 0.02)
    np.testing.assert_array_equal(reasons.voted, [False, True, False, False, False])
    np.testing.assert_array_equal(reasons.probable, [False, False, True, False, True])
    np.testing.assert_array_equal(reasons.in_slice, slices)
    mask = critical_mask(votes, proba, classes, slices, 0.02)
    np.testing.assert_array_equal(mask, [False, True, True, True, True])
    np.testing.assert_array_equal(
        critical_mask(votes, proba, classes, slices, 1.0), [False, True, False, True, True]
    )


def test_without_critical_classes_only_slices_are_critical():
    s = random_standing(50, 3)
    slices = np.arange(50) < 10
    proba = np.full((50, 3), 1 / 3)
    mask = critical_mask(s.votes, proba, np.zeros(3, dtype=bool), slices, 0.0)
    np.testing.assert_array_equal(mask, slices)
