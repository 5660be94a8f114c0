"""Categories as the mean target of their level, made out of fold so that a row never tells its own class."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from assay.core.state import State, take, take_array
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._levels import Vocabulary, fit_all
from assay.tasks._base import Form

_INNER_FOLDS = 5


class TargetMean(Encoder):
    """``(sum over the level + m * prior) / (rows of the level + m)`` (Micci-Barreca 2001), of 1 and 0 for a class.

    One feature per column for two classes, one per class or label (the most frequent ten) for more, and one for
    numbers, in units of their spread from their mean. Training rows get values from five inner folds that do not hold
    them; missing and unseen levels get the prior.

    Args:
        smoothing: m, the weight of the prior in rows.
        max_classes: At most so many classes get a feature.
    """

    name = "target_mean"
    kinds = frozenset({Kind.CATEGORICAL})
    part = "dense"

    def __init__(self, *, smoothing: float = 10.0, max_classes: int = 10) -> None:
        self.smoothing, self.max_classes = smoothing, max_classes
        self.vocabularies: list[Vocabulary] = []
        self.classes: IntArray = np.zeros(0, np.int64)
        self.prior: AnyArray = np.zeros(0)
        self.means: list[AnyArray] = []

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Frequencies over all training rows."""
        self.columns = tuple(columns)
        self.classes = target.columns(rows, self.max_classes)
        values = _scaled(target, rows, self.classes)
        self.prior = _means(values, np.zeros(values.shape[1]))
        self.vocabularies = fit_all(data, columns, rows)
        self.means = [
            self._level_means(known.numbers_of(data, column, rows), values, len(known.names))
            for column, known in zip(self.columns, self.vocabularies, strict=True)
        ]
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """(k, columns * classes) float32."""
        return np.hstack(
            [
                self._looked_up(known.numbers_of(data, column, rows), means)
                for column, known, means in zip(self.columns, self.vocabularies, self.means, strict=True)
            ]
        ).astype(np.float32)

    def fit_transform(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Float32Array:
        """Fit, and values for the training rows from inner folds that do not hold them."""
        self.fit(data, columns, rows, target)
        inner = np.random.default_rng(len(rows)).permutation(len(rows)) % _INNER_FOLDS
        values = _scaled(target, rows, self.classes)
        blocks = []
        for column, known in zip(self.columns, self.vocabularies, strict=True):
            numbers = known.numbers_of(data, column, rows)
            block = np.empty((len(rows), len(self.classes)))
            for fold in range(_INNER_FOLDS):
                inside = inner == fold
                means = self._level_means(numbers[~inside], values[~inside], len(known.names))
                block[inside] = self._looked_up(numbers[inside], means)
            blocks.append(block)
        return np.hstack(blocks).astype(np.float32)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """``column: share of class c``."""
        return tuple(f"{column}: share of class {c}" for column in self.columns for c in self.classes)

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        return tuple(column for column in self.columns for _ in self.classes)

    def state(self) -> State:
        """Columns, settings, levels, and (levels, classes) frequencies of each column."""
        return {
            "columns": list(self.columns),
            "smoothing": self.smoothing,
            "max_classes": self.max_classes,
            "vocabularies": [known.state() for known in self.vocabularies],
            "classes": self.classes,
            "prior": self.prior,
            "means": self.means,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls(smoothing=take(state, "smoothing", float), max_classes=take(state, "max_classes", int))
        encoder.columns = take_columns(state)
        encoder.vocabularies = [Vocabulary.from_state(entry) for entry in take(state, "vocabularies", list)]
        encoder.classes = take_array(state, "classes", ndim=1)
        encoder.prior = take_array(state, "prior", ndim=1)
        encoder.means = [take_array({"means": entry}, "means", ndim=2) for entry in take(state, "means", list)]
        return encoder

    def _level_means(self, numbers: IntArray, values: FloatArray, levels: int) -> FloatArray:
        """Smoothed means (levels, classes) of the rows given."""
        found = np.empty((levels, values.shape[1]))
        for column, prior in enumerate(_means(values, self.prior)):
            known = (numbers >= 0) & np.isfinite(values[:, column])
            totals = np.bincount(numbers[known], minlength=levels)
            sums = np.bincount(numbers[known], weights=values[known, column], minlength=levels)
            found[:, column] = (sums + self.smoothing * prior) / (totals + self.smoothing)
        return found

    def _looked_up(self, numbers: IntArray, means: FloatArray) -> FloatArray:
        """Frequencies (k, classes) of levels, the prior where there is none."""
        if not len(means):
            return np.tile(self.prior, (len(numbers), 1))
        return np.where((numbers >= 0)[:, None], means[numbers.clip(0)], self.prior)


def _scaled(target: Target, rows: IntArray, columns: IntArray) -> FloatArray:
    """Values (k, columns) of the rows; numbers in units of their spread from their mean."""
    values = target.values(rows, columns)
    if target.form is not Form.NUMBERS:
        return values
    scaled: FloatArray = (values - np.nanmean(values)) / (np.nanstd(values) or 1.0)
    return scaled


def _means(values: FloatArray, otherwise: AnyArray) -> AnyArray:
    """Mean of each column over what is known in it; ``otherwise`` where nothing is."""
    known = np.isfinite(values)
    counts = known.sum(axis=0)
    sums = np.where(known, values, 0.0).sum(axis=0)
    return np.where(counts > 0, sums / np.maximum(counts, 1), otherwise)
