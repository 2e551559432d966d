"""What a run over a voter's items came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from labeling.types import CompletionAnswer, Outcome, Reading, Usage


@dataclass
class Tally:
    """Counts of one run.

    Attributes
    ----------
    requests : int
        Calls that were sent, those that failed included.
    answered : int
        Items that have a reading now.
    cached : int
        Of these, the items for which nothing was sent.
    unanswered : int
        Items that were given up; the next run asks them again.
    abstained : Counter of str
        Items without a vote, by reason: values of `Outcome`, ``provider_error`` for the unanswered.
    abstained_by_class : dict of str to Counter of str
        The same by the class that the answer names all the same, where it names one.
    tokens : Usage
        Of this run.
    cost : float, optional
        US dollars of this run's answers; None without a price.
    spent : float, optional
        US dollars of the model in all runs, lost calls at their worst; None without a price.
    lost : int
        Calls of which nobody knows whether they were billed, those of earlier runs that ended early
        included.
    seconds : float
    """

    requests: int = 0
    answered: int = 0
    cached: int = 0
    unanswered: int = 0
    abstained: Counter[str] = field(default_factory=Counter)
    abstained_by_class: dict[str, Counter[str]] = field(default_factory=dict)
    tokens: Usage = field(default_factory=lambda: Usage(0, 0))
    cost: float | None = None
    spent: float | None = None
    lost: int = 0
    seconds: float = 0.0

    @property
    def items(self) -> int:
        """Items that are done: with a reading, or given up."""
        return self.answered + self.unanswered

    def read(self, reading: Reading, *, cached: bool) -> None:
        """Count an item that has a reading."""
        self.answered += 1
        self.cached += cached
        if reading.outcome is not Outcome.VOTE:
            self.abstained[reading.outcome.value] += 1
            if reading.named is not None:
                self.abstained_by_class.setdefault(reading.named, Counter())[reading.outcome.value] += 1

    def give_up(self) -> None:
        """Count an item that stays unanswered."""
        self.unanswered += 1
        self.abstained[Outcome.PROVIDER_ERROR.value] += 1

    def paid(self, answer: CompletionAnswer, cost: float | None) -> None:
        """Count what an answer took."""
        a, b = self.tokens, answer.usage
        self.tokens = Usage(
            a.input + b.input,
            a.output + b.output,
            a.cache_write + b.cache_write,
            a.cache_read + b.cache_read,
        )
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost
