"""Products of a sparse matrix on several threads: SciPy's run on one, and let others run beside it."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from assay.core.arrays import Float32Array

_WORTH_A_THREAD = 200_000


class RowBlocks:
    """A CSR matrix (n, s) float32 cut into blocks of rows, one for each thread; no product depends on how many.

    Attributes:
        matrix: The whole matrix; the blocks are views of it.
    """

    def __init__(self, matrix: csr_array, threads: int) -> None:
        self.matrix = matrix
        count = max(1, min(threads, matrix.nnz // _WORTH_A_THREAD))
        cuts = np.searchsorted(matrix.indptr, np.linspace(0, matrix.nnz, count + 1)[1:-1])
        self._cuts = [0, *map(int, cuts), int(matrix.shape[0])]
        self._blocks = [_rows(matrix, start, end) for start, end in pairwise(self._cuts)]
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def __matmul__(self, right: Float32Array) -> Float32Array:
        product: Float32Array
        if self._pool is None:
            product = self.matrix @ right
            return product
        product = np.empty((self.matrix.shape[0], *right.shape[1:]), np.float32)

        def fill(number: int) -> None:
            product[self._cuts[number] : self._cuts[number + 1]] = self._blocks[number] @ right

        list(self._pool.map(fill, range(len(self._blocks))))
        return product


def _rows(matrix: csr_array, start: int, end: int) -> csr_array:
    pointers = matrix.indptr[start : end + 1]
    part = slice(int(pointers[0]), int(pointers[-1]))
    shape = (end - start, int(matrix.shape[1]))
    return csr_array((matrix.data[part], matrix.indices[part], pointers - pointers[0]), shape=shape)
