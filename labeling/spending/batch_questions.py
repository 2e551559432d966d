"""The questions of a run in batches: which are to be asked, and which are out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from labeling.spending.conversation import Question
from labeling.types import CompletionRequest


@dataclass
class Questions:
    """Questions without an answer, by the digest of their request; those that ask the same go together.

    Attributes
    ----------
    attempts : Counter of str
        How often a request brought an error in this run.
    """

    attempts: Counter[str] = field(default_factory=Counter)
    _open: dict[str, list[Question]] = field(default_factory=dict)
    _to_ask: dict[str, None] = field(default_factory=dict)

    def add(self, question: Question, *, is_out: bool = False) -> None:
        """Take a question in; ``is_out`` where a batch asks it already."""
        digest = question.request.digest
        if digest not in self._open and not is_out:
            self._to_ask[digest] = None
        self._open.setdefault(digest, []).append(question)

    def to_ask(self) -> Iterator[Question]:
        """Give the questions that no batch asks, one for each request."""
        return (self._open[digest][0] for digest in self._to_ask)

    @property
    def n_to_ask(self) -> int:
        """How many requests no batch asks."""
        return len(self._to_ask)

    def sent(self, digest: str) -> None:
        """Say that a batch asks a request now."""
        self._to_ask.pop(digest, None)

    def again(self, digest: str) -> None:
        """Say that a request is to be asked once more."""
        if digest in self._open:
            self._to_ask[digest] = None

    def take(self, digest: str) -> list[Question]:
        """Take out all questions of a request."""
        self._to_ask.pop(digest, None)
        return self._open.pop(digest, [])

    def request(self, digest: str) -> CompletionRequest | None:
        """Give an open request by its digest."""
        return self._open[digest][0].request if digest in self._open else None

    def __len__(self) -> int:
        return len(self._open)
