"""What builders share: a definition that is their parameters, a text to read, one class to vote for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from labeling.lf.vector import Texts, VectorFunction, View
from labeling.types import ABSTAIN
from lfs.parameters import example_problems, label_problems, optional_problems

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, kw_only=True)
class Declared(VectorFunction):
    """A function that its parameters say all of; ``builder`` is the name of what made it."""

    builder: ClassVar[str]

    @property
    def definition(self) -> Mapping[str, Any]:
        """The parameters, without those that change no vote."""
        names = [f.name for f in fields(self) if f.name not in ("name", "examples")]
        return {"builder": self.builder, **{name: getattr(self, name) for name in names}}


@dataclass(frozen=True, eq=False, kw_only=True)
class TextReader(Declared):
    """Reads a field as text.

    Parameters
    ----------
    field : str or None
        None is the text of the items.
    """

    field: str | None

    @property
    def views(self) -> frozenset[View]:
        """The field alone."""
        return frozenset({Texts(self.field)})

    def text(self) -> pl.Expr:
        """Give the text that is read."""
        import polars as pl

        return pl.col(Texts(self.field).column)


@dataclass(frozen=True, eq=False, kw_only=True)
class Condition(Declared):
    """Votes ``label`` where its condition holds and abstains elsewhere.

    Parameters
    ----------
    label : str
    """

    label: str

    @property
    def classes(self) -> tuple[str, ...]:
        """The label alone."""
        return (self.label,)

    @abstractmethod
    def holds(self) -> pl.Expr:
        """Give the condition as a boolean expression; null does not hold."""

    def expression(self) -> pl.Expr:
        """See `VectorFunction`."""
        import polars as pl

        yes, no = (pl.lit(code, dtype=pl.Int8) for code in (0, ABSTAIN))
        return pl.when(self.holds()).then(yes).otherwise(no)


def common_problems(label: object, name: object, examples: object, *, field: object = None) -> Sequence[str]:
    """Say what is wrong with the parameters that all conditions share."""
    wrong = label_problems(label)
    wrong += optional_problems(field=field, name=name)
    return wrong + ([] if label_problems(label) else example_problems(examples, (str(label),)))
