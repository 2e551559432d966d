"""Builders that vote for one class where a condition holds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeling.lf.vector import VectorFunction
from labeling.types import ABSTAIN
from lfs.parameters import example_problems, label_problems, optional_problems

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, kw_only=True)
class Condition(VectorFunction):
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
