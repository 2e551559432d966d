"""Routes and their reasons, one case of each, and that nothing slips past the certificate."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.routing import CriticalReasons, Standing, critical_reasons, route
from labeling.routing.opinions import KINDS, count_opinions
from labeling.types import Decision, VoteMatrix

NAMES = ("HAM", "SPAM", "THREAT")
AGREED = "two functions and the text model agree on HAM, .98"


def votes_of(*rows: list[int]) -> VoteMatrix:
    hard = np.array(rows, dtype=np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(hard.shape[1])), 3)


def standing(
    *vote_row: int, label: int = 0, sure: float = 0.987, text: int = 0, **changes: object
) -> Standing:
    """Give one item that functions vote on, which certificate 7 covers and accepts."""
    no, votes = np.array([False]), votes_of(list(vote_row))
    kinds = ["function"] * len(vote_row)
    codes = np.array([text], dtype=np.int8)
    one = Standing(
        opinions=count_opinions(votes, kinds, np.array([label]), np.array([sure]), codes),
        covers=votes.covered,
        critical=critical(),
        queued=no,
        dev=no,
        champion=7,
        covered=~no,
        accepted=~no,
        promised=~no,
    )
    return replace(one, **{k: np.array([v]) if isinstance(v, bool) else v for k, v in changes.items()})  # type: ignore[arg-type]


def critical(
    in_slice: bool = False, voted: int = -1, probable: int = -1, chance: float = 0.0
) -> CriticalReasons:
    codes = (np.array([code], dtype=np.int8) for code in (voted, probable))
    return CriticalReasons(np.array([in_slice]), *codes, np.array([chance]))


@pytest.mark.parametrize(
    ("case", "decision", "reason"),
    [
        (standing(0, 0, -1), Decision.ACCEPT, f"{AGREED}; covered by certificate 7"),
        (standing(0, 0, queued=True), Decision.ACCEPT, f"{AGREED}; covered by certificate 7"),
        (
            standing(0, 1, -1),
            Decision.ACCEPT,
            "one function and the text model agree on HAM, .98; one function says SPAM; "
            "covered by certificate 7",
        ),
        (
            standing(0, 2, critical=critical(in_slice=True, voted=2)),
            Decision.REVIEW,
            "one function and the text model agree on HAM, .98; one function says THREAT; people decide: "
            "it is in a critical slice, and a voter says THREAT, which is critical",
        ),
        (
            standing(0, 2, critical=critical(voted=2, probable=2, chance=0.23)),
            Decision.REVIEW,
            "one function and the text model agree on HAM, .98; one function says THREAT; people decide: "
            "a voter says THREAT, which is critical and has a chance of .23",
        ),
        (
            standing(0, 1, critical=critical(voted=1, probable=2, chance=0.23)),
            Decision.REVIEW,
            "one function and the text model agree on HAM, .98; one function says SPAM; people decide: "
            "a voter says SPAM, which is critical, and THREAT is critical and has a chance of .23",
        ),
        (
            standing(0, 0, critical=critical(probable=2, chance=0.0399), accepted=False),
            Decision.REVIEW,
            f"{AGREED}; people decide: THREAT is critical and has a chance of .03",
        ),
        (
            standing(1, 1, accepted=False, queued=True),
            Decision.REVIEW,
            "the text model says HAM, .98; two functions say SPAM; chosen for people",
        ),
        (
            standing(0, 0, accepted=False, covered=False),
            Decision.HOLD,
            f"{AGREED}; not yet covered by certificate 7",
        ),
        (
            standing(-1, accepted=False),
            Decision.HOLD,
            "nobody votes on it, and it is not chosen for people",
        ),
        (
            standing(0, 0, dev=True),
            Decision.HOLD,
            f"{AGREED}; in the dev split, which no audit covers: not accepted by machine",
        ),
        (standing(0, 0, dev=True, queued=True), Decision.REVIEW, f"{AGREED}; chosen for people"),
        (
            standing(-1, accepted=False, queued=True),
            Decision.REVIEW,
            "the text model says HAM, .98; chosen for people",
        ),
        (
            standing(0, 0, accepted=False),
            Decision.REVIEW,
            f"{AGREED}; certificate 7 does not reach it, people come to it",
        ),
        (
            standing(0, 0, accepted=False, promised=False),
            Decision.REVIEW,
            f"{AGREED}; certificate 7 promises nothing of its group, people come to it",
        ),
        (
            standing(0, 0, champion=None),
            Decision.REVIEW,
            f"{AGREED}; no certificate is in force, people come to it",
        ),
    ],
)
def test_each_case_has_its_decision_and_reason(case: Standing, decision: Decision, reason: str) -> None:
    (found,) = route(case, NAMES)
    assert (found.decision, found.reason) == (decision, reason)


def random_standing(n: int, seed: int, champion: int | None = 7) -> Standing:
    rng = np.random.default_rng(seed)
    votes = VoteMatrix(rng.integers(-1, 3, size=(n, 6)).astype(np.int8), tuple("abcdef"), 3)
    proba = rng.dirichlet([8, 4, 0.1], size=n)
    masks = rng.random((6, n)) < np.array([0.05, 0.1, 0.9, 0.6, 0.1, 0.9])[:, None]
    text = rng.integers(-1, 3, size=n).astype(np.int8)
    kinds = rng.choice(KINDS, size=6).tolist()
    return Standing(
        opinions=count_opinions(votes, kinds, proba.argmax(axis=1), proba.max(axis=1), text),
        covers=votes.covered,
        critical=critical_reasons(votes, proba, np.array([False, False, True]), masks[0], 0.02),
        queued=masks[1],
        dev=masks[4],
        champion=champion,
        covered=masks[2],
        accepted=masks[3],
        promised=masks[5],
    )


@given(st.integers(0, 1000), st.sampled_from([None, 7]))
def test_only_what_the_certificate_accepts_and_is_not_critical_is_accepted(
    seed: int, champion: int | None
) -> None:
    s = random_standing(60, seed, champion)
    accepted = np.array([r.decision is Decision.ACCEPT for r in route(s, NAMES)])
    expected = s.accepted & s.covered & ~s.critical.mask & ~s.dev & (champion is not None)
    np.testing.assert_array_equal(accepted, expected)


@given(st.integers(0, 1000), st.sampled_from([None, 7]))
def test_critical_items_are_for_people_and_reasons_are_short(seed: int, champion: int | None) -> None:
    s = random_standing(60, seed, champion)
    for found, critical_one in zip(route(s, NAMES), s.critical.mask, strict=True):
        assert ("people decide: " in found.reason) == critical_one
        assert not critical_one or found.decision is Decision.REVIEW
        assert len(found.reason) < 300
        assert ("certificate" in found.reason) or ("people" in found.reason) or ("audit" in found.reason)


def test_a_hundred_thousand_items_take_about_a_second() -> None:
    s = random_standing(100_000, 0)
    start = perf_counter()
    routes = route(s, NAMES)
    assert len(routes) == 100_000
    assert perf_counter() - start < 10


def test_no_items_have_no_routes() -> None:
    assert route(random_standing(0, 0), NAMES) == []


def test_confidence_is_never_rounded_up() -> None:
    shown = [
        route(standing(0, sure=c), NAMES)[0].reason.split("HAM, ")[1].split(";")[0]
        for c in (0.999, 1.0, 0.58, 0.05)
    ]
    assert shown == [".99", "1.00", ".58", ".05"]
