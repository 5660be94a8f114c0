"""What encoders of numbers share: the columns as one array, and gaps told apart from values."""

from collections.abc import Sequence

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.data.dataset import Dataset
from assay.data.schema import Kind

_LARGEST = float(np.finfo(np.float32).max)


def stacked(data: Dataset, columns: Sequence[str], rows: IntArray) -> FloatArray:
    """Numbers, booleans and dates (as seconds) as (k, columns) float64 in float32's range, NaN where missing."""
    table: FloatArray = data.kept(("stacked", tuple(columns)), lambda: _stack(data, columns))
    return table if len(rows) == len(table) and len(table) == 1 else table[rows]


def _stack(data: Dataset, columns: Sequence[str]) -> FloatArray:
    views = [data.seconds(name) if data.schema[name].kind is Kind.DATETIME else data.numbers(name) for name in columns]
    return np.clip(np.stack(views, axis=1), -_LARGEST, _LARGEST)


def with_gaps(values: AnyArray, missing: AnyArray, gappy: IntArray) -> AnyArray:
    """Values with 0 where missing, and an indicator (1 where missing) for each of the ``gappy`` columns; float32."""
    filled = np.where(missing, 0.0, values)
    return np.hstack([filled, missing[:, gappy]]).astype(np.float32) if len(gappy) else filled.astype(np.float32)


def gap_names(columns: Sequence[str], gappy: IntArray) -> tuple[str, ...]:
    """Names of the columns and of their indicators."""
    return (*columns, *(f"{columns[number]} is missing" for number in gappy))


def gap_sources(columns: Sequence[str], gappy: IntArray) -> tuple[str, ...]:
    """The column behind each value and each indicator."""
    return (*columns, *(columns[number] for number in gappy))
