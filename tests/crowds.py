"""People of planted habits, who answer as arrays: what numbers about people are held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeling.people.responses import Responses
from labeling.types import ABSTAIN, Answers


@dataclass(frozen=True)
class Habit:
    """How a planted person answers.

    ``care`` is the share of right answers of who reads; ``clicks`` a class that is named whatever the text,
    ``guesses`` a class by chance; ``anchored`` how often a wrong suggestion is accepted.
    """

    care: float = 0.92
    clicks: int | None = None
    guesses: bool = False
    anchored: float = 0.0
    seconds: float = 16.0
    saves: float = 0.0


def respond(
    habits: list[Habit],
    seed: int,
    *,
    items: int = 400,
    classes: int = 3,
    each: int = 2,
    suggested: float = 0.0,
    right: float = 0.7,
    held: float = 0.1,
) -> tuple[Responses, np.ndarray]:
    """Let ``each`` of the people answer every item; give their responses and the truth, shape (m,).

    A share ``suggested`` of the items has a suggestion, which is right so often and held back so often.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, items)
    offered = np.where(rng.random(items) < right, truth, (truth + rng.integers(1, classes, items)) % classes)
    offered = np.where(rng.random(items) < suggested, offered, ABSTAIN)
    withheld = rng.random(items) < held
    rows = []
    for i in range(items):
        for j in rng.choice(len(habits), each, replace=False):
            shown = ABSTAIN if withheld[i] else offered[i]
            said, seconds = _answer(habits[j], int(truth[i]), int(shown), classes, rng)
            rows.append((i, int(j), said, seconds, shown, offered[i] if withheld[i] else ABSTAIN))
    rng.shuffle(rows)
    item, person, label, seconds, shown, hidden = (np.array(column) for column in zip(*rows, strict=True))
    answers = Answers(item.astype(np.int64), person.astype(np.int64), label.astype(np.int64), len(habits))
    return Responses(answers, seconds, shown.astype(np.int64), hidden.astype(np.int64)), truth


def _answer(
    habit: Habit, truth: int, shown: int, classes: int, rng: np.random.Generator
) -> tuple[int, float]:
    seconds = habit.seconds * float(np.exp(0.6 * rng.standard_normal()))
    if habit.clicks is not None:
        return habit.clicks, seconds
    if habit.guesses:
        return int(rng.integers(classes)), seconds
    if shown not in (ABSTAIN, truth) and rng.random() < habit.anchored:
        return shown, seconds
    said = truth if rng.random() < habit.care else int((truth + rng.integers(1, classes)) % classes)
    return said, seconds - (habit.saves if said == shown else 0.0)
