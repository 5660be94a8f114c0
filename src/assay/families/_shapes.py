"""Shapes: what one or two columns add to the scores of a model that is a sum of them, as tables over cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.errors import RunError
from assay.core.state import State, take, take_array
from assay.features._base import Matrix

_PURER = 20


@dataclass(frozen=True)
class Grid:
    """How the columns of a matrix fall into cells: dense ones by their ``cuts``, then codes by number.

    Attributes:
        cuts: For each dense column its inner borders, ascending. Its cells lie between them, and the last one is for
            missing values.
        sizes: Number of distinct codes of each column of codes; each is a cell.
    """

    cuts: tuple[FloatArray, ...]
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.cuts) + len(self.sizes)

    def is_number(self, column: int) -> bool:
        """Whether a column is numeric."""
        return column < len(self.cuts)

    def cells(self, column: int) -> int:
        """Number of cells of a column."""
        return len(self.cuts[column]) + 2 if self.is_number(column) else self.sizes[column - len(self.cuts)]

    def located(self, matrix: Matrix) -> list[IntArray]:
        """For each column the cell (n,) of each row."""
        numeric = [_located(values, cuts) for values, cuts in zip(matrix.dense.T, self.cuts, strict=True)]
        return numeric + [codes.astype(np.int64) for codes in matrix.codes.T]


@dataclass(frozen=True)
class Shape:
    """What one or two columns add.

    Attributes:
        columns: One column of the grid, or two.
        table: (cells, c) float64: what is added to each score; of two columns (first cells, second cells, c). Its mean
            over the training rows is zero; that of two columns, along each of them.
        mass: The weight of the training rows in each cell, (cells,) or (first cells, second cells).
        coarse: For two columns, for each cell of the grid its number in the table.
    """

    columns: tuple[int, ...]
    table: FloatArray
    mass: FloatArray
    coarse: tuple[IntArray, ...] = ()

    def added(self, cells: Sequence[IntArray]) -> FloatArray:
        """What it adds (n, c) for rows in these cells of the columns."""
        places = [cells[column] for column in self.columns]
        if self.coarse:
            places = [own[place] for own, place in zip(self.coarse, places, strict=True)]
        added: FloatArray = self.table[tuple(places)]
        return added

    @property
    def importance(self) -> float:
        """Mean size of what it adds to a score of a training row."""
        share = self.mass / max(self.mass.sum(), 1e-12)
        return float((share[..., None] * np.abs(self.table)).sum() / self.table.shape[-1])

    def state(self) -> State:
        """The shape as arrays."""
        return {"columns": list(self.columns), "table": self.table, "mass": self.mass, "coarse": list(self.coarse)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], grid: Grid, n_scores: int) -> Self:
        """Read what ``state`` gave, for a model of so many scores.

        Raises:
            RunError: The state is damaged.
        """
        columns = tuple(take({"column": entry}, "column", int) for entry in take(state, "columns", list))
        if len(columns) not in (1, 2) or not all(0 <= column < len(grid) for column in columns):
            raise unreadable(f"a shape of the columns {columns}")
        table = take_array(state, "table", ndim=len(columns) + 1, dtype=np.float64)
        mass = take_array(state, "mass", ndim=len(columns), dtype=np.float64)
        entries = [{"coarse": entry} for entry in take(state, "coarse", list)]
        coarse = tuple(take_array(entry, "coarse", ndim=1, dtype=np.int64) for entry in entries)
        shape = cls(columns, table, mass, coarse)
        if not shape._fits(grid, n_scores):
            raise unreadable(f"a table {table.shape} for the columns {columns}")
        return shape

    def _fits(self, grid: Grid, n_scores: int) -> bool:
        cells = tuple(grid.cells(column) for column in self.columns)
        if self.table.shape != (*self.mass.shape, n_scores) or len(self.coarse) != 2 * (len(cells) == 2):
            return False
        if not self.coarse:
            return self.mass.shape == cells
        sides = zip(self.coarse, cells, self.mass.shape, strict=True)
        return all(len(own) == n and own.min() >= 0 and own.max() < most for own, n, most in sides)


@runtime_checkable
class Shaped(Protocol):
    """A model whose scores are ``intercept`` (c,) and the sum of what its ``shapes`` add in the cells of ``grid``."""

    grid: Grid
    intercept: FloatArray
    shapes: tuple[Shape, ...]


def merged(shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """One shape for the same columns, which adds what all of theirs added; they read the same cells."""
    found: dict[tuple[int, ...], Shape] = {}
    for shape in shapes:
        before = found.get(shape.columns)
        found[shape.columns] = replace(shape, table=before.table + shape.table) if before else shape
    return tuple(found.values())


def purified(intercept: FloatArray, shapes: Sequence[Shape]) -> tuple[FloatArray, tuple[Shape, ...]]:
    """The same sum, with all that one column tells by itself in the shape of that column, and means in the intercept.

    Lengerich, Tan, Chang, Hooker and Caruana 2020, "Purifying interaction effects with the functional ANOVA".
    """
    singles = {shape.columns[0]: shape.table.copy() for shape in shapes if len(shape.columns) == 1}
    pairs = []
    for shape in shapes:
        if len(shape.columns) == 2 and all(column in singles for column in shape.columns):
            table, sides = parted(shape)
            for column, own, side in zip(shape.columns, shape.coarse, sides, strict=True):
                singles[column] += side[own]
            pairs.append(replace(shape, table=table))
    found = []
    for shape in shapes:
        if len(shape.columns) == 1:
            table = singles[shape.columns[0]]
            mean = shape.mass @ table / max(shape.mass.sum(), 1e-12)
            intercept = intercept + mean
            found.append(replace(shape, table=table - mean))
    return intercept, (*found, *pairs)


def unreadable(why: str) -> RunError:
    """The error for a state that is no sum of shapes."""
    return RunError(
        f"a damaged additive model ({why})",
        expected="a table for each of its columns",
        fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
    )


def parted(shape: Shape) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
    """The table of two columns without its means along both sides, and these means."""
    table, mass = shape.table.copy(), shape.mass + 1e-9
    sides = (np.zeros((table.shape[0], table.shape[2])), np.zeros((table.shape[1], table.shape[2])))
    for _ in range(_PURER):
        rows = np.einsum("ab,abc->ac", mass, table) / mass.sum(axis=1)[:, None]
        table -= rows[:, None]
        columns = np.einsum("ab,abc->bc", mass, table) / mass.sum(axis=0)[:, None]
        table -= columns[None]
        sides = (sides[0] + rows, sides[1] + columns)
    return table, sides


def _located(values: AnyArray, cuts: FloatArray) -> IntArray:
    cells = np.searchsorted(cuts, values, side="right")
    cells[np.isnan(values)] = len(cuts) + 1
    return cells
