"""How answers are shared between review and audit, so that a target is reached with the fewest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labeling.certificates.planning import enough_for_share
from labeling.certificates.wording import percent
from labeling.types import Floats

CAREFUL = 1.25
"""What predicted errors are multiplied by: scorers are too sure more often than not."""


@dataclass(frozen=True)
class Need:
    """What a target takes with the scorer of a round.

    Attributes
    ----------
    labels : int
        Labels that the scorer learnt from.
    audit : int or None
        Audit answers that are predicted to be enough; None where no audit would do.
    """

    labels: int
    audit: int | None


@dataclass(frozen=True)
class Split:
    """Which lane answers go to next, and why.

    Attributes
    ----------
    audit_first : bool
        The audit is asked before review; otherwise both are, review twice as much.
    size : int
        Audit answers to plan for.
    need : int or None
        Audit answers that are predicted to be enough for the target.
    reason : str
    """

    audit_first: bool
    size: int
    need: int | None
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def need_of(
    promise: str,
    errors: Floats,
    population: int,
    labels: int,
    target: float,
    alpha: float,
    delta: float,
) -> Need:
    """Predict what a target takes, from what the scorer says alone: no audit answer has a part in it.

    Parameters
    ----------
    promise : str
        ``dataset`` or ``selective``.
    errors : array, shape (top,)
        Predicted probability, in [0, 1], that the label is wrong, for each unit that could be accepted.
    population : int
        Units of the data set.
    labels : int
        That the scorer learnt from.
    target : float
        In (0, 1], the share of the ``top`` that shall be accepted.
    alpha, delta : float
        The promise and the share of delta that the test will spend, in (0, 1).
    """
    careful = np.minimum(1.0, CAREFUL * errors)
    return Need(labels, enough_for_share(promise, careful, population, target, alpha, delta))


def split_answers(now: Need, past: Sequence[Need], target: float, least: int, most: int, batch: int) -> Split:
    """Decide which lane the next answers go to.

    The audit costs what is needed for the target, and review lowers that need: as long as it saves more
    audit answers than it takes, review goes on. It ends where it saves fewer, and the audit comes first.

    Parameters
    ----------
    now : Need
    past : sequence of Need
        Of earlier rounds, in their order.
    target : float
        In (0, 1].
    least, most : int
        Audit answers with which anything could be accepted, and those that people are ready to give.
    batch : int
        Answers per round: figures that lie fewer apart are not compared.
    """

    def review(reason: str, size: int = least) -> Split:
        return Split(False, min(size, most), now.audit, reason)

    goal = f"to accept {percent(target)} of the texts that could be"
    if now.labels < batch:
        return review(f"review: the scorer has learnt from {now.labels:,} answers only")
    if now.audit is None:
        return review(f"review: no audit is predicted to be enough {goal}, too many would be wrong")
    needed = f"{max(now.audit, least):,} audit answers are predicted to be enough {goal}"
    if now.audit <= least:
        return Split(True, min(least, most), now.audit, f"audit: {needed}, and no fewer prove anything")
    before = next((n for n in reversed(past) if n.labels <= now.labels - batch), None)
    if before is None:
        return review(f"review: {needed}; whether review saves any is not known yet")
    taken = now.labels - before.labels
    if before.audit is None:
        return review(f"review: {needed}, which none were {taken:,} review answers ago")
    saved = before.audit - now.audit
    compared = f"the last {taken:,} review answers saved {max(saved, 0):,} audit answers"
    if saved > taken:
        return review(f"review: {needed}; {compared}")
    if now.audit > most:
        return review(f"review: {needed}, more than routing.audit, {most:,}; {compared}", most)
    return Split(True, now.audit, now.audit, f"audit: {needed}; {compared}, fewer than they cost")
