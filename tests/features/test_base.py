"""The form that models read: rows of it, and how large it is."""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from assay.features._base import Matrix, Tokens

FULL = Matrix(
    dense=np.arange(8, dtype=np.float32).reshape(4, 2),
    codes=np.arange(4, dtype=np.int32)[:, None],
    sparse=csr_array(np.eye(4, 5, dtype=np.float32)),
    sizes=(4,),
    tokens=Tokens(np.arange(12, dtype=np.int32).reshape(4, 3), ("", "a"), 9),
    pictures=np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3, 1),
)
BARE = Matrix(np.zeros((4, 0), np.float32), np.zeros((4, 0), np.int32), None)


def test_rows_are_those_of_every_part_in_the_order_asked_for() -> None:
    index = np.array([3, 0, 3])
    some = FULL.rows(index)
    assert len(some) == 3
    np.testing.assert_array_equal(some.dense, FULL.dense[index])
    np.testing.assert_array_equal(some.codes, FULL.codes[index])
    assert some.sparse is not None and FULL.sparse is not None
    np.testing.assert_array_equal(some.sparse.toarray(), FULL.sparse.toarray()[index])
    assert some.tokens is not None and FULL.tokens is not None
    np.testing.assert_array_equal(some.tokens.ids, FULL.tokens.ids[index])
    assert (some.tokens.words, some.tokens.size, some.sizes) == (("", "a"), 9, (4,))
    np.testing.assert_array_equal(some.pictures, FULL.pictures[index])  # type: ignore[index]


def test_parts_that_are_not_there_stay_away() -> None:
    some = BARE.rows(np.array([1]))
    assert (len(some), some.sparse, some.tokens, some.pictures) == (1, None, None, None)
    assert len(FULL.rows(np.zeros(0, np.int64))) == 0


def test_nets_read_dense_columns_then_sparse_ones_with_their_zeros() -> None:
    np.testing.assert_array_equal(FULL.as_dense(), np.hstack([FULL.dense, np.eye(4, 5)]))
    assert (FULL.as_dense().dtype, BARE.as_dense().shape) == (np.float32, (4, 0))
    turned = replace(BARE, dense=np.asfortranarray(FULL.dense))  # torch would keep the order, and read it slowly
    assert turned.as_dense().flags.c_contiguous


def test_bytes_are_those_of_every_part() -> None:
    assert BARE.nbytes == 0
    assert replace(FULL, sparse=None).nbytes == 8 * 4 + 4 * 4 + 12 * 4 + 24
    assert FULL.sparse is not None
    held = sum(part.nbytes for part in (FULL.sparse.data, FULL.sparse.indices, FULL.sparse.indptr))
    assert FULL.nbytes == replace(FULL, sparse=None).nbytes + held
