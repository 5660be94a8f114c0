"""Assay as a scikit-learn classifier: in memory, no run folder, passes scikit-learn's own `check_estimator`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from assay.api._estimator import AssayEstimator
from assay.core.arrays import AnyArray, FloatArray
from assay.core.errors import DataError, listed
from assay.data.prepare import Wishes
from assay.fitting.planning import Request


class AssayClassifier(ClassifierMixin, AssayEstimator):  # type: ignore[misc]
    """A classifier for arrays of numbers and for frames with columns of any kind (numbers, text, dates, pictures).

    A row can have several labels: ``y`` (n, k) of 0 and 1, and `predict` gives the same.

    Args:
        time: Wall-clock budget of `fit` in seconds; 0 for none.
        metric: What to be best at, see `assay.fit`.
        ordinal: The classes have an order, that of ``classes_``.
        families: Only these kinds of model; empty for all that fit the data.
        decompose: Ways to learn three classes or more by binary models, see `assay.fit`.
        folds: Number of folds; by the number of rows if None.
        rare_classes: What to do with a class of one row: ``"keep"``, ``"drop"`` or ``"error"``.
        prefer: ``"fast"``, ``"balanced"`` or ``"best"``, see `assay.fit`.
        weight: Column of a frame with row weights.
        group: Column of a frame whose rows of one value never stand on both sides of a split.
        picture_size: Pixels on the longer side that pictures are scaled to; None for their own size up to 64.
        random_state: For every random draw.
        threads: How many to use; all cores if None.

    Attributes:
        classes_: (k,) the classes, sorted; numbers of the labels where ``y`` is (n, k).
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
        ordinal: bool = False,
        families: Sequence[str] = (),
        decompose: str | Sequence[str] = (),
        folds: int | None = None,
        rare_classes: str = "keep",
        prefer: str = "balanced",
        weight: str | None = None,
        group: str | None = None,
        picture_size: int | None = None,
        random_state: int = 0,
        threads: int | None = None,
    ) -> None:
        self.time = time
        self.metric = metric
        self.ordinal = ordinal
        self.families = families
        self.decompose = decompose
        self.folds = folds
        self.rare_classes = rare_classes
        self.prefer = prefer
        self.weight = weight
        self.group = group
        self.picture_size = picture_size
        self.random_state = random_state
        self.threads = threads

    def predict_proba(self, X: object) -> FloatArray:
        """Calibrated probabilities (n, k), columns in the order of ``classes_``."""
        return self._outputs(X)

    def predict(self, X: object) -> AnyArray:
        """Labels (n,); 1 and 0 (n, k) where ``y`` was that."""
        outputs = self.predict_proba(X)
        decided = self.model_.decide(outputs)
        if decided.ndim == 2:
            return decided.astype(np.int64)
        labels: AnyArray = self.classes_[decided]
        return labels

    def __sklearn_tags__(self) -> Any:
        """A row may have several labels."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _several(self, y: Any) -> bool:
        given = np.asarray(y)
        return given.ndim == 2 and given.shape[1] > 1 and type_of_target(given) == "multilabel-indicator"

    def _target(self, y: AnyArray) -> pl.Series:
        """The classes by number, or which labels each row has; sets ``classes_``."""
        check_classification_targets(y)
        if y.ndim == 2:
            self.classes_ = np.arange(y.shape[1])
            return pl.DataFrame({str(label): y[:, label] == 1 for label in self.classes_.tolist()}).to_struct()
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise ValueError(f"one class only, {only!r}; a classifier needs two classes or more in y")
        if self.rare_classes == "error":
            _check_lone(self.classes_[np.bincount(numbers) == 1])
        return pl.Series(numbers, dtype=pl.Int64)

    def _request(self, wishes: Wishes) -> Request:
        return Request(
            wishes=wishes,
            task="ordinal" if self.ordinal else None,
            metric=self.metric,
            seconds=self.time,
            families=tuple(self.families),
            decompose=(self.decompose,) if isinstance(self.decompose, str) else tuple(self.decompose),
            folds=self.folds,
            rare_classes=self.rare_classes,
            prefer=self.prefer,
            seed=self.random_state,
            threads=self.threads,
        )


def _check_lone(labels: AnyArray) -> None:
    """The floors below would say the same, but know classes by number only."""
    if len(labels):
        raise DataError(
            f"classes with one row: {listed(map(repr, labels.tolist()))}",
            expected="two rows or more of each class: one to learn from, one to test on",
            fix='add rows, or say rare_classes="keep" (learn it, untested) or "drop"',
        )
