"""The labelled texts that are most like an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any

import numpy as np

from labeling.types import Floats, Item
from lfs.llm.wrapping import Fields, shown_fields

LONGEST_EXAMPLE = 4_000
"""Characters of a labelled text that may serve as an example."""

TERMS = 2**16
"""Columns that terms are hashed to."""

NEAR_DUPLICATE = 0.9
"""Cosine above which a text is the item again, so that its label would be the answer."""


@dataclass(frozen=True, order=True)
class LabelledText:
    """A text that people labelled, with what a model sees of it; ``key`` is the same for equal texts."""

    key: str
    label: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Neighbours:
    """Texts with their labels, found by likeness.

    Likeness is the cosine of TF-IDF over characters within words, which serves scripts without spaces too.

    Parameters
    ----------
    texts : tuple of LabelledText
        Each text once.

    References
    ----------
    Liu et al. (2022), What makes good in-context examples for GPT-3?
    """

    texts: tuple[LabelledText, ...]

    def nearest(self, fields: Fields, n: int, seed: str) -> list[LabelledText]:
        """Give at most ``n`` texts, the most similar ones to an item without the item itself, shuffled.

        Parameters
        ----------
        fields : mapping of str to str
            What a model sees of the item.
        n : int
        seed : str
            Of the order.
        """
        if not fields or not self.texts:
            return []
        likeness, key = self._likeness(_joined(fields)), text_key(fields)
        order = np.argsort(-likeness, kind="stable").tolist()
        others = (i for i in order if likeness[i] <= NEAR_DUPLICATE and self.texts[i].key != key)
        chosen = [self.texts[i] for i in islice(others, n)]
        Random(seed).shuffle(chosen)
        return chosen

    def _likeness(self, text: str) -> Floats:
        """Give the cosine of each text with one, shape (n,), in [0, 1]."""
        counts, weights, rows = self._space
        likeness: Floats = rows @ weights.transform(counts.transform([text])).toarray()[0]
        return likeness.round(9)

    @cached_property
    def _space(self) -> tuple[Any, Any, Any]:
        # Hashed terms, so that words which no example has still count for the length of an item.
        from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

        counts = HashingVectorizer(
            analyzer="char_wb", ngram_range=(3, 4), norm=None, alternate_sign=False, n_features=TERMS
        )
        weights = TfidfTransformer(sublinear_tf=True)
        joined = [_joined(dict(labelled.fields)) for labelled in self.texts]
        return counts, weights, weights.fit_transform(counts.transform(joined))


def neighbours(examples: Sequence[tuple[Item, str]], names: Sequence[str]) -> Neighbours:
    """Make labelled texts of items with the classes that people gave them; their order does not count.

    Left out are texts without content, very long ones, and those that got two classes.
    """
    found: dict[str, LabelledText] = {}
    mixed: set[str] = set()
    for item, label in examples:
        fields = shown_fields(item, names)
        labelled = LabelledText(text_key(fields), label, tuple(fields.items()))
        first = found.setdefault(labelled.key, labelled)
        if first.label != label:
            mixed.add(first.key)
        found[first.key] = min(first, labelled)
    usable = (t for t in found.values() if t.key not in mixed and 0 < _length(t) <= LONGEST_EXAMPLE)
    return Neighbours(tuple(sorted(usable)))


def text_key(fields: Fields) -> str:
    """Give the longest text of an item without upper case and with single spaces."""
    return " ".join(max(fields.values(), key=len, default="").casefold().split())


def _joined(fields: Fields) -> str:
    return "\n".join(fields.values())


def _length(labelled: LabelledText) -> int:
    return sum(len(text) for _, text in labelled.fields)
