"""The parts of an additive model: what each adds is a table over cells, and what it can learn a basis over cells.

A numeric column is cut into cells at quantiles (Wood, Li, Shaddick and Augustin 2017 show that so little is lost); a
cell of its own is for missing values. A category's codes are its cells. So a fit reads cell numbers, never values.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import eigh
from scipy.special import ndtri

from assay.core.arrays import BoolArray, FloatArray, IntArray
from assay.families._shapes import Grid
from assay.features._base import Matrix
from assay.features._bases import b_spline

_MOST_CELLS = 500
_OFTEN = 10
_PAIR_CELLS = 48
_PAIR_LEVELS = 32


@dataclass(frozen=True)
class Term:
    """What one or two columns add.

    Attributes:
        columns: One column, or two.
        basis: (cells, m) float64, each with the mean zero over the training rows. The cell of two columns is
            ``first * (cells of the second) + second``.
        groups: For each of the m coefficients which of the term's penalties holds it.
        coarse: For two columns, their cells' numbers in the coarser cells of the pair.
    """

    columns: tuple[int, ...]
    basis: FloatArray
    groups: IntArray
    coarse: tuple[IntArray, ...] = ()

    def located(self, cells: Sequence[IntArray]) -> IntArray:
        """The row of the basis (n,) for each row of the data."""
        if len(self.columns) == 1:
            return cells[self.columns[0]]
        first, second = (own[cells[column]] for column, own in zip(self.columns, self.coarse, strict=True))
        return first * (int(self.coarse[1].max()) + 1) + second


@dataclass(frozen=True)
class Cells:
    """Training rows in the cells of a grid.

    Attributes:
        grid: The grid.
        rows: For each column the cell (n,) of each row.
        weight: (n,) of the rows.
        mass: For each column the weight (cells,) in each of its cells.
        atoms: For each column which of its cells (cells,) hold a single value.
    """

    grid: Grid
    rows: tuple[IntArray, ...]
    weight: FloatArray
    mass: tuple[FloatArray, ...]
    atoms: tuple[BoolArray, ...]

    @classmethod
    def of(cls, matrix: Matrix, weight: FloatArray) -> "Cells":
        """Borders half-way between distinct values, at quantiles where these are many."""
        grid = Grid(tuple(_cuts(column.astype(np.float64)) for column in matrix.dense.T), matrix.sizes)
        rows = tuple(grid.located(matrix))
        mass = tuple(_counted(own, weight, grid.cells(column)) for column, own in enumerate(rows))
        atoms = tuple(_atoms(matrix, column, own, grid.cells(column)) for column, own in enumerate(rows))
        return cls(grid, rows, weight, mass, atoms)

    def coarser(self, column: int, most: int) -> IntArray:
        """For each cell of a column which of at most ``most`` coarser ones holds it, (cells,) from 0 on.

        Of a numeric column these have like mass, and the last is for missing values; of a category they are the
        commonest levels and one for the rest.
        """
        mass = self.mass[column]
        if self.grid.is_number(column):
            full = mass[:-1]
            middle = (np.cumsum(full) - full / 2) / max(full.sum(), 1e-12)
            steps = np.minimum((middle * (most - 1)).astype(np.int64), most - 2)
            ranks = np.unique(steps, return_inverse=True)[1]
            return np.append(ranks, ranks.max() + 1).astype(np.int64)
        places = np.empty(len(mass), np.int64)
        places[np.argsort(-mass, kind="stable")] = np.minimum(np.arange(len(mass)), most - 1)
        return places

    def paired(self, column: int) -> IntArray:
        """For each cell of a column its number among the coarser ones in which pairs read it."""
        return self.coarser(column, _PAIR_CELLS if self.grid.is_number(column) else _PAIR_LEVELS)

    def mass_in(self, term: "Term") -> FloatArray:
        """The weight in each row of a term's basis."""
        return _counted(term.located(self.rows), self.weight, len(term.basis))


def single(cells: Cells, column: int, knots: int, most: int) -> Term | None:
    """The term of a column, a numeric one of at most ``most`` coefficients; None if all rows lie in one cell.

    A numeric one is a line, curves that are penalised by their second differences (Eilers and Marx 1996) and turned so
    that the penalty is plain (Wahba 1990), and steps for missing values and values that many rows share. A category is
    an effect for each code.
    """
    mass = cells.mass[column]
    there = mass > 0
    if there.sum() < 2:
        return None
    if cells.grid.is_number(column):
        basis, groups = _numeric(mass, cells.atoms[column], knots, most)
    else:
        basis, groups = np.eye(len(mass)), np.zeros(len(mass), np.int64)
    basis = basis - mass @ basis / mass.sum()
    return Term((column,), np.where(there[:, None], basis, 0.0), groups)


