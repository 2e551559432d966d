"""The builders ``all_of``, ``any_of`` and ``unless``: functions made of other builders."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from labeling.lf.vector import Example, VectorFunction, View
from labeling.types import ABSTAIN, Item, digest_of
from lfs.conditions import Condition, common_problems
from lfs.marks import Span
from lfs.parameters import as_examples, example_problems, optional_problems, refuse

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, kw_only=True)
class Composed(VectorFunction):
    """A function made of others."""

    @property
    @abstractmethod
    def parts(self) -> tuple[VectorFunction, ...]:
        """What it is made of."""

    @property
    def views(self) -> frozenset[View]:
        """Those of the parts."""
        return frozenset().union(*(part.views for part in self.parts))

    @property
    def needs_python(self) -> bool:
        """Whether a part does."""
        return any(part.needs_python for part in self.parts)


@dataclass(frozen=True, eq=False, kw_only=True)
class Combination(Composed, Condition):
    """Votes where all or any of its functions vote, whatever they vote for."""

    functions: tuple[VectorFunction, ...]
    needed: Literal["all", "any"]

    @property
    def parts(self) -> tuple[VectorFunction, ...]:
        """The functions."""
        return self.functions

    @property
    def definition(self) -> Mapping[str, Any]:
        """See `VectorFunction`."""
        functions = _sorted_definitions(self.functions)
        return {"builder": f"{self.needed}_of", "label": self.label, "functions": functions}

    def holds(self) -> pl.Expr:
        """See `Condition`."""
        import polars as pl

        combine = pl.all_horizontal if self.needed == "all" else pl.any_horizontal
        return combine([_votes(f) for f in self.functions])

    def spans(self, text: str) -> tuple[Span, ...]:
        """See `VectorFunction`."""
        return tuple(sorted({span for f in self.functions for span in f.spans(text)}))

    def __call__(self, item: Item) -> str | None:
        """See `VectorFunction`."""
        voted = [function(item) is not None for function in self.functions]
        return self.label if (all(voted) if self.needed == "all" else any(voted)) else None


@dataclass(frozen=True, eq=False, kw_only=True)
class Unless(Composed):
    """Votes what a function votes where none of the exceptions votes."""

    function: VectorFunction
    exceptions: tuple[VectorFunction, ...]

    @property
    def parts(self) -> tuple[VectorFunction, ...]:
        """The function, then the exceptions."""
        return (self.function, *self.exceptions)

    @property
    def classes(self) -> tuple[str, ...]:
        """Those of the function."""
        return self.function.classes

    @property
    def definition(self) -> Mapping[str, Any]:
        """See `VectorFunction`."""
        exceptions = _sorted_definitions(self.exceptions)
        return {"builder": "unless", "function": self.function.definition, "exceptions": exceptions}

    def expression(self) -> pl.Expr:
        """See `VectorFunction`."""
        import polars as pl

        excepted = pl.any_horizontal([_votes(f) for f in self.exceptions])
        return pl.when(excepted).then(pl.lit(ABSTAIN, dtype=pl.Int8)).otherwise(self.function.expression())

    def spans(self, text: str) -> tuple[Span, ...]:
        """See `VectorFunction`."""
        return self.function.spans(text)

    def __call__(self, item: Item) -> str | None:
        """See `VectorFunction`."""
        excepted = [function(item) is not None for function in self.exceptions]
        vote = self.function(item)
        return None if any(excepted) else vote


def _votes(function: VectorFunction) -> pl.Expr:
    return function.expression() != ABSTAIN


def _sorted_definitions(functions: Sequence[VectorFunction]) -> list[Mapping[str, Any]]:
    return sorted((f.definition for f in functions), key=digest_of)


def all_of(
    *functions: VectorFunction,
    label: str,
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    """Vote where every one of several builders votes, whatever they vote for.

    Parameters
    ----------
    *functions : builders
        Two or more.
    label, name, examples
        As in `keyword`.

    Raises
    ------
    InputError
        A parameter is wrong, or one of the functions is no builder; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> from lfs import keyword, threshold
    >>> angry = all_of(keyword("never", label="BAD"), threshold("stars", below=2, label="BAD"), label="BAD")
    >>> angry(Item("0", {"text": "never again", "stars": 1}))
    'BAD'
    """
    return _combination("all", functions, label, name, examples)


def any_of(
    *functions: VectorFunction,
    label: str,
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    """Vote where at least one of several builders votes, whatever it votes for.

    Parameters
    ----------
    *functions, label, name, examples
        As in `all_of`.

    Raises
    ------
    InputError
        A parameter is wrong, or one of the functions is no builder; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> from lfs import keyword, regex
    >>> advert = any_of(keyword("free", label="SPAM"), regex("https?://", label="SPAM"), label="SPAM")
    >>> advert(Item("0", {"text": "http://example.org"}))
    'SPAM'
    """
    return _combination("any", functions, label, name, examples)


def unless(
    function: VectorFunction,
    *exceptions: VectorFunction,
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    """Vote what a builder votes, but abstain where one of the exceptions votes, whatever it votes for.

    Parameters
    ----------
    function : builder
        Gives the vote.
    *exceptions : builders
        One or more.
    name, examples
        As in `keyword`.

    Raises
    ------
    InputError
        A parameter is wrong, or one of the functions is no builder; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> from lfs import keyword
    >>> free = unless(keyword("free", label="SPAM"), keyword("free time", label="HAM"))
    >>> free(Item("0", {"text": "all free"})), free(Item("1", {"text": "in my free time"}))
    ('SPAM', None)
    """
    wrong = [*_part_problems([function], 1), *_part_problems(exceptions, 1, "exceptions")]
    wrong += optional_problems(name=name)
    refuse("unless", wrong or example_problems(examples, function.classes))
    return Unless(name=name, examples=as_examples(examples), function=function, exceptions=exceptions)


def _combination(
    needed: Literal["all", "any"],
    functions: Sequence[VectorFunction],
    label: str,
    name: str | None,
    examples: Sequence[Example],
) -> VectorFunction:
    wrong = [*_part_problems(functions, 2), *common_problems(label, name, examples)]
    refuse(f"{needed}_of", wrong)
    checked = as_examples(examples)
    return Combination(name=name, examples=checked, label=label, functions=tuple(functions), needed=needed)


def _part_problems(parts: Sequence[object], at_least: int, what: str = "functions") -> list[str]:
    wrong = [
        f"{what}: expected builders, got {part!r}. Write the whole rule as one Python function instead: "
        "only builders can be combined."
        for part in parts
        if not isinstance(part, VectorFunction)
    ]
    if len(parts) < at_least:
        wrong.append(f"{what}: expected {at_least} or more, got {len(parts)}. Add one.")
    return wrong
