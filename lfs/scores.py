"""The builder ``model_score``: the score of a model that is there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labeling.errors import InputError
from labeling.lf.vector import Example, Texts, VectorFunction, View
from lfs.conditions import Condition, common_problems
from lfs.models import Model, column_of_class, describe_model, model_problems
from lfs.parameters import as_examples, number_problems, refuse

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Scores(View):
    """A model's scores of the texts of a field; functions of the same model share them."""

    model: Model = field(repr=False)
    index: int | None
    described: Sequence[Any] = field(repr=False)

    @property
    def column(self) -> str:
        """See `View`."""
        return f"scores {self.field} {self.described} {self.index}"

    def prepare(self, values: pl.Series) -> pl.Series:
        """Give scores (float64); missing texts and NaN have none."""
        import polars as pl

        texts = Texts(self.field).prepare(values)
        present = texts.is_not_null().to_numpy()
        scores = np.full(len(texts), np.nan)
        if present.any():
            scores[present] = self._scores(texts.drop_nulls().to_list())
        return pl.Series(scores, dtype=pl.Float64).fill_nan(None)

    def _scores(self, texts: list[str]) -> npt.NDArray[np.float64]:
        predict: Any = getattr(self.model, "predict_proba", self.model)
        scores = np.asarray(predict(texts), dtype=np.float64)
        if self.index is None and scores.shape == (len(texts),):
            return scores
        if self.index is not None and scores.ndim == 2 and scores.shape[1] > self.index:
            return scores[:, self.index]
        columns = "" if self.index is None else f" more than {self.index}"
        raise InputError(
            f"model_score: expected scores of shape ({len(texts)},{columns}), got {scores.shape}. "
            "Give index= for a model with a column per class, none for one number per text."
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelScore(Condition):
    """Votes where a model's score is high; see `model_score`."""

    builder = "model_score"

    model: Model = field(repr=False)
    above: float
    index: int | None
    field: str | None

    @cached_property
    def scores(self) -> Scores:
        """What the model says of each text."""
        return Scores(self.field, self.model, self.index, describe_model(self.model))

    @property
    def definition(self) -> Mapping[str, Any]:
        """See `Declared`; the model counts by what it says."""
        return {**super().definition, "model": self.scores.described}

    @property
    def views(self) -> frozenset[View]:
        """See `VectorFunction`."""
        return frozenset({self.scores})

    def holds(self) -> pl.Expr:
        """See `Condition`."""
        import polars as pl

        return pl.col(self.scores.column) > self.above


def model_score(
    model: Model,
    *,
    label: str,
    above: float = 0.9,
    class_name: object = None,
    index: int | None = None,
    field: str | None = None,
    name: str | None = None,
    examples: Sequence[Example] = (),
) -> VectorFunction:
    """Vote where a model's score of the text is high.

    The model is applied to all texts at once. The fingerprint covers its fitted parameters and the version
    of its library; a function counts by its source and all that it refers to.

    Parameters
    ----------
    model : estimator or callable
        A fitted estimator with ``predict_proba`` that takes a list of texts, such as a scikit-learn
        pipeline; or a callable that takes a list of n texts and gives n scores, or scores of shape (n, k).
    above : float
        The score must be greater.
    class_name : optional
        The class of the estimator whose probability counts; the one called ``label`` by default.
    index : int, optional
        The column of scores instead, for a model without ``classes_``.
    label, field, name, examples
        As in `keyword`.

    Raises
    ------
    InputError
        A parameter is wrong, or the model is not fitted; all faults are named.

    Examples
    --------
    >>> from labeling.types import Item
    >>> long = model_score(lambda texts: [len(text) / 100 for text in texts], label="ESSAY", above=0.5)
    >>> long(Item("0", {"text": "word " * 20}))
    'ESSAY'
    """
    wrong = [*common_problems(label, name, examples, field=field), *number_problems(above=above)]
    wrong += model_problems(model, label, class_name, index)
    refuse("model_score", wrong)
    column = column_of_class(model, label if class_name is None else class_name) if index is None else index
    shown, least = as_examples(examples), float(above)
    return ModelScore(
        name=name, examples=shown, label=label, model=model, above=least, index=column, field=field
    )
