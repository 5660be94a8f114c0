"""A number to predict, and an interval around it that holds a wanted share of the truths."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from assay.core.errors import DataError, PlanError, RunError, did_you_mean, listed
from assay.core.state import State, take
from assay.tasks import _number_metrics as m
from assay.tasks._base import NOTHING_ASKED, Asked, Form, Metric, Rule, Task
from assay.tasks._classes import fits_no_classes

LOSSES = ("mse", "mae", "huber", "log_cosh", "quantile")
HUBER_DELTA = 1.345  # in units of the spread: 95% as efficient as squares where errors are normal (Huber 1964)
_BINS = 10
_FAR = 3.0
_MANY_FAR = 0.01
_OF_NUMBERS = (m.RMSE, m.MAE, m.R2, m.PINBALL)


class Regression(Task):
    """Outputs (n, 1), the prediction, or (n, 3) with the low and the high end of an interval around it.

    Args:
        loss: What the prediction makes small, one of `LOSSES`; its best constant is the mean for ``mse``, and the
            median, or nearly that, for the others.
        interval: Share of the truths that the interval is to hold; None for no interval.
        centre, spread: Of the target, to have it in units in which it is of order one.
        notices: What the person should know of the target.
    """

    name = "regression"
    form = Form.NUMBERS

    def __init__(
        self,
        loss: str = "mse",
        interval: float | None = None,
        *,
        centre: float = 0.0,
        spread: float = 1.0,
        notices: tuple[str, ...] = (),
    ) -> None:
        self.loss, self.interval, self.centre, self.spread, self.notices = loss, interval, centre, spread, notices
        given: tuple[Metric, ...] = _OF_NUMBERS
        if interval is not None:
            given += (m.INTERVAL_COVERAGE, m.INTERVAL_WIDTH, m.interval_score(interval))
        self.metrics: Mapping[str, Metric] = {metric.name: metric for metric in given}
        self.default_metric = "rmse" if loss == "mse" else "mae"
        self.second_metric = self.default_metric if interval is None else "interval_score"
        self.always_calibrated = interval is not None

    @classmethod
    def suits(cls, target: pl.Series) -> bool:
        """Numbers of which there are more than classes can be, or fractions of more than a few values."""
        return fits_no_classes(target)

    @classmethod
    def from_target(cls, target: pl.Series, asked: Asked = NOTHING_ASKED) -> Self:
        """The task for a target of numbers.

        Raises:
            DataError: Texts, an infinite number, or one number only.
            PlanError: A loss that there is not, an interval that is no share, or a positive class.
        """
        _check_asked(asked)
        numbers = _numbers(target)
        _check_numbers(target, numbers)
        y = numbers.drop_nulls().to_numpy()
        low, centre, high = np.quantile(y, [0.25, 0.5, 0.75])
        told = _suggested(y, low, high) if asked.loss is None else ()
        spread = float(np.std(y)) if asked.loss in (None, "mse") else float((high - low) / 1.349) or float(np.std(y))
        centre = float(np.mean(y)) if asked.loss in (None, "mse") else float(centre)
        return cls(asked.loss or "mse", asked.interval, centre=centre, spread=spread, notices=told)

    @property
    def labels(self) -> tuple[str, ...]:
        """``prediction``, and with an interval ``low`` and ``high``."""
        return ("prediction",) if self.interval is None else ("prediction", "low", "high")

    @property
    def levels(self) -> tuple[float, ...]:
        """The quantiles that the ends of the interval are; none without one."""
        return () if self.interval is None else ((1 - self.interval) / 2, (1 + self.interval) / 2)

    def encode(self, target: pl.Series, sequence: IntArray | None = None) -> AnyArray:
        """Numbers (n,) float64, NaN where there is none."""
        encoded: AnyArray = _numbers(target).to_numpy()
        return encoded

    def labelled(self, y: AnyArray) -> BoolArray:
        """Rows (n,) with a number."""
        known: BoolArray = np.isfinite(y)
        return known

    def decode(self, decided: AnyArray) -> pl.Series:
        """The numbers."""
        return pl.Series(decided, dtype=pl.Float64)

    def strata(self, y: AnyArray) -> AnyArray:
        """Tenths by size, so that each fold holds small and large numbers alike."""
        known = np.isfinite(y)
        edges = np.quantile(y[known], np.linspace(0, 1, _BINS + 1)[1:-1])
        tenths: AnyArray = np.searchsorted(edges, np.where(known, y, 0.0))
        return tenths

    def prior(self, y: AnyArray, weight: FloatArray) -> FloatArray:
        """The best constant for the loss, and the quantiles of the ends."""
        level = () if self.loss == "mse" else (0.5,)
        quantiles = _weighted_quantiles(y, weight, (*level, *self.levels))
        return quantiles if level else np.r_[np.average(y, weights=weight), quantiles]

    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        """The prediction (n,)."""
        return outputs[:, 0]

    def calibration(self, y: AnyArray, outputs: FloatArray, weight: FloatArray) -> tuple[float, ...]:
        """By how much both ends have to move outwards (Romano et al. 2019, "Conformalized Quantile Regression").

        The quantile, over rows, of how far a truth lies outside its interval, negative inside; taken at
        ``interval * (1 + 1 / n)``, which makes the coverage hold for a new row, not only for these.
        """
        if self.interval is None:
            return ()
        ends = _in_order(outputs)
        outside = np.maximum(ends[:, 1] - y, y - ends[:, 2])
        level = min(1.0, self.interval * (1 + 1 / len(y)))
        return (float(_weighted_quantiles(outside, weight, (level,))[0]),)

    def calibrated(self, outputs: FloatArray, calibration: tuple[float, ...]) -> FloatArray:
        """Outputs with their ends moved outwards, in order, and around the prediction."""
        if self.interval is None or not calibration:
            return outputs
        moved = _in_order(outputs)
        moved[:, 1] -= calibration[0]
        moved[:, 2] += calibration[0]
        moved[:, 1] = np.minimum(moved[:, 1], moved[:, 0])
        moved[:, 2] = np.maximum(moved[:, 2], moved[:, 0])
        return moved

    def remarks(self, outputs: FloatArray) -> tuple[str, ...]:
        """How many intervals had their ends in the wrong order."""
        if self.interval is None or not (crossed := int((outputs[:, 1] > outputs[:, 2]).sum())):
            return ()
        rows = "1 row" if crossed == 1 else f"{crossed:,} rows"
        return (f"the quantiles of {rows} crossed, and were put in order",)

    def row_loss(self, y: AnyArray, outputs: FloatArray) -> FloatArray:
        """The loss of the prediction and the pinball losses of the ends (n,), in units of the target's spread."""
        scale = self.spread or 1.0
        losses = _point_loss(self.loss, (outputs[:, 0] - y) / scale)
        for level, end in zip(self.levels, outputs.T[1:], strict=True):
            losses = losses + m.row_pinball(y, end, level) / scale
        return losses

    def shown(self, outputs: FloatArray) -> Mapping[str, AnyArray]:
        """The ends of the interval."""
        return {name: outputs[:, number] for number, name in enumerate(self.labels) if number}

    def census(self, y: AnyArray) -> Mapping[str, int]:
        """Nothing: numbers are not counted."""
        return {}

    def state(self) -> State:
        """The task as JSON values."""
        given = {"loss": self.loss, "interval": self.interval, "centre": self.centre, "spread": self.spread}
        return {**given, "notices": list(self.notices)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        loss, interval = take(state, "loss", str), state.get("interval")
        if interval is not None:
            interval = take(state, "interval", float)
        if loss not in LOSSES or (interval is not None and not 0 < interval < 1):
            raise RunError(
                f"a regression task with the loss {loss!r} and the interval {interval!r}",
                expected=f"one of {listed(LOSSES)}, and a share",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        centre, spread = take(state, "centre", float), take(state, "spread", float)
        notices = tuple(map(str, take(state, "notices", list)))
        return cls(loss, interval, centre=centre, spread=spread, notices=notices)


def _numbers(target: pl.Series) -> pl.Series:
    """As float64, gaps as null; texts that are no number are gaps."""
    if target.dtype == pl.Null:
        return target.cast(pl.Float64)
    return target.cast(pl.Float64, strict=False).fill_nan(None)


def _check_asked(asked: Asked) -> None:
    if asked.positive is not None:
        raise PlanError(
            f"--positive {asked.positive!r} for a regression task",
            expected="a positive class only where there are two classes",
            fix="leave --positive out",
        )
    if asked.loss is not None and asked.loss not in LOSSES:
        raise PlanError(
            f"no loss {asked.loss!r} for a regression task",
            expected=f"one of: {listed(LOSSES)}",
            fix=f"{did_you_mean(asked.loss, LOSSES)}change --loss",
        )
    if asked.interval is not None and not 0 < asked.interval < 1:
        raise PlanError(
            f"--interval {asked.interval:g}",
            expected="a share between 0 and 1, e.g. 0.9",
            fix="change --interval",
        )


def _check_numbers(target: pl.Series, numbers: pl.Series) -> None:
    lost = numbers.is_null() & target.is_not_null()
    if target.dtype.is_float():
        lost &= target.is_not_nan().fill_null(False)
    if lost.any():
        row = int(lost.arg_max() or 0)
        raise DataError(
            f"{int(lost.sum()):,} values that are no numbers in the target column {target.name!r}, "
            f"the first in row {row + 1:,}: {str(target[row])[:40]!r}",
            expected="numbers, or empty cells where there is none",
            fix="mend these rows, or say --task multiclass if they are classes",
        )
    wild = numbers.is_infinite().fill_null(False)
    if wild.any():
        raise DataError(
            f"infinity in the target column {target.name!r}, row {int(wild.arg_max() or 0) + 1:,}",
            expected="finite numbers, or empty cells where there is none",
            fix="replace it by an empty cell or a real value",
        )
    if numbers.drop_nulls().n_unique() < 2:
        raise DataError(
            f"fewer than two different numbers in the target column {target.name!r}",
            expected="numbers that differ from row to row",
            fix="name another column with --target",
        )


def _suggested(y: FloatArray, low: float, high: float) -> tuple[str, ...]:
    """That another loss may be better, where many numbers lie far outside the middle half."""
    far = (y < low - _FAR * (high - low)) | (y > high + _FAR * (high - low))
    if far.mean() < _MANY_FAR:
        return ()
    return (
        f"{far.mean():.1%} of the targets lie far out (more than {_FAR:g} interquartile ranges beyond the quartiles): "
        "squared errors count them most; --loss huber or mae counts them less",
    )


def _point_loss(loss: str, error: FloatArray) -> FloatArray:
    size = np.abs(error)
    if loss == "mse":
        return error**2
    if loss == "huber":
        near = np.minimum(size, HUBER_DELTA)
        huber: FloatArray = near * (size - near / 2)
        return huber
    if loss == "log_cosh":
        log_cosh: FloatArray = size + np.log1p(np.exp(-2 * size)) - np.log(2)
        return log_cosh
    return size if loss == "mae" else size / 2


def _in_order(outputs: FloatArray) -> FloatArray:
    """A copy in which no low end is above its high one."""
    return np.column_stack([outputs[:, 0], np.sort(outputs[:, 1:], axis=1)])


def _weighted_quantiles(values: AnyArray, weight: FloatArray, levels: tuple[float, ...]) -> FloatArray:
    """Smallest values at which the weight so far reaches each level (k,)."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    places = np.searchsorted(reached, np.array(levels) - 1e-12).clip(0, len(values) - 1)
    found: FloatArray = values[order][places].astype(np.float64)
    return found
