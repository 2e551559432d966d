"""A classifier of texts as plain data, and what trains one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from labeling.types.arrays import Floats
from labeling.types.content import State


@dataclass(frozen=True)
class TextModel:
    """A linear classifier over the TF-IDF weights of terms: t terms in p parts, k classes.

    Parameters
    ----------
    parts : sequence of mapping, length p
        JSON: parameters of scikit-learn's ``TfidfVectorizer``.
    vocabulary : sequence of sequence of str, length p
        The terms of each part.
    arrays : mapping of str to array
        ``idf_0`` to ``idf_{p-1}``, inverse document frequencies of each part's terms; ``weights``, shape
        (t, k), and ``intercept``, shape (k,), all float32. An intercept of -inf is a class never seen.
    """

    parts: Sequence[Mapping[str, Any]]
    vocabulary: Sequence[Sequence[str]] = field(repr=False)
    arrays: State = field(repr=False)


class TextTrainer(Protocol):
    """Trains a classifier of texts."""

    def __call__(self, texts: Sequence[str], targets: Floats) -> TextModel:
        """Learn from n texts and their class probabilities, shape (n, k), rows summing to one."""
