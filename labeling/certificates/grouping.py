"""Which parts of the data get a promise of their own, chosen by predicted power before any answer is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from labeling.certificates.planning import AuditPlan, plan_audit
from labeling.types import Bools, Floats, Ints

APART = -1
"""The group of units that belong to none: people decide about them."""

PRIOR = 3.0
"""Predicted errors that weigh as much as what answers found: small groups stay near what the scorer says."""


@dataclass(frozen=True)
class Grouping:
    """How n audit units fall into g groups, whatever the auditors say.

    Parameters
    ----------
    by : str
        What the groups are: ``class`` (the machine's label) or ``slice``.
    names : tuple of str, length g
    unit : array of int, shape (n,)
        Index of each unit's group; -1 where it belongs to none.
    population : array of int, shape (g,)
        Units of each group that a promise about it counts, audited ones included.
    doubt : array, shape (g,)
        What the predicted errors of each group are multiplied by, from anything but audit answers.
    """

    by: str
    names: tuple[str, ...]
    unit: Ints = field(repr=False)
    population: Ints = field(repr=False)
    doubt: Floats = field(repr=False)

    @classmethod
    def of(
        cls, by: str, names: tuple[str, ...], unit: Ints, counted: Bools, doubt: Floats | None = None
    ) -> Grouping:
        """Group units, of which those in the mask ``counted``, shape (n,), make the populations."""
        inside = unit[counted & (unit != APART)]
        population = np.bincount(inside, minlength=len(names))
        return cls(by, names, unit, population, np.ones(len(names)) if doubt is None else doubt)

    def title(self, group: int) -> str:
        """Name a group with what it is, such as ``class HAM``."""
        return f"{self.by} {self.names[group]}"


@dataclass(frozen=True)
class GroupPlan:
    """A chosen group with what its audit is predicted to bring at its share of delta."""

    group: int
    title: str
    top: int
    plan: AuditPlan


def choose_groups(
    promise: str,
    errors: Floats,
    able: Bools,
    grouping: Grouping,
    rate: float,
    alpha: float,
    delta: float,
    most: int,
) -> tuple[GroupPlan, ...]:
    """Choose the groups to test: those, at most ``most``, that together are predicted to accept most.

    Each further group takes a share of delta from the others, so that fewer may accept more. Nothing here
    depends on what auditors answer, or on how the audit falls into the groups.

    Parameters
    ----------
    promise : str
        ``dataset`` or ``selective``.
    errors : array, shape (n,)
        Predicted probability, in [0, 1], that a unit's label is wrong; read where ``able``.
    able : mask, shape (n,)
        Units whose label may be accepted.
    rate : float
        Share, in [0, 1], of the units that are audited.
    alpha, delta : float
        The bound and what all groups together may spend, in (0, 1).
    most : int
        From 1.

    Returns
    -------
    tuple of GroupPlan
        The one that accepts most first; empty where no group has a unit that may be accepted.
    """
    present = [g for g in range(len(grouping.names)) if (able & (grouping.unit == g)).any()]
    best: tuple[GroupPlan, ...] = ()
    for size in range(1, min(most, len(present)) + 1):
        plans = [_plan(promise, errors, able, grouping, g, rate, alpha, delta / size) for g in present]
        chosen = tuple(sorted(plans, key=_promising, reverse=True)[:size])
        if not best or _accepted(chosen) > _accepted(best):
            best = chosen
    return best


def _plan(
    promise: str,
    errors: Floats,
    able: Bools,
    grouping: Grouping,
    group: int,
    rate: float,
    alpha: float,
    delta: float,
) -> GroupPlan:
    inside = np.minimum(1, grouping.doubt[group] * errors[able & (grouping.unit == group)])
    population = int(grouping.population[group])
    plan = plan_audit(promise, inside, population, round(rate * len(inside)), alpha, delta)
    return GroupPlan(group, grouping.title(group), len(inside), plan)


def _promising(planned: GroupPlan) -> tuple[int, float, int, int]:
    return planned.plan.accepted, planned.plan.power, planned.plan.goal, -planned.group


def _accepted(plans: tuple[GroupPlan, ...]) -> int:
    return sum(planned.plan.accepted for planned in plans)


def group_doubt(group: Ints, predicted: Floats, wrong: Bools, n_groups: int) -> Floats:
    """Give how many times as often as predicted the labels of each group are wrong, shape (g,).

    Answers need not be a uniform sample: given what the scorer predicts, selection asks about right and wrong
    labels alike. This steers which groups are tested, never whether a promise holds.

    Parameters
    ----------
    group : array of int, shape (l,)
        Group of each answered item, as a scorer that had not seen the answer has it; -1 in none.
    predicted : array, shape (l,)
        What that scorer expected of being wrong, in [0, 1].
    wrong : mask, shape (l,)
        Whether the answer is another label.
    """
    inside = group != APART
    expected = np.bincount(group[inside], predicted[inside], n_groups)
    found = np.bincount(group[inside], wrong[inside], n_groups)
    return np.asarray((found + PRIOR) / (expected + PRIOR))


def describe_plans(plans: tuple[GroupPlan, ...], by: str, population: int) -> str:
    """Say which groups will be tested and what each is predicted to bring, before people start.

    Parameters
    ----------
    population : int
        Units of all groups and of none, which the audit is drawn from.
    """
    if not plans:
        return f"no {by} has a text that could be accepted yet"
    told = "; ".join(f"{p.title}: {p.plan.describe()}{_in_all(p, population)}" for p in plans)
    share = "" if len(plans) == 1 else f", each with 1/{len(plans)} of delta"
    return f"a promise for each of {len(plans)} by {by}{share}, the rest to people. {told}"


def _in_all(planned: GroupPlan, population: int) -> str:
    """Say how large the whole audit has to be for this group to have what it lacks."""
    if not (planned.plan.goal and planned.plan.missing):
        return ""
    return f" (routing.audit: {math.ceil(planned.plan.needed * population / planned.top):,})"
