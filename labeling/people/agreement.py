"""How far people agree beyond chance: Cohen, Fleiss and Krippendorff, with intervals."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from labeling.people.resampling import Estimate, bootstrap
from labeling.types import ABSTAIN, Answers, Floats, Ints


@dataclass(frozen=True)
class Agreement:
    """How far people agree on the items that at least two of them answered.

    Attributes
    ----------
    items, answers : int
        Items with two answers or more, and the answers to them.
    observed : Estimate
        Share of the pairs of answers to one item that are the same; NaN-free, in [0, 1].
    krippendorff, fleiss : Estimate
        At most 1; 0 is what chance gives.
    """

    items: int
    answers: int
    observed: Estimate
    krippendorff: Estimate
    fleiss: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self) | {
            name: getattr(self, name).to_dict() for name in ("observed", "krippendorff", "fleiss")
        }


@dataclass(frozen=True)
class PairAgreement:
    """How far two people agree on the items that both answered; persons by index."""

    first: int
    second: int
    observed: Estimate
    cohen: Estimate


def class_counts(answers: Answers, n_items: int, n_classes: int) -> Floats:
    """Count how many people named each class of each item, shape (m, k)."""
    found = np.zeros((n_items, n_classes))
    np.add.at(found, (answers.items, answers.labels), 1)
    return found


def compared(counts: Floats) -> Floats:
    """Keep the items with at least two answers, of counts of shape (m, k)."""
    return np.asarray(counts[counts.sum(axis=1) >= 2])


def agreement(counts: Floats, seed: int = 0) -> Agreement:
    """Measure agreement from counts of answers by item and class, shape (m, k)."""
    both = compared(counts)
    [observed, alpha] = bootstrap(krippendorff_parts(both), _observed_and_alpha, seed)
    [kappa] = bootstrap(fleiss_parts(counts), lambda sums: fleiss_kappa(sums)[:, None], seed)
    return Agreement(len(both), int(both.sum()), observed, alpha, kappa)


def _observed_and_alpha(sums: Floats) -> Floats:
    n = sums[:, :-1].sum(axis=1)
    observed = _ratio(sums[:, -1], n)
    return np.stack([observed, krippendorff_alpha(sums)], axis=1)


def krippendorff_parts(counts: Floats) -> Floats:
    """Give what each item adds to Krippendorff's sums, shape (m, k + 1).

    The answers of each class, and the pairs of equal answers, each weighed by one over the item's answers
    less one; an item with fewer than two answers adds nothing.
    """
    n = counts.sum(axis=1)
    pairs = (counts * (counts - 1)).sum(axis=1) / np.maximum(n - 1, 1)
    return np.asarray(np.column_stack([counts, pairs]) * (n >= 2)[:, None])


def krippendorff_alpha(sums: Floats) -> Floats:
    """Give nominal alpha of sums, shape (b, k + 1), as ``krippendorff_parts`` has them; NaN for one class.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability.
    """
    named, equal = sums[:, :-1], sums[:, -1]
    n = named.sum(axis=1)
    expected = _ratio((named * (named - 1)).sum(axis=1), n * (n - 1))
    return np.asarray(1 - _ratio(1 - _ratio(equal, n), 1 - expected))


def fleiss_parts(counts: Floats) -> Floats:
    """Give what each item adds to the sums of Fleiss' kappa, shape (m, k + 3).

    Whether it was answered, whether by two, its share of equal pairs, and the shares of its classes.
    """
    n = counts.sum(axis=1)
    answered, several = n >= 1, n >= 2
    equal = (counts * (counts - 1)).sum(axis=1) / np.maximum(n * (n - 1), 1)
    shares = counts / np.maximum(n, 1)[:, None]
    return np.asarray(np.column_stack([answered, several, equal * several, shares])[answered])


def fleiss_kappa(sums: Floats) -> Floats:
    """Give Fleiss' kappa of sums, shape (b, k + 3), as ``fleiss_parts`` has them; NaN for one class.

    With as many answers to each item it is that of Fleiss (1971); with missing ones, Gwet's (2014) form:
    shares of classes are means over items, equal pairs those of the items with two answers or more.
    """
    answered, several, equal = sums[:, 0], sums[:, 1], sums[:, 2]
    shares = sums[:, 3:] / np.maximum(answered, 1)[:, None]
    expected = (shares**2).sum(axis=1)
    return _ratio(_ratio(equal, several) - expected, 1 - expected)


def cohen_parts(first: Ints, second: Ints, n_classes: int) -> Floats:
    """Give each item's cell of the table of two people's answers, as ones in shape (m, k * k)."""
    cells = np.zeros((len(first), n_classes**2))
    cells[np.arange(len(first)), first * n_classes + second] = 1
    return cells


def cohen_kappa(sums: Floats) -> Floats:
    """Give Cohen's kappa (1960) of tables, shape (b, k * k); NaN where both only ever named one class."""
    k = round(np.sqrt(sums.shape[1]))
    table = sums.reshape(-1, k, k)
    n = table.sum(axis=(1, 2))
    same = np.trace(table, axis1=1, axis2=2) / np.maximum(n, 1)
    expected = (table.sum(axis=2) * table.sum(axis=1)).sum(axis=1) / np.maximum(n, 1) ** 2
    return _ratio(same - expected, 1 - expected)


