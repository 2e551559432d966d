"""The labels that a voter may answer with, as its codebook shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from labeling.config.problems import shown

ABSTAIN_LABEL = "ABSTAIN"
"""What a model answers where it does not vote."""


def label_shown(name: str) -> str:
    """Give the name of a class as models see it and spell it: on one line.

    Examples
    --------
    >>> label_shown("SPAM  or\\nscam")
    'SPAM or scam'
    """
    return " ".join(name.split())


@dataclass(frozen=True)
class Labels:
    """The classes that a voter may name.

    Parameters
    ----------
    names : tuple of str
        As the schema has them, in its order.
    """

    names: tuple[str, ...]

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """What a model may answer: the classes, then the word for none of them."""
        return (*map(label_shown, self.names), ABSTAIN_LABEL)

    def find(self, said: str) -> str | None:
        """Give the class that was named, `ABSTAIN_LABEL`, or None where it is neither.

        Spaces around a label do not count; upper and lower case do where two labels differ by them alone.
        """
        label = label_shown(said)
        return self._exact.get(label) or self._folded.get(label.casefold())

    @cached_property
    def _exact(self) -> Mapping[str, str]:
        return dict(zip(self.shown, (*self.names, ABSTAIN_LABEL), strict=True))

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        times = Counter(label.casefold() for label in self.shown)
        return {label.casefold(): name for label, name in self._exact.items() if times[label.casefold()] == 1}


def label_problems(names: Sequence[str]) -> Iterator[str]:
    """Say which classes cannot be told apart in an answer."""
    first: dict[str, str] = {}
    for name in names:
        label = label_shown(name)
        if label.casefold() == ABSTAIN_LABEL.casefold():
            yield (
                f"labels: expected no class called {ABSTAIN_LABEL}, which is how a language model says that "
                f"it does not vote, got {shown(name)}. Rename the class."
            )
        if label in first:
            yield (
                f"labels: expected names that differ in more than spaces, got {shown(name)} beside "
                f"{shown(first[label])}. Rename one."
            )
        first.setdefault(label, name)
