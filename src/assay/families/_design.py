"""The rows as a linear solver wants them: dense columns centred and turned to their principal axes, wide text sparse.

A ridge penalty does not change under rotation, so the problem stays the same, but its curvature becomes diagonal and
the solver needs tens of steps where it needed hundreds.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from assay.core.arrays import Float32Array, FloatArray
from assay.core.packing import in_steps
from assay.families._rows import RowBlocks
from assay.features._base import Matrix

_ROTATED_WIDTH = 1_000
_GRAM_ROWS = 50_000
_DENSE_BYTES = 200_000_000
_DENSE_SHARE = 0.02
_NO_SPREAD = 1e-7
_BITS = 12  # of the weights of sparse columns: on texts the log loss of test rows moves by 1e-4 at most


@dataclass(frozen=True)
class Weights:
    """Scores of n rows are ``dense @ dense_part + sparse @ sparse_part + intercept``.

    Attributes:
        columns: (d, c) float32 for the dense columns and then the sparse ones of a `Matrix`.
        intercept: (c,) float32.
    """

    columns: Float32Array
    intercept: Float32Array

    def scores(self, matrix: Matrix) -> Float32Array:
        """Scores (n, c)."""
        width = matrix.dense.shape[1]
        scores: Float32Array = self.intercept + matrix.dense @ self.columns[:width]
        if matrix.sparse is not None:
            scores += matrix.sparse @ self.columns[width:]
        return scores


@dataclass(frozen=True)
class Design:
    """n rows in p solver coordinates: an intercept, turned dense columns, sparse columns.

    Attributes:
        dense: (n, 1 + a) float32, the first column all ones.
        sparse: (n, s) and its transpose (s, n), or None.
        centre: (d,) weighted means of the matrix's dense columns.
        axes: (d, a) orthonormal columns.
        scale: (s, c) factors of the sparse columns, each class its own, or None for ones.
    """

    dense: Float32Array
    sparse: tuple[RowBlocks, RowBlocks] | None
    centre: FloatArray
    axes: FloatArray
    scale: Float32Array | None = None

    @property
    def width(self) -> int:
        """Number of solver coordinates p."""
        return int(self.dense.shape[1]) + (0 if self.sparse is None else int(self.sparse[0].matrix.shape[1]))

    @property
    def work(self) -> float:
        """What a solver step costs for one score, in sparse multiplications.

        Dense ones are ten times as fast; an exponential counts as ten.
        """
        dense = self.dense.size / 10 + 10 * len(self.dense)
        return dense + (0 if self.sparse is None else int(self.sparse[0].matrix.nnz))

    def forward(self, solution: Float32Array) -> Float32Array:
        """Scores (n, c) of a solution (p, c)."""
        turned = self.dense.shape[1]
        scores: Float32Array = self.dense @ solution[:turned]
        if self.sparse is not None:
            scores += self.sparse[0] @ self._scaled(solution[turned:])
        return scores

    def backward(self, residual: Float32Array) -> Float32Array:
        """Gradient (p, c) of scores whose own gradient is ``residual`` (n, c)."""
        gradient = np.empty((self.width, residual.shape[1]), np.float32)
        turned = self.dense.shape[1]
        np.matmul(self.dense.T, residual, out=gradient[:turned])
        if self.sparse is not None:
            gradient[turned:] = self._scaled(self.sparse[1] @ residual)
        return gradient

    def curvature(self, weight: Float32Array) -> Float32Array:
        """Weighted mean square (p, 1) of each coordinate, or (p, c) with a scale; ``weight`` (n,) sums to one."""
        squares: Float32Array = np.einsum("n,nd,nd->d", weight, self.dense, self.dense)[:, None]
        if self.sparse is None:
            return squares
        transpose = self.sparse[1].matrix
        powers = csr_array((transpose.data**2, transpose.indices, transpose.indptr), shape=transpose.shape)
        wide: Float32Array = (powers @ weight)[:, None]
        if self.scale is not None:
            wide = wide * self.scale**2
            squares = np.repeat(squares, self.scale.shape[1], axis=1)
        found: Float32Array = np.concatenate([squares, wide]).astype(np.float32)
        return found

    def weights(self, solution: Float32Array) -> Weights:
        """The solution (p, c) in terms of the matrix's own columns; those of sparse ones are rounded, to take less."""
        turned = self.dense.shape[1]
        dense = self.axes @ solution[1:turned].astype(np.float64)
        intercept = solution[0] - self.centre @ dense
        columns = np.concatenate([dense.astype(np.float32), in_steps(self._scaled(solution[turned:]), _BITS)])
        return Weights(columns, intercept.astype(np.float32))

    def _scaled(self, sparse_part: Float32Array) -> Float32Array:
        return sparse_part if self.scale is None else sparse_part * self.scale


def make_design(matrix: Matrix, weight: FloatArray, *, scale: Float32Array | None = None, threads: int = 1) -> Design:
    """The design of a matrix with row weights (n,); sparse columns that are few and full become dense."""
    dense, sparse = matrix.dense, matrix.sparse
    if sparse is not None and scale is None and _better_dense(sparse, dense.shape[1]):
        dense, sparse = np.hstack([dense, sparse.toarray()]), None
    share = weight / weight.sum()
    centre = share @ dense.astype(np.float64, copy=False) if dense.shape[1] else np.zeros(0)
    centred = dense - centre.astype(np.float32)
    axes = _principal_axes(centred, share)
    turned = np.empty((len(dense), 1 + axes.shape[1]), np.float32)
    turned[:, 0] = 1.0
    np.matmul(centred, axes.astype(np.float32), out=turned[:, 1:])
    return Design(turned, None if sparse is None else _both_ways(sparse, threads), centre, axes, scale)


def _both_ways(sparse: csr_array, threads: int) -> tuple[RowBlocks, RowBlocks]:
    return RowBlocks(sparse, threads), RowBlocks(csr_array(sparse.T.tocsr()), threads)


def _better_dense(sparse: csr_array, beside: int) -> bool:
    n, width = sparse.shape
    small = width + beside <= _ROTATED_WIDTH and n * (width + beside) * 4 <= _DENSE_BYTES
    return small and sparse.nnz >= _DENSE_SHARE * n * width


def _principal_axes(centred: Float32Array, share: FloatArray) -> FloatArray:
    """Directions (d, a) in which the rows spread; all columns as they are where there are too many to turn."""
    width = centred.shape[1]
    if width > _ROTATED_WIDTH:
        return np.eye(width)
    step = -(-len(centred) // _GRAM_ROWS)
    rows = centred[::step] * np.sqrt(share[::step, None]).astype(np.float32)
    if len(rows) < width:
        return _axes_of_few(rows.astype(np.float64))
    spread, axes = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    if step > 1 or not width:
        return axes
    found: FloatArray = axes[:, spread > _NO_SPREAD * spread[-1]]
    return found


def _axes_of_few(rows: FloatArray) -> FloatArray:
    """The same for fewer rows than columns, from the products of the rows."""
    spread, sides = np.linalg.eigh(rows @ rows.T)
    kept = spread > _NO_SPREAD * spread[-1]
    found: FloatArray = rows.T @ (sides[:, kept] / np.sqrt(spread[kept]))
    return found
