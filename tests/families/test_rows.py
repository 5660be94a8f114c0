import numpy as np
import pytest
from scipy.sparse import random_array

from assay.families._rows import RowBlocks


@pytest.mark.parametrize("k", [1, 7])
def test_products_do_not_depend_on_the_number_of_threads(k):
    matrix = random_array((3_001, 400), density=0.5, format="csr", dtype=np.float32, rng=0)
    right = np.random.default_rng(0).normal(size=(400, k)).astype(np.float32)
    alone = RowBlocks(matrix, 1) @ right
    np.testing.assert_array_equal(RowBlocks(matrix, 2) @ right, alone)
    np.testing.assert_array_equal(RowBlocks(matrix, 3) @ right, alone)


def test_a_matrix_without_values():
    matrix = random_array((5, 3), density=0.0, format="csr", dtype=np.float32)
    assert (RowBlocks(matrix, 4) @ np.ones((3, 2), np.float32)).tolist() == [[0, 0]] * 5
