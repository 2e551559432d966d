"""The contract of a part: columns that stand beside others in a feature space."""

from __future__ import annotations

from typing import Protocol

from active.features.rows import Float32s
from labeling.types import Content, FeatureMemory, State


class Part(Protocol):
    """A block of columns, fitted once and then applied row by row."""

    @property
    def near(self) -> bool:
        """Tell whether rows with a high cosine mean nearly the same, so that smoothing makes sense."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Give the fields beside the text that are read."""

    @property
    def id(self) -> str:
        """Digest of parameters, resources and versions of libraries, not of any data."""

    def fit(self, content: Content) -> State:
        """Learn what rows depend on beside their own content."""

    def rows(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        """Place contents, shape (n, d); a row depends on its own content and the state alone."""
