"""Assay as a scikit-learn regressor: in memory, no run folder, passes scikit-learn's own `check_estimator`."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from sklearn.base import RegressorMixin

from assay.api._estimator import AssayEstimator
from assay.core.arrays import AnyArray, FloatArray
from assay.core.errors import PlanError
from assay.data.prepare import Wishes
from assay.fitting.planning import Request
from assay.tasks._base import Asked


class AssayRegressor(RegressorMixin, AssayEstimator):  # type: ignore[misc]
    """A model of numbers for arrays of numbers and for frames with columns of any kind.

    Args:
        time: Wall-clock budget of `fit` in seconds; 0 for none.
        loss: What predictions are to make small, see `assay.fit`; the squared error if None.
        interval: Share of the truths, e.g. 0.9, that `predict_interval` is to hold; None for no intervals.
        metric: What to be best at, see `assay.fit`.
        families: Only these kinds of model; empty for all that fit the data.
        folds: Number of folds; by the number of rows if None.
        prefer: ``"fast"``, ``"balanced"`` or ``"best"``, see `assay.fit`.
        weight: Column of a frame with row weights.
        group: Column of a frame whose rows of one value never stand on both sides of a split.
        picture_size: Pixels on the longer side that pictures are scaled to; None for their own size up to 64.
        random_state: For every random draw.
        threads: How many to use; all cores if None.

    Attributes:
        n_features_in_: Number of columns seen in `fit`.
        feature_names_in_: Their names, if they are all strings.
        model_: The fitted model.
        evidence_: What was observed while fitting; ``evidence_.score`` is the cross-fitted out-of-fold score.
    """

    def __init__(
        self,
        *,
        time: float = 60.0,
        loss: str | None = None,
        interval: float | None = None,
        metric: str | None = None,
        families: Sequence[str] = (),
        folds: int | None = None,
        prefer: str = "balanced",
        weight: str | None = None,
        group: str | None = None,
        picture_size: int | None = None,
        random_state: int = 0,
        threads: int | None = None,
    ) -> None:
        self.time = time
        self.loss = loss
        self.interval = interval
        self.metric = metric
        self.families = families
        self.folds = folds
        self.prefer = prefer
        self.weight = weight
        self.group = group
        self.picture_size = picture_size
        self.random_state = random_state
        self.threads = threads

    def predict(self, X: object) -> FloatArray:
        """Numbers (n,)."""
        return self._outputs(X)[:, 0]

    def predict_interval(self, X: object) -> FloatArray:
        """Low and high ends (n, 2) of an interval around each prediction, conformal on out-of-fold predictions.

        Raises:
            PlanError: The model was fitted without ``interval``.
        """
        outputs = self._outputs(X)
        if outputs.shape[1] < 3:
            raise PlanError(
                "a regressor that was fitted without intervals",
                expected="the share of truths that an interval is to hold",
                fix="fit again with AssayRegressor(interval=0.9)",
            )
        return outputs[:, 1:3]

    def _target(self, y: AnyArray) -> pl.Series:
        if y.dtype.kind not in "biuf" and not all(isinstance(value, int | float | np.number) for value in y):
            raise ValueError(f"Unknown label type: {y.dtype}; a regressor needs numbers in y")
        numbers = y.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise ValueError("y holds NaN or infinity; a regressor needs a finite number for each row")
        if len(numbers) < 2:
            raise ValueError("1 sample; a regressor needs two rows or more")
        return pl.Series(numbers)

    def _request(self, wishes: Wishes) -> Request:
        return Request(
            wishes=wishes,
            task="regression",
            asked=Asked(loss=self.loss, interval=self.interval),
            metric=self.metric,
            seconds=self.time,
            families=tuple(self.families),
            folds=self.folds,
            prefer=self.prefer,
            seed=self.random_state,
            threads=self.threads,
        )
