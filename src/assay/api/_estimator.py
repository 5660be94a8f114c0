"""What Assay's scikit-learn estimators have in common: how `X` becomes a table, and how a table is fitted."""

from abc import abstractmethod
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d, validate_data

from assay.core.arrays import AnyArray, FloatArray
from assay.core.clock import Budget
from assay.core.threads import calm_threads
from assay.data.prepare import Wishes, conform
from assay.data.read import read_table
from assay.fitting.begin import begin_asked
from assay.fitting.fit import fit_plan
from assay.fitting.planning import Request

_TARGET = "target of the estimator"


class AssayEstimator(BaseEstimator):  # type: ignore[misc]
    """An estimator in memory; a kind of it says what ``y`` may be, and what is asked of a fit.

    Its `__init__` takes ``time``, ``weight``, ``group`` and ``picture_size``, see `AssayClassifier`.
    """

    time: float
    weight: str | None
    group: str | None
    picture_size: int | None

    @abstractmethod
    def _request(self, wishes: Wishes) -> Request:
        """What is asked of a fit."""

    @abstractmethod
    def _target(self, y: AnyArray) -> pl.Series:
        """Truths (n,), or (n, k), as they are learned; raises ValueError for such as cannot be."""

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on ``X`` (n, d), an array of numbers or a frame, and truths ``y`` (n,).

        Raises:
            ValueError: The rows or truths cannot be learned from.
        """
        calm_threads()
        budget = Budget(seconds=self.time if self.time > 0 else float("inf"))
        table, truths = self._read(X, y)
        wishes = Wishes(
            target=_TARGET,
            numeric=() if _is_frame(X) else tuple(table.columns),
            weight=self.weight,
            group=self.group,
            picture_size=self.picture_size,
        )
        work = begin_asked(table.with_columns(self._target(truths).alias(_TARGET)), self._request(wishes))
        outcome = fit_plan(work, budget=budget)
        self.model_, self.evidence_ = outcome.model, outcome.evidence
        return self

    def __sklearn_tags__(self) -> Any:
        """Missing values and texts are welcome, sparse input is not."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = False
        return tags

    def _outputs(self, X: Any) -> FloatArray:
        """What the model gives for each row, (n, k)."""
        check_is_fitted(self)
        data, _ = conform(self._columns(X), self.model_.schema, labelled=False)
        return self.model_.outputs(data)

    def _several(self, y: Any) -> bool:
        """Whether a row has several truths, (n, k)."""
        return False

    def _read(self, X: Any, y: Any) -> tuple[pl.DataFrame, AnyArray]:
        """The columns of ``X``, and ``y`` (n,), or (n, k) where a row has several truths."""
        if _is_frame(X):
            validate_data(self, X, skip_check_array=True)
            table, truths = read_table(X), np.asarray(y) if self._several(y) else column_or_1d(y, warn=True)
            check_consistent_length(table, truths)
        else:
            wanted = {"dtype": np.float64, "multi_output": self._several(y)}
            X, truths = validate_data(self, X, y, ensure_all_finite="allow-nan", **wanted)
            table = _numbered(X)
        self._names = tuple(table.columns)
        return table, truths

    def _columns(self, X: Any) -> pl.DataFrame:
        """The columns under the names of training; where a side has none, by position as in scikit-learn."""
        if _is_frame(X):
            validate_data(self, X, reset=False, skip_check_array=True)
            table = read_table(X)
            if set(self._names) <= set(table.columns):
                return table
        else:
            table = _numbered(validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype=np.float64))
        return table.rename(dict(zip(table.columns, self._names, strict=True)))


def _is_frame(X: Any) -> bool:
    return hasattr(X, "columns") or hasattr(X, "column_names")


def _numbered(X: AnyArray) -> pl.DataFrame:
    return pl.DataFrame({f"x{number}": X[:, number] for number in range(X.shape[1])})
