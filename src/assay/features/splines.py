"""Numbers as curves: a column becomes functions of itself whose weighted sum can bend; for linear models and nets."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.core.errors import PlanError, RunError, did_you_mean, listed
from assay.core.state import State, take, take_array
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._bases import BASES, quantile_knots
from assay.features._columnwise import stacked

_TRIED = (3, 4, 6, 9, 14)
_FOLDS = 5
_MOST_ROWS = 5_000
_MOST_TARGETS = 5
_RIDGE = 1e-3
_WITHIN = ("bins", "b_spline", "piecewise_linear")
_FURTHEST = 1.0


class Splines(Encoder):
    """Each column by a basis of `assay.features._bases`, between knots at quantiles of the training rows.

    A column of fewer distinct values than knots has a knot at each of them; one of a single value gives nothing. A
    missing value is 0 in all columns of its own, and 1 in an indicator if training had any. Values beyond those of
    training by more than their range are drawn in to there.

    Args:
        basis: Name of the basis.
        knots: How many for a column, the outer two included; 0 to choose it for each column by cross-validation.
        degree: Of the pieces, where the basis has pieces of any degree.
    """

    name = "splines"
    kinds = frozenset({Kind.NUMERIC, Kind.BOOLEAN})
    part = "dense"

    def __init__(self, *, basis: str = "natural", knots: int = 6, degree: int = 3) -> None:
        _check(basis, knots, degree)
        self.basis, self.count, self.degree = basis, knots, degree
        self.knots: list[FloatArray] = []
        self.centre: list[FloatArray] = []
        self.scale: list[FloatArray] = []
        self.gappy: IntArray = np.zeros(0, np.int64)

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Knots, and the scale of each function."""
        self.columns = tuple(columns)
        values = stacked(data, columns, rows)
        missing = np.isnan(values)
        told = target.values(rows, target.columns(rows, _MOST_TARGETS))
        for column, gaps in zip(values.T, missing.T, strict=True):
            there = column[~gaps]
            self.knots.append(self._knots(there, told[~gaps]))
            block = self._block(there, self.knots[-1])
            self.centre.append(block.mean(axis=0) if len(there) else np.zeros(0))
            spread = block.std(axis=0) if len(there) and self.basis not in _WITHIN else np.ones(block.shape[1])
            self.scale.append(np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0))
        self.gappy = np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0))
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """(k, functions of all columns + indicators) float32."""
        values = stacked(data, self.columns, rows)
        missing = np.isnan(values)
        blocks = []
        for number, knots in enumerate(self.knots):
            gaps = missing[:, number]
            filled = np.where(gaps, knots[0] if len(knots) else 0.0, values[:, number])
            block = (self._block(filled, knots) - self.centre[number]) * self.scale[number]
            blocks.append(np.where(gaps[:, None], 0.0, block))
        return np.hstack([*blocks, missing[:, self.gappy]]).astype(np.float32)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """``column ~ 1`` and so on, then indicators."""
        pairs = zip(self.columns, self.centre, strict=True)
        own = [f"{column} ~ {number + 1}" for column, centre in pairs for number in range(len(centre))]
        return (*own, *(f"{self.columns[number]} is missing" for number in self.gappy))

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        pairs = zip(self.columns, self.centre, strict=True)
        own = [column for column, centre in pairs for _ in centre]
        return (*own, *(self.columns[number] for number in self.gappy))

    def state(self) -> State:
        """Settings, and knots and scales of each column."""
        settings = {"basis": self.basis, "count": self.count, "degree": self.degree}
        arrays = {"knots": list(self.knots), "centre": list(self.centre), "scale": list(self.scale)}
        return {"columns": list(self.columns), **settings, **arrays, "gappy": self.gappy}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls.__new__(cls)
        encoder.basis, encoder.count = take(state, "basis", str), take(state, "count", int)
        encoder.degree = take(state, "degree", int)
        encoder.columns = take_columns(state)
        encoder.knots, encoder.centre, encoder.scale = (_arrays(state, key) for key in ("knots", "centre", "scale"))
        encoder.gappy = take_array(state, "gappy", ndim=1)
        widths = [(len(centre), len(scale)) for centre, scale in zip(encoder.centre, encoder.scale, strict=False)]
        many = {len(encoder.columns), len(encoder.knots), len(encoder.centre), len(encoder.scale)}
        if encoder.basis not in BASES or len(many) > 1 or any(one != other for one, other in widths):
            raise RunError(
                f"splines of the basis {encoder.basis!r} with {len(encoder.knots)} rows of knots",
                expected="knots and scales for each column",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return encoder

    def _block(self, values: FloatArray, knots: FloatArray) -> FloatArray:
        """Functions (n, width) of values (n,) without gaps; none of a column of one value."""
        if len(knots) < 2:
            return np.zeros((len(values), 0))
        low, high = knots[0], knots[-1]
        reach = _FURTHEST * (high - low)
        return BASES[self.basis](values.clip(low - reach, high + reach), knots, self.degree)

    def _knots(self, values: FloatArray, told: FloatArray) -> FloatArray:
        """As many as asked for, or as cross-validation finds best."""
        most = quantile_knots(values, self.count or max(_TRIED))
        if self.count or len(most) <= min(_TRIED):
            return most
        every = max(1, len(values) // _MOST_ROWS)
        tried = {len(knots): knots for count in _TRIED if len(knots := quantile_knots(values, count)) > 1}
        errors = {count: self._error(values[::every], told[::every], knots) for count, knots in tried.items()}
        return tried[min(errors, key=errors.__getitem__)]

    def _error(self, values: FloatArray, told: FloatArray, knots: FloatArray) -> float:
        """Mean squared error of the target's columns (n, t), each fold predicted from the others by least squares."""
        known = np.isfinite(told).all(axis=1)
        block = np.column_stack([np.ones(known.sum()), self._block(values[known], knots)])
        truth, fold = told[known], np.arange(known.sum()) % _FOLDS
        total, pull = block.T @ block, block.T @ truth
        error = 0.0
        for number in range(_FOLDS):
            held, aim = block[fold == number], truth[fold == number]
            gram = total - held.T @ held + _RIDGE * np.eye(block.shape[1])
            error += float(((aim - held @ np.linalg.solve(gram, pull - held.T @ aim)) ** 2).sum())
        return error


def _check(basis: str, knots: int, degree: int) -> None:
    if basis not in BASES:
        raise PlanError(
            f"no basis {basis!r} for splines",
            expected=f"one of: {listed(BASES)}",
            fix=f"{did_you_mean(basis, BASES)}change the name",
        )
    if not (knots == 0 or knots >= 2) or not 1 <= degree <= 10:
        raise PlanError(
            f"splines with {knots} knots of degree {degree}",
            expected="2 knots or more, or 0 to choose by cross-validation; a degree from 1 to 10",
            fix="change knots or degree in the plan",
        )


def _arrays(state: Mapping[str, Any], key: str) -> list[FloatArray]:
    return [take_array({key: entry}, key, ndim=1, dtype=np.float64) for entry in take(state, key, list)]
