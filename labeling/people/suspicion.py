"""Whose answers do not come from reading: who guesses, who clicks one class, who accepts all suggestions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import binomtest

from labeling.people.quality import Quality
from labeling.people.responses import Responses
from labeling.people.shares import Share, difference
from labeling.types import ABSTAIN, Ints

LEAST_JUDGED = 20
LEAST_ANSWERS = 30
LEAST_WRONG = 8
SURE = 0.99
NO_BETTER = 0.25
"""Kappa under which answers hardly depend on the item."""

FAVOURED = 0.2
"""How much more often than others somebody names a class before it is told."""

NEARLY_ALL = 0.85
HASTE = 1 / 3
"""Of the others' median seconds."""


@dataclass(frozen=True)
class Case:
    """All that is known of one person, by index, when the answers are looked through.

    ``standard`` has what each of a answers is held against, -1 without; ``names`` are the classes, in the
    order of the page.
    """

    person: int
    responses: Responses
    standard: Ints = field(repr=False)
    quality: Quality
    names: Sequence[str]
    others_seconds: float | None


def suspicions(case: Case) -> tuple[str, ...]:
    """Say what speaks against the answers of a person; nothing for most people."""
    return tuple(said for rule in RULES for said in rule(case))


def guesses(case: Case) -> list[str]:
    """Say whose answers hardly depend on the item: the upper end of kappa's interval is that low."""
    judged, high = int(case.quality.confusion.sum()), case.quality.kappa.high
    if judged < LEAST_JUDGED or high is None or high >= NO_BETTER:
        return []
    return [
        f"answers hardly depend on the text: kappa {case.quality.kappa} with what {judged} answers are held "
        "against"
    ]


def clicks_one_class(case: Case) -> list[str]:
    """Say who names one class far more often than the same items call for, or else than the others do."""
    if case.quality.confusion.sum() >= LEAST_JUDGED:
        return favoured(case.quality.confusion, case.names)
    mine = case.responses.of(case.person)
    said = case.responses.answers.labels
    if mine.sum() < LEAST_ANSWERS:
        return []
    found = []
    for c, name in enumerate(case.names):
        own, rest = Share.of(said == c, mine), Share.of(said == c, ~mine)
        low, _ = difference(own, rest, SURE)
        if low > FAVOURED and own.interval(SURE)[0] > NEARLY_ALL:
            found.append(
                f"names {_class(name, case.names)} in {own.value:.0%}, the others in {rest.value:.0%}"
            )
    return found


def favoured(confusion: Ints, names: Sequence[str]) -> list[str]:
    """Say which classes are named too often by a table of answers, (k, k), and more than by chance."""
    total, found = int(confusion.sum()), []
    for c, name in enumerate(names):
        wrongly = int(confusion[:, c].sum() - confusion[c, c])
        missed = int(confusion[c].sum() - confusion[c, c])
        if wrongly - missed < FAVOURED * total or not _more(wrongly, missed, len(names)):
            continue
        said, due = confusion[:, c].sum() / total, confusion[c].sum() / total
        found.append(f"names {_class(name, names)} in {said:.0%} where {due:.0%} are due")
    return found


def accepts_everything(case: Case) -> list[str]:
    """Say who accepts suggestions even where they are wrong."""
    r = case.responses
    wrong = r.of(case.person) & r.shown & (case.standard != ABSTAIN) & (r.suggested != case.standard)
    kept = Share.of(r.answers.labels == r.suggested, wrong)
    if kept.among < LEAST_WRONG or kept.interval(SURE)[0] <= 0.5:
        return []
    return [f"accepted {kept.hits} of {kept.among} wrong suggestions"]


def hurries(case: Case) -> list[str]:
    """Say who takes a fraction of the others' time; alone it proves nothing."""
    own, rest = case.quality.seconds, case.others_seconds
    if case.quality.answers < LEAST_JUDGED or own is None or rest is None or own >= HASTE * rest:
        return []
    return [f"takes {own:.1f} s where the others take {rest:.1f} s"]


def _more(wrongly: int, missed: int, n_classes: int) -> bool:
    """Whether one error is more frequent than its opposite, over all classes (McNemar, 1947, exact)."""
    level = (1 - SURE) / n_classes
    return bool(binomtest(wrongly, wrongly + missed, 0.5, alternative="greater").pvalue < level)


def _class(name: str, names: Sequence[str]) -> str:
    return f"{name}, the first class on the page," if name == names[0] else name


RULES: tuple[Callable[[Case], list[str]], ...] = (guesses, clicks_one_class, accepts_everything, hurries)


def median_of_others(seconds: Sequence[float | None], person: int) -> float | None:
    """Give the median of everybody else's median seconds; None where nobody else was timed."""
    rest = [s for j, s in enumerate(seconds) if j != person and s is not None]
    return float(np.median(rest)) if rest else None
