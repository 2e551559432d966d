"""What the answers of an audit prove: how far, safest first, labels may be accepted under each promise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeling.certificates.guarantee import acceptable_wrong, error_budget, fewest_audited, safe_prefix
from labeling.certificates.reach import plan_prefixes
from labeling.certificates.selective import Step, allowed_wrong, fewest_for_any, sequence_of_tests
from labeling.types import Bools, Floats


@dataclass(frozen=True)
class Ranked:
    """The units that could be accepted, safest first.

    Attributes
    ----------
    scores : array, shape (top,)
    audited, failed : mask, shape (top,)
        In the audit; of these, those that count as wrong.
    """

    scores: Floats
    audited: Bools
    failed: Bools


@dataclass(frozen=True)
class Proof:
    """How many units, safest first, the answers cover; how many wrong audited ones these may hold.

    ``allowed`` is None where too few were audited to accept anything.
    """

    prefix: int
    allowed: int | None
    steps: tuple[Step, ...] = ()


def prove(ranked: Ranked, promise: str, alpha: float, delta: float, population: int) -> Proof:
    """Prove as much of a promise as the answers allow, at error probability ``delta``."""
    if promise == "dataset":
        return _dataset(ranked, error_budget(alpha, population), delta)
    return _selective(ranked, alpha, delta)


def fewest_answers(promise: str, top: int, population: int, alpha: float, delta: float) -> int:
    """Give the least audit of ``top`` units with which anything could be accepted."""
    if promise == "dataset":
        return fewest_audited(top, error_budget(alpha, population), delta)
    return fewest_for_any(top, alpha, delta)


def _dataset(ranked: Ranked, budget: int, delta: float) -> Proof:
    allowed = acceptable_wrong(len(ranked.audited), int(ranked.audited.sum()), budget, delta)
    if allowed is None:
        return Proof(0, None)
    return Proof(safe_prefix(ranked.failed, allowed), allowed)


def _selective(ranked: Ranked, alpha: float, delta: float) -> Proof:
    n = int(ranked.audited.sum())
    if allowed_wrong(len(ranked.audited), n, alpha, delta) is None:
        return Proof(0, None)
    prefixes = plan_prefixes(np.clip(1 - ranked.scores, 0, 1), n, alpha, delta)
    steps = sequence_of_tests(prefixes.tolist(), ranked.audited, ranked.failed, alpha, delta)
    passed = [step for step in steps if step.passed]
    if not passed:
        return Proof(0, 0, steps)
    last = passed[-1]
    return Proof(last.prefix, allowed_wrong(last.prefix, last.audited, alpha, delta), steps)
