"""Labelling functions: what a voter written in Python is, and how one is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, overload

from labeling.lf.fingerprint import describe_value, fingerprint_parts
from labeling.types import Item, digest_of

Vote = str | None


@dataclass(frozen=True)
class LabelingFunction:
    """A voter written in Python: an item goes in, a class name or None comes out.

    Attributes
    ----------
    name : str
    function : callable
        Takes an `Item` and the resources as keywords.
    resources : mapping
        Keyword arguments; part of the fingerprint.
    """

    name: str
    function: Callable[..., Any] = field(repr=False)
    resources: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __call__(self, item: Item) -> Vote:
        """Vote on an item, or abstain with None."""
        vote: Vote = self.function(item, **self.resources)
        return vote

    @property
    def fingerprint(self) -> str:
        """Digest of the source, what it refers to and the resources; comments and layout do not count."""
        return digest_of("python", fingerprint_parts(self.function), describe_value(self.resources))


@overload
def labeling_function(function: Callable[..., Any], /) -> LabelingFunction: ...


@overload
def labeling_function(
    *, name: str | None = None, resources: Mapping[str, Any] | None = None
) -> Callable[[Callable[..., Any]], LabelingFunction]: ...


def labeling_function(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    resources: Mapping[str, Any] | None = None,
) -> LabelingFunction | Callable[[Callable[..., Any]], LabelingFunction]:
    """Declare a labelling function, with or without parentheses.

    Parameters
    ----------
    function : callable
        Takes an `Item`, returns a class name, or None to abstain.
    name : str, optional
        The function's own name by default.
    resources : mapping, optional
        Passed to the function as keywords.

    Examples
    --------
    >>> @labeling_function
    ... def links(item):
    ...     return "SPAM" if "http" in item.text else None
    >>> links(Item("0", {"text": "see http://example.org"}))
    'SPAM'
    """

    def declare(f: Callable[..., Any]) -> LabelingFunction:
        return LabelingFunction(name or f.__name__, f, dict(resources or {}))

    return declare(function) if function is not None else declare
