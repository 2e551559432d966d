"""modAL's learner, kept working: modAL 0.4.2.1 does not train on scikit-learn 1.8 and later."""

from __future__ import annotations

from typing import Any

from modAL.models import ActiveLearner
from modAL.utils.data import data_vstack
from sklearn.utils import check_X_y

from labeling.types import Ints


class ModalLearner(ActiveLearner):  # type: ignore[misc]
    """An ``ActiveLearner`` for dense or CSR rows and class indices.

    It checks finiteness under the argument's present name, can be fitted to no label at all where its
    estimator can, and calls the query strategy once without swallowing what it raises.
    """

    def fit(self, X: Any, y: Ints, bootstrap: bool = False, **fit_kwargs: Any) -> ModalLearner:
        """Forget what was known and learn from ``X``, shape (l, d), and ``y``, shape (l,)."""
        check_labelled(X, y)
        self.X_training, self.y_training = X, y
        return self._fit_to_known(bootstrap=bootstrap, **fit_kwargs)  # type: ignore[no-any-return]

    def teach(
        self, X: Any, y: Ints, bootstrap: bool = False, only_new: bool = False, **fit_kwargs: Any
    ) -> None:
        """Learn from ``X`` and ``y`` beside what was known, or from them alone if ``only_new``."""
        if only_new:
            check_labelled(X, y)
            self._fit_on_new(X, y, bootstrap=bootstrap, **fit_kwargs)
        else:
            self._add_training_data(X, y)
            self._fit_to_known(bootstrap=bootstrap, **fit_kwargs)

    def query(self, X_pool: Any, *args: Any, return_metrics: bool = False, **kwargs: Any) -> tuple[Any, ...]:
        """Give (indices, rows), and their utilities as a third where ``return_metrics``."""
        indices, utilities = self.query_strategy(self, X_pool, *args, **kwargs)
        chosen = (indices, X_pool[indices])
        return (*chosen, utilities) if return_metrics else chosen

    def _add_training_data(self, X: Any, y: Ints) -> None:
        check_labelled(X, y)
        known = self.X_training is not None
        self.X_training = data_vstack((self.X_training, X)) if known else X
        self.y_training = data_vstack((self.y_training, y)) if known else y


def check_labelled(X: Any, y: Ints) -> None:
    """Raise ValueError where rows and labels differ in number or a value is not finite."""
    check_X_y(X, y, accept_sparse=True, dtype=None, ensure_all_finite=True, ensure_min_samples=0)
