"""The auditors' own error, bounded from audited texts that a second person answered blindly."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil

from labeling.types import Bools

SLIP = 0.05
"""Chance left to the auditors of erring more often, where they were not asked, than their rate has it."""


@dataclass(frozen=True)
class SecondAnswers:
    """Which of n audit units a second person was asked about, and what came of it.

    Attributes
    ----------
    drawn : mask, shape (n,)
        Audited ones, chosen at random, whatever anybody answered.
    paired : mask, shape (n,)
        Two different people settled on an answer each; read where ``drawn``.
    alike : mask, shape (n,)
        Their answers are the same; read where ``paired``.
    """

    drawn: Bools
    paired: Bools
    alike: Bools


@dataclass(frozen=True)
class AuditorsError:
    """How often the auditors themselves may be wrong, and what that makes of a promise.

    Attributes
    ----------
    doubled, unpaired, apart : int
        Audited units that a second person was asked about; those without two answers of two people; those
        that count as answered differently, the unpaired ones among them.
    delta, level : float
        Probability that this statement fails beside the certificate's own, and the part of it that the bound
        of the rate takes.
    rate : float
        Upper bound, in [0, 1], of the mean probability that an auditor's answer is wrong, over all units that
        could be accepted.
    mistaken : int
        Accepted units on which the auditors, had they been asked, would have been wrong, at most.
    wrong : int
        Accepted units whose label is not the truth, at most.
    """

    doubled: int
    unpaired: int
    apart: int
    delta: float
    level: float
    rate: float
    mistaken: int
    wrong: int


def rate_at_most(apart: int, doubled: int, level: float) -> float:
    """Bound how often two auditors differ, and so how often one errs, from ``apart`` of ``doubled`` texts.

    Whoever is right with probability at least one half on each text, e1 <= 1/2, and errs independently of the
    other, whatever that one does, differs from the other with probability at least
    ``e1 (1 - e2) + e2 (1 - e1) = e1 + e2 (1 - 2 e1) >= e1``.

    Texts differ in how likely people are to differ on them and are drawn without replacement. The number of
    those that differ is still a sum of independent trials (its generating polynomial has real roots only), so
    that the binomial bound holds (Hoeffding, 1956).

    Parameters
    ----------
    apart, doubled : int
    level : float
        Probability of too low a bound, in (0, 1/4].

    Returns
    -------
    float
        In [0, 1].

    References
    ----------
    Clopper & Pearson (1934), The use of confidence or fiducial limits; Hoeffding (1956), On the distribution
    of the number of successes in independent trials.
    """
    from scipy.stats import beta  # takes most of a second, which commands without a test would pay

    return 1.0 if apart >= doubled else float(beta.ppf(1 - level, apart + 1, doubled - apart))


def mistaken_at_most(rate: float, top: int, accepted: int) -> int:
    """Bound on how many accepted texts the auditors would be wrong, except with probability ``SLIP``.

    All errors of the ``top`` texts may lie among the accepted ones: ``rate * top`` on average. Around its
    mean a sum of independent trials is no wider than the binomial (Hoeffding, 1956).

    Returns
    -------
    int
        In [0, accepted].
    """
    from scipy.stats import binom

    mean = min(rate * top, accepted)
    least = ceil(mean)
    if not accepted or least >= accepted:
        return accepted
    likely = range(least, accepted)
    return bisect_left(likely, True, key=lambda z: binom.sf(z, accepted, mean / accepted) <= SLIP) + least


def level_of_rate(delta: float) -> float:
    """Give what the bound of the rate may take of ``delta``, the share of the auditors' error.

    An accepted label that is not the truth is other than the auditors' answer, or they are wrong there. Let
    more than ``budget + mistaken`` be untrue, though the rate holds. Then, whatever was drawn and answered,
    with probability 1 - ``SLIP`` more than ``budget`` are other than the answers that the unaudited texts
    would have got: the promise against the answers is broken, which has probability ``delta`` at most. So
    the former has ``delta / (1 - SLIP)``, of which ``delta`` is the certificate's own.
    """
    return delta * (1 - SLIP / (1 - SLIP))


def auditors_error(
    second: SecondAnswers, able: Bools, accepted: int, budget: int, delta: float
) -> AuditorsError | None:
    """Bound the auditors' error and the untrue labels; None where nobody answered a second time.

    Parameters
    ----------
    second : SecondAnswers
        Of n audit units.
    able : mask, shape (n,)
        Units that could be accepted, from which the audit was drawn.
    accepted, budget : int
        Units that are accepted, and how many of them may be other than the auditors' answer.
    delta : float
        Share of this statement, on top of that of the test.
    """
    doubled = second.drawn & able
    paired = doubled & second.paired
    if not paired.any():
        return None
    asked, apart = int(doubled.sum()), int((doubled & ~(second.paired & second.alike)).sum())
    level = level_of_rate(delta)
    rate = rate_at_most(apart, asked, level)
    mistaken = mistaken_at_most(rate, int(able.sum()), accepted)
    return AuditorsError(
        doubled=asked,
        unpaired=asked - int(paired.sum()),
        apart=apart,
        delta=delta,
        level=level,
        rate=rate,
        mistaken=mistaken,
        wrong=min(accepted, budget + mistaken),
    )