def pair(cells: Cells, one: int, two: int, curves: int) -> Term:
    """The term of two columns: products of their slowest ``curves``, or of effects of their commonest levels."""
    coarse = tuple(cells.paired(column) for column in (one, two))
    sides = [
        _marginal(cells.grid.is_number(column), _counted(own, cells.mass[column]), curves)
        for column, own in zip((one, two), coarse, strict=True)
    ]
    (first, rough), (second, rougher) = sides
    # The penalty of a tensor product is the sum of both sides' roughness (Wood 2006), not their product.
    scale = np.sqrt(2 / (rough[:, None] ** 2 + rougher**2))
    basis = np.einsum("ap,bq,pq->abpq", first, second, scale).reshape(len(first) * len(second), -1)
    term = Term((one, two), basis, np.zeros(basis.shape[1], np.int64), coarse)
    joint = cells.mass_in(term)
    return replace(term, basis=basis - joint @ basis / joint.sum())


def _cuts(values: FloatArray) -> FloatArray:
    found = np.unique(values[~np.isnan(values)])
    if len(found) > _MOST_CELLS:
        ranks = np.linspace(0, 1, _MOST_CELLS + 1)[1:-1]
        edges = np.unique(np.quantile(values[~np.isnan(values)], ranks, method="higher"))
        below = found[np.maximum(np.searchsorted(found, edges) - 1, 0)]
        keep = edges > found[0]
        return np.unique((edges[keep] + below[keep]) / 2)
    middle: FloatArray = (found[1:] + found[:-1]) / 2
    return middle


def _atoms(matrix: Matrix, column: int, rows: IntArray, cells: int) -> BoolArray:
    """Cells (cells,) of a dense column with a single value in them; none of a column of codes."""
    if column >= matrix.dense.shape[1]:
        return np.zeros(cells, np.bool_)
    order = np.argsort(matrix.dense[:, column], kind="stable")
    values, places = matrix.dense[order, column], rows[order]
    first = np.append(True, values[1:] != values[:-1])
    alone: BoolArray = np.bincount(places[first], minlength=cells) == 1
    return alone


def _numeric(mass: FloatArray, atoms: BoolArray, knots: int, most: int) -> tuple[FloatArray, IntArray]:
    """Basis (cells, m) and groups of a numeric column: 0 the line, 1 curves, 2 steps."""
    full, missing = mass[:-1], mass[-1]
    smooth = _smooth(full, min(knots, most))
    groups = np.minimum(np.arange(smooth.shape[1]), 1)
    # Where there are as many curves as cells, these reach each cell as it is.
    often = np.where(atoms[:-1] & (full >= _OFTEN) & (len(full) > knots), full, 0.0)
    steps = np.argsort(-often, kind="stable")[: min(most - smooth.shape[1], int((often > 0).sum()))]
    own = np.append(np.sort(steps), [len(full)] * bool(missing > 0)).astype(np.int64)
    basis = np.zeros((len(mass), smooth.shape[1] + len(own)))
    basis[:-1, : smooth.shape[1]] = smooth
    basis[own, smooth.shape[1] + np.arange(len(own))] = 1.0
    return basis, np.append(groups, np.full(len(own), 2, np.int64))


def _smooth(mass: FloatArray, waves: int) -> FloatArray:
    """(cells, m): a line of spread one, then curves, each rougher than the last and smaller by its roughness."""
    cells, total = len(mass), mass.sum()
    if cells < 2 or total == 0:
        return np.zeros((cells, 0))
    wide = min(waves, cells)
    at: FloatArray = np.arange(cells, dtype=np.float64)
    raw = np.eye(cells)
    if wide < cells:
        # Normal quantiles of ranks give the ends, where a few rows may lie far out, more knots than the middle.
        at = ndtri((at + 0.5) / cells)
        raw = b_spline(at, np.linspace(at[0], at[-1], wide - 2), 3)
    share = mass / total
    raw = raw - share @ raw
    centred = raw[:, 1:]  # what is centred sums to zero: one column tells nothing
    line: FloatArray = at - share @ at
    line /= np.sqrt(share @ line**2)
    if cells == 2:
        return line[:, None]
    bent = np.diff(np.eye(wide), 2, axis=0)[:, 1:]
    gram = (centred * share[:, None]).T @ centred
    stiffness, axes = eigh(bent.T @ bent, gram + 1e-9 * np.trace(gram) / len(gram) * np.eye(len(gram)))
    curves = centred @ axes[:, 1:] * np.sqrt(stiffness[1] / stiffness[1:])
    smooth: FloatArray = np.column_stack([line, curves])
    return smooth


def _counted(cells: IntArray, weight: FloatArray, size: int = 0) -> FloatArray:
    """How much weight (n,) lies in each of ``size`` cells or more, (cells,)."""
    return np.bincount(cells, weight, size).astype(np.float64)


def _marginal(is_number: bool, mass: FloatArray, most: int) -> tuple[FloatArray, FloatArray]:
    """One side of a pair: (coarse cells, m), and how rough each function is (m,), a line or a level being 1."""
    if not is_number:
        return np.eye(len(mass)) - mass / max(float(mass.sum()), 1e-12), np.ones(len(mass))
    curves = _smooth(mass[:-1], len(mass) - 1)[:, :most]
    spread = np.sqrt(mass[:-1] @ curves**2 / max(float(mass[:-1].sum()), 1e-12)).clip(1e-6)
    return np.vstack([curves / spread, np.zeros(curves.shape[1])]), 1 / spread
