"""Contents for tests of features, and a memory that keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from active.features.presets import text_space
from labeling.types import Content, FeatureSpace, Float32s, digest_of


class Forgetful:
    """Extracts every time; ``extracted`` counts the rows."""

    extracted = 0

    def rows(
        self,
        space: str,
        content: Content,
        extract: Callable[[Content], Float32s],
        block: int,
        what: str = "features",
    ) -> Float32s:
        self.extracted += len(content)
        return extract(content)


def content_of(texts: Sequence[str], **columns: Sequence[Any]) -> Content:
    """Give texts and fields as contents; equal texts differ by their place."""
    digests = np.array([digest_of(i, text) for i, text in enumerate(texts)], dtype=object)
    fields = {name: np.array([*values], dtype=object) for name, values in columns.items()}
    return Content(digests, tuple(texts), fields)


def features_of(content: Content, space: FeatureSpace | None = None) -> Float32s:
    """Fit a space, the default one if none is given, and place what it was fitted on."""
    space = space or text_space()
    return space.features(content, space.fit(content, Forgetful()), Forgetful())