def agreement_by_class(counts: Floats, seed: int = 0) -> list[Estimate]:
    """Give Krippendorff's alpha on each class against all others, length k."""
    both = compared(counts)
    n = both.sum(axis=1, keepdims=True)
    rest = n - both
    equal = (both * (both - 1) + rest * (rest - 1)) / np.maximum(n - 1, 1)
    k = both.shape[1]

    def measure(sums: Floats) -> Floats:
        named, all_named, pairs = sums[:, :k], sums[:, [k]], sums[:, k + 1 :]
        parts = np.stack([named, all_named - named, pairs], axis=2)
        return krippendorff_alpha(parts.reshape(-1, 3)).reshape(-1, k)

    return bootstrap(np.column_stack([both, n, equal]), measure, seed)


def agreement_of_pairs(answers: Answers, n_items: int, n_classes: int, seed: int = 0) -> list[PairAgreement]:
    """Compare all pairs of people with an item in common, who agree least first."""
    said = answer_table(answers, n_items)
    pairs = [_pair(i, j, said, n_classes, seed) for i, j in combinations(range(answers.n_people), 2)]
    found = [pair for pair in pairs if pair.observed.items]
    return sorted(found, key=lambda pair: (pair.observed.value or 0.0, -pair.observed.items))


def answer_table(answers: Answers, n_items: int) -> Ints:
    """Give what each person said of each item, shape (m, p); -1 where nothing."""
    said = np.full((n_items, answers.n_people), ABSTAIN, dtype=np.int64)
    said[answers.items, answers.people] = answers.labels
    return said


def _pair(first: int, second: int, said: Ints, n_classes: int, seed: int) -> PairAgreement:
    both = (said[:, first] != ABSTAIN) & (said[:, second] != ABSTAIN)
    if not both.any():
        nothing = Estimate(None, None, None, 0)
        return PairAgreement(first, second, nothing, nothing)
    cells = cohen_parts(said[both, first], said[both, second], n_classes)
    on_diagonal = np.arange(n_classes) * (n_classes + 1)

    def measure(sums: Floats) -> Floats:
        same = sums[:, on_diagonal].sum(axis=1) / sums.sum(axis=1)
        return np.stack([same, cohen_kappa(sums)], axis=1)

    observed, kappa = bootstrap(cells, measure, seed)
    return PairAgreement(first, second, observed, kappa)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    known = np.abs(below) > 1e-12
    return np.where(known, above / np.where(known, below, 1), np.nan)
