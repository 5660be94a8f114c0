"""A table with a schema, seen column by column in the form that encoders need.

Each view of a column is made once and kept, for all rows; folds index into it. So nothing is parsed, counted or
factorised once per fold, and one row takes microseconds.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, FloatArray, IntArray, Pixels
from assay.data.schema import Role, Schema

T = TypeVar("T")

_FEW = 64


@dataclass(frozen=True)
class Levels:
    """A categorical column: ``codes`` (n,) int64 into ``names``, -1 where the value is missing."""

    codes: IntArray
    names: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """A table whose columns are of the Polars type that their kind stands for, and their schema.

    ``Float64`` for numeric, ``Boolean`` for boolean, ``Datetime("us")`` for datetime, ``Array(UInt8)`` of the column's
    shape for pictures, ``String`` for the rest;
    null is the one form of missing (NaN never occurs). ``read`` and ``conform`` in this package make it so.
    """

    table: pl.DataFrame
    schema: Schema
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return self.table.height

    def numbers(self, name: str) -> FloatArray:
        """A numeric or boolean column as (n,) float64, NaN where missing."""
        return self.kept(("numbers", name), lambda: _numbers(self.table[name]))

    def seconds(self, name: str) -> FloatArray:
        """A datetime column as (n,) float64 seconds since 1970-01-01, NaN where missing."""
        return self.kept(("seconds", name), lambda: _seconds(self.table[name]))

    def levels(self, name: str) -> Levels:
        """A column of any kind as categories; the names stand in order of first appearance."""
        return self.kept(("levels", name), lambda: _levels(self.table[name]))

    def texts(self, name: str) -> list[str]:
        """A column as texts, the empty string where missing."""
        return self.kept(("texts", name), lambda: self.table[name].cast(pl.String).fill_null("").to_list())

    def pictures(self, name: str) -> Pixels:
        """A column of pictures as (n, height, width, channels) uint8, black where missing."""
        return self.kept(("pictures", name), lambda: _pictures(self.table[name], self.schema[name].shape))

    def column(self, role: Role) -> pl.Series | None:
        """The column that has a role, if there is one in this table."""
        name = self.schema.named(role)
        return self.table[name] if name is not None and name in self.table.columns else None

    def weights(self) -> FloatArray:
        """Row weights (n,) float64: the weight column, or ones."""
        name = self.schema.named(Role.WEIGHT)
        return np.ones(len(self)) if name is None or name not in self.table.columns else self.numbers(name)

    def sequence(self) -> IntArray | None:
        """The number (n,) of the sequence that each row is a step of, from 0 in order of appearance; None for none."""
        name = self.schema.named(Role.SEQUENCE)
        return None if name is None or name not in self.table.columns else self.levels(name).codes

    def rows(self, index: IntArray) -> "Dataset":
        """The rows at ``index`` as a dataset of their own."""
        return Dataset(self.table[index], self.schema)

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gave for ``key`` the first time; for work on a whole column that folds share."""
        if key not in self._kept:
            self._kept[key] = make()
        found: T = self._kept[key]
        return found


def _numbers(column: pl.Series) -> FloatArray:
    floats = column if column.dtype == pl.Float64 else column.cast(pl.Float64)
    values: AnyArray = floats.to_numpy()  # a null becomes NaN
    return values


def _seconds(column: pl.Series) -> FloatArray:
    micros = column.cast(pl.Datetime("us")).dt.epoch("us")
    values: AnyArray = (micros.cast(pl.Float64) / 1e6).fill_null(float("nan")).to_numpy()
    return values


def _pictures(column: pl.Series, shape: tuple[int, ...]) -> Pixels:
    there = column.is_not_null().to_numpy()
    if there.all() and len(column):
        every: Pixels = column.to_numpy()
        return every
    pixels = np.zeros((len(column), *shape), np.uint8)
    if there.any():
        pixels[there] = column.drop_nulls().to_numpy()  # with gaps, it would give floats
    return pixels


def _levels(column: pl.Series) -> Levels:
    texts = column if column.dtype == pl.String else column.cast(pl.String)
    if len(texts) <= _FEW:
        return _few_levels(texts.to_list())
    names = texts.drop_nulls().unique(maintain_order=True)
    codes = texts.replace_strict(names, np.arange(len(names)), default=-1, return_dtype=pl.Int64)
    return Levels(codes.fill_null(-1).to_numpy(), tuple(names.to_list()))


def _few_levels(values: list[str | None]) -> Levels:
    """The same for a handful of rows, where a data frame's own machinery would take longer than the work."""
    numbers: dict[str, int] = {}
    codes = [-1 if value is None else numbers.setdefault(value, len(numbers)) for value in values]
    return Levels(np.array(codes, np.int64), tuple(numbers))
