"""Assay as a scikit-learn estimator: in memory, no run folder, passes scikit-learn's own `check_estimator`."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d, validate_data

from assay.core.arrays import AnyArray, FloatArray
from assay.core.clock import Budget
from assay.core.errors import DataError, listed
from assay.core.threads import calm_threads
from assay.data.prepare import Wishes, conform
from assay.data.read import read_table
from assay.fitting.begin import begin_asked
from assay.fitting.fit import fit_plan
from assay.fitting.planning import Request

_TARGET = "target of the classifier"


class AssayClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier for arrays of numbers and for frames with columns of any kind (numbers, text, dates, pictures).

    Args:
        time: Wall-clock budget of `fit` in seconds; 0 for none.
        metric: What to be best at, see `assay.fit`.
        families: Only these kinds of model; empty for all that fit the data.
        folds: Number of folds; by the number of rows if None.
        rare_classes: What to do with a class of one row: ``"keep"``, ``"drop"`` or ``"error"``.
        weight: Column of a frame with row weights.
        group: Column of a frame whose rows of one value never stand on both sides of a split.
        picture_size: Pixels on the longer side that pictures are scaled to; None for their own size up to 64.
        random_state: For every random draw.
        threads: How many to use; all cores if None.

    Attributes:
        classes_: (k,) the classes, sorted.
        n_features_in_: Number of columns seen in `fit`.
        feature_names_in_: Their names, if they are all strings.
        model_: The fitted model.
        evidence_: What was observed while fitting; ``evidence_.score`` is the cross-fitted out-of-fold score.
    """

    def __init__(
        self,
        *,
        time: float = 60.0,
        metric: str | None = None,
        families: Sequence[str] = (),
        folds: int | None = None,
        rare_classes: str = "keep",
        weight: str | None = None,
        group: str | None = None,
        picture_size: int | None = None,
        random_state: int = 0,
        threads: int | None = None,
    ) -> None:
        self.time = time
        self.metric = metric
        self.families = families
        self.folds = folds
        self.rare_classes = rare_classes
        self.weight = weight
        self.group = group
        self.picture_size = picture_size
        self.random_state = random_state
        self.threads = threads

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on ``X`` (n, d), an array of numbers or a frame, and labels ``y`` (n,) of any type.

        Raises:
            ValueError: The rows or labels cannot be learned from.
        """
        calm_threads()
        budget = Budget(seconds=self.time if self.time > 0 else float("inf"))
        table = self._table(X, y)
        work = begin_asked(table, self._request(numeric=() if _is_frame(X) else tuple(table.columns[:-1])))
        outcome = fit_plan(work, budget=budget)
        self.model_, self.evidence_ = outcome.model, outcome.evidence
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Calibrated probabilities (n, k), columns in the order of ``classes_``."""
        check_is_fitted(self)
        table = self._columns(X)
        data, _ = conform(table, self.model_.schema, labelled=False)
        return self.model_.outputs(data)

    def predict(self, X: Any) -> AnyArray:
        """Labels (n,)."""
        outputs = self.predict_proba(X)
        labels: AnyArray = self.classes_[self.model_.decide(outputs)]
        return labels

    def __sklearn_tags__(self) -> Any:
        """Missing values and texts are welcome, sparse input is not."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = False
        return tags

    def _request(self, numeric: tuple[str, ...]) -> Request:
        return Request(
            wishes=Wishes(
                target=_TARGET,
                numeric=numeric,
                weight=self.weight,
                group=self.group,
                picture_size=self.picture_size,
            ),
            metric=self.metric,
            seconds=self.time,
            families=tuple(self.families),
            folds=self.folds,
            rare_classes=self.rare_classes,
            seed=self.random_state,
            threads=self.threads,
        )

    def _table(self, X: Any, y: Any) -> pl.DataFrame:
        """The columns of ``X`` and, last, the classes by number; sets ``classes_``."""
        if _is_frame(X):
            validate_data(self, X, skip_check_array=True)
            table, labels = read_table(X), column_or_1d(y, warn=True)
            check_consistent_length(table, labels)
        else:
            X, labels = validate_data(self, X, y, ensure_all_finite="allow-nan", dtype=np.float64)
            table = _numbered(X)
        self._names = tuple(table.columns)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise ValueError(f"one class only, {only!r}; a classifier needs two classes or more in y")
        if self.rare_classes == "error":
            _check_lone(self.classes_[np.bincount(numbers) == 1])
        return table.with_columns(pl.Series(_TARGET, numbers, dtype=pl.Int64))

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


def _check_lone(labels: AnyArray) -> None:
    """The floors below would say the same, but know classes by number only."""
    if len(labels):
        raise DataError(
            f"classes with one row: {listed(map(repr, labels.tolist()))}",
            expected="two rows or more of each class: one to learn from, one to test on",
            fix='add rows, or say rare_classes="keep" (learn it, untested) or "drop"',
        )


def _is_frame(X: Any) -> bool:
    return hasattr(X, "columns") or hasattr(X, "column_names")


def _numbered(X: AnyArray) -> pl.DataFrame:
    return pl.DataFrame({f"x{number}": X[:, number] for number in range(X.shape[1])})
