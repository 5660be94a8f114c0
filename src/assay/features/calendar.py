"""Dates as their parts: where in the year, week and day, and how long since training began."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from assay.core.state import State, take_array
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._columnwise import stacked

_DAY = 86_400.0
_PARTS: tuple[str, ...] = (
    "year",
    "month",
    "day",
    "weekday",
    "hour",
    "month sin",
    "month cos",
    "weekday sin",
    "weekday cos",
)
_PARTS += ("hour sin", "hour cos", "time since start")


class Calendar(Encoder):
    """Year, month, day, weekday, hour (scaled to about -1 to 1), sines and cosines of the cycles, and time elapsed.

    Parts that are the same in all training rows are left out. Missing dates become 0, and columns that had any in
    training get an indicator.
    """

    name = "calendar"
    kinds = frozenset({Kind.DATETIME})
    part = "dense"

    def __init__(self) -> None:
        self.start: AnyArray = np.zeros(0)
        self.span: AnyArray = np.zeros(0)
        self.kept: IntArray = np.zeros(0, np.int64)
        self.gappy: IntArray = np.zeros(0, np.int64)

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """The span of the training rows, and which parts differ in it."""
        self.columns = tuple(columns)
        values = stacked(data, columns, rows)
        missing = np.isnan(values)
        empty = missing.all(axis=0)
        filled = np.where(empty, 0.0, values)
        self.start = np.nanmin(filled, axis=0)
        self.span = np.maximum(np.nanmax(filled, axis=0) - self.start, 1.0)
        parts = self._parts(values)  # those of missing dates are the parts of the first date, so they add no value
        self.kept = np.flatnonzero(parts.max(axis=0) > parts.min(axis=0))
        self.gappy = np.flatnonzero(missing.any(axis=0) & ~empty)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """(k, kept parts + indicators) float32."""
        values = stacked(data, self.columns, rows)
        missing = np.isnan(values)
        parts = np.where(np.repeat(missing, len(_PARTS), axis=1), 0.0, self._parts(values))[:, self.kept]
        return np.hstack([parts, missing[:, self.gappy]]).astype(np.float32)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """``column part``, then indicators."""
        names = [f"{column} {part}" for column in self.columns for part in _PARTS]
        return (*(names[number] for number in self.kept), *(f"{self.columns[n]} is missing" for n in self.gappy))

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        sources = [column for column in self.columns for _ in _PARTS]
        return (*(sources[number] for number in self.kept), *(self.columns[n] for n in self.gappy))

    def state(self) -> State:
        """Columns, span, kept parts, and which columns had gaps."""
        return {
            "columns": list(self.columns),
            "start": self.start,
            "span": self.span,
            "kept": self.kept,
            "gappy": self.gappy,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls()
        encoder.columns = take_columns(state)
        for key in ("start", "span", "kept", "gappy"):
            setattr(encoder, key, take_array(state, key, ndim=1))
        return encoder

    def _parts(self, seconds: FloatArray) -> FloatArray:
        """(k, columns * parts) in the order of the columns."""
        filled = np.where(np.isnan(seconds), self.start, seconds)
        moments = filled.astype("datetime64[s]")
        months = moments.astype("datetime64[M]").astype(np.int64)
        month, year = months % 12, 1970 + months // 12
        day = (moments.astype("datetime64[D]") - moments.astype("datetime64[M]")).astype(np.int64)
        weekday = (np.floor(filled / _DAY) + 3) % 7
        hour = (filled % _DAY) / 3_600
        cycles = [
            wave(2 * np.pi * x / n) for x, n in ((month, 12), (weekday, 7), (hour, 24)) for wave in (np.sin, np.cos)
        ]
        plain = [(year - 2000) / 20, month / 6 - 1, day / 15 - 1, weekday / 3 - 1, hour / 12 - 1]
        stack = np.stack([*plain, *cycles, (filled - self.start) / self.span], axis=2)
        return stack.reshape(len(seconds), -1)
