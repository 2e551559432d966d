"""Labelling functions: what a voter written in Python is, and how one is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from labeling.lf.fingerprint import fingerprint_of
from labeling.types import Item

if TYPE_CHECKING:
    import pandas as pd

Vote = str | None
Example = tuple[str | Mapping[str, Any], Vote]
Preparation = Callable[[Item], Any]


@dataclass(frozen=True)
class LabelingFunction:
    """A voter written in Python: an item goes in, a class name or None comes out.

    Attributes
    ----------
    name : str
    function : callable
        Takes an `Item`, with the resources and what ``pre`` gives as keywords.
    resources : mapping
        Keyword arguments; part of the fingerprint.
    pre : tuple of callable
        Each takes an `Item`; its result is computed once per item, shared by all functions that name the
        same callable, and passed as the keyword of the callable's own name.
    batch : bool
        The function takes a DataFrame of the content of many items instead, and returns as many votes.
    examples : tuple of (text or mapping of fields, class name or None)
        What it should vote; no part of the fingerprint.
    """

    name: str
    function: Callable[..., Any] = field(repr=False)
    resources: Mapping[str, Any] = field(default_factory=dict, repr=False)
    pre: tuple[Preparation, ...] = field(default=(), repr=False)
    batch: bool = False
    examples: tuple[Example, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for fault in (*_faults_of_pre(self.pre, self.resources, self.batch), *_faults_of(self.examples)):
            raise TypeError(f"labelling function {self.name!r}: {fault}")

    def __call__(self, item: Item) -> Vote:
        """Vote on an item, or abstain with None."""
        if self.batch:
            [vote] = self.function(content_frame({n: [v] for n, v in item.fields.items()}), **self.resources)
            return vote  # type: ignore[no-any-return]
        prepared = {prepare.__name__: prepare(item) for prepare in self.pre}
        return self.function(item, **self.resources, **prepared)  # type: ignore[no-any-return]

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all that the votes depend on; comments, docstrings, layout and examples do not count."""
        return fingerprint_of(self)

    def fingerprint_state(self) -> Mapping[str, Any]:
        """Give what a fingerprint sees of the function, also of one that another refers to."""
        prepared = {prepare.__name__: prepare for prepare in self.pre}
        return {"function": self.function, "resources": self.resources, "pre": prepared, "batch": self.batch}


def content_frame(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Give the content of items as a batch function sees it: a row per item, a column per field."""
    import pandas as pd

    return pd.DataFrame({name: list(cells) for name, cells in columns.items()})


def _faults_of_pre(pre: Iterable[Preparation], resources: Mapping[str, Any], batch: bool) -> Iterable[str]:
    names: list[str] = []
    for prepare in pre:
        name = getattr(prepare, "__name__", "")
        if not callable(prepare) or not name.isidentifier():
            yield f"pre holds {prepare!r}, expected functions with a name. Write one with def."
        elif name in resources or name in names:
            yield f"the keyword {name!r} is given twice, by pre and by another. Rename one."
        names.append(name)
    if batch and names:
        yield "pre is for single items, and batch=True takes a column. Prepare the column in the function."


def _faults_of(examples: Iterable[Any]) -> Iterable[str]:
    for example in examples:
        match example:
            case (str() | Mapping(), str() | None):
                continue
        yield f'examples hold {example!r}, expected pairs such as ("buy now", "SPAM") or ("hello", None).'


@overload
def labeling_function(function: Callable[..., Any], /) -> LabelingFunction: ...


@overload
def labeling_function(
    *,
    name: str | None = None,
    resources: Mapping[str, Any] | None = None,
    pre: Iterable[Preparation] = (),
    batch: bool = False,
    examples: Iterable[Example] = (),
) -> Callable[[Callable[..., Any]], LabelingFunction]: ...


def labeling_function(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    resources: Mapping[str, Any] | None = None,
    pre: Iterable[Preparation] = (),
    batch: bool = False,
    examples: Iterable[Example] = (),
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
    pre : iterable of callable
        Functions of an item whose results are computed once per item, shared by all functions that name
        them, and passed as keywords of their own names.
    batch : bool
        The function takes a DataFrame of the content of many items, and returns as many votes.
    examples : iterable of (text or mapping of fields, class name or None)
        What the function should vote. One that fails them does not vote.

    Examples
    --------
    >>> def words(item):
    ...     return item.text.lower().split()
    >>> @labeling_function(pre=[words], examples=[("Buy now", "SPAM"), ("hello", None)])
    ... def sells(item, words):
    ...     return "SPAM" if "buy" in words else None
    >>> sells(Item("0", {"text": "BUY it"}))
    'SPAM'
    """

    def declare(f: Callable[..., Any]) -> LabelingFunction:
        return LabelingFunction(
            name or f.__name__, f, dict(resources or {}), tuple(pre), batch, tuple(examples)
        )

    return declare(function) if function is not None else declare
