"""A promise for each of several groups: tested side by side, each with a share of delta of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

import numpy as np

from labeling.certificates import OPEN_SHARE, AuditedUnits, Certificate, Outcome, Terms, certify
from labeling.certificates.grouping import Grouping, GroupPlan, choose_groups
from labeling.certificates.wording import describe

SUMMED = (
    "top",
    "audited",
    "errors",
    "unanswered",
    "allowed",
    "inside",
    "inside_wrong",
    "accepted",
)
"""Counts of a certificate over groups that are the sums of theirs."""


def certify_groups(units: AuditedUnits, terms: Terms, grouping: Grouping, most: int) -> Outcome:
    """Test the promise in at most ``most`` groups, chosen by predicted power; all others go to people.

    The groups and who belongs to them are fixed without any audit answer. Given how many audited units fall
    into each, these are a uniform sample of each group, so each test errs with probability at most its share
    of delta; by the union bound all promises hold together with probability 1 - delta, whatever the groups
    have to do with each other.

    Parameters
    ----------
    units : AuditedUnits
        Of the whole score table.
    terms : Terms
        Of the whole; ``population`` counts the units of all groups and of none.
    """
    chosen = choose_groups(
        terms.promise,
        np.clip(1 - units.scores, 0, 1),
        units.eligible,
        grouping,
        _audited_share(units),
        terms.alpha,
        terms.delta_spent,
        most,
    )
    obstacle = _obstacle(units, grouping, chosen)
    if obstacle:
        return Outcome(None, np.zeros(len(units.clusters), dtype=bool), obstacle, 0.0)
    return _joined(terms, {p.title: _test(units, terms, grouping, p, len(chosen)) for p in chosen})


def _audited_share(units: AuditedUnits) -> float:
    able = units.eligible
    return float(units.audited[able].mean()) if able.any() else 0.0


def _obstacle(units: AuditedUnits, grouping: Grouping, chosen: tuple[GroupPlan, ...]) -> str:
    if not chosen:
        return f"no {grouping.by} has a text that could be accepted"
    audited = units.eligible & units.audited & np.isin(grouping.unit, [p.group for p in chosen])
    n, unsettled = int(audited.sum()), int((audited & ~units.answered).sum())
    if unsettled > OPEN_SHARE * n:
        return (
            f"{unsettled:,} of {n:,} audit answers in the groups are open, a test needs all but "
            f"{OPEN_SHARE:.0%}. Answer them; a second person takes what the first skips."
        )
    return ""


def _test(units: AuditedUnits, terms: Terms, grouping: Grouping, chosen: GroupPlan, sharing: int) -> Outcome:
    inside = replace(units, eligible=units.eligible & (grouping.unit == chosen.group))
    population = int(grouping.population[chosen.group])
    return certify(inside, replace(terms, population=population, group=chosen.title, sharing=sharing))


def _joined(terms: Terms, tested: Mapping[str, Outcome]) -> Outcome:
    """Put the groups' outcomes together; delta is spent once any of them was tested."""
    spent = terms.delta_spent if any(o.delta_spent for o in tested.values()) else 0.0
    accepted = np.any([o.accepted for o in tested.values()], axis=0)
    passed = tuple(o.certificate for o in tested.values() if o.certificate is not None)
    refused = {title: o.reason for title, o in tested.items() if o.certificate is None}
    if not passed:
        told = " ".join(f"{title}: {reason}" for title, reason in refused.items())
        return Outcome(None, accepted, told, spent)
    certificate = Certificate(
        **asdict(terms),
        **{name: sum(getattr(part, name) for part in passed) for name in SUMMED},
        delta_spent=spent,
        threshold=min(part.threshold for part in passed),
        critical_found=_sum(part.critical_found for part in passed),
        critical_at_most=_sum(part.critical_at_most for part in passed),
        groups=passed,
        refused=refused,
    )
    return Outcome(certificate, accepted, describe(certificate), spent)


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)
