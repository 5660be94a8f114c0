import numpy as np
from scipy.sparse import csr_array

from assay.families._design import make_design
from tests.families.linear_cases import matrix, rows, words


def test_forward_and_weights_give_the_same_scores():
    wide, y = words()
    block = matrix(dense=rows(n=len(y))[0], sparse=wide)
    scale = np.random.default_rng(2).uniform(0.5, 2, (wide.shape[1], 3)).astype(np.float32)
    design = make_design(block, np.ones(len(y)), scale=scale)
    solution = np.random.default_rng(3).normal(size=(design.width, 3)).astype(np.float32)
    np.testing.assert_allclose(design.forward(solution), design.weights(solution).scores(block), atol=6e-3)


def test_weights_of_words_are_short_numbers_and_those_of_numbers_are_not():
    wide, y = words()
    ones = np.ones((wide.shape[1], 3), np.float32)  # a scale keeps the columns sparse
    design = make_design(matrix(dense=rows(n=len(y))[0], sparse=wide), np.ones(len(y)), scale=ones)
    solution = np.random.default_rng(3).normal(size=(design.width, 3)).astype(np.float32)
    columns = design.weights(solution).columns
    plain, short = columns[: -wide.shape[1]], columns[-wide.shape[1] :]
    step = 2.0 ** np.floor(np.log2(np.abs(short).max()) - 11)
    assert (short % step == 0).all() and not (plain % step == 0).all()
    np.testing.assert_allclose(short, solution[-wide.shape[1] :], atol=step / 2)
    assert not design.weights(np.zeros_like(solution)).columns.any()


def test_backward_is_the_transpose_of_forward():
    wide, y = words()
    scale = np.random.default_rng(2).uniform(0.5, 2, (wide.shape[1], 3)).astype(np.float32)
    design = make_design(matrix(dense=rows(n=len(y))[0], sparse=wide), np.ones(len(y)), scale=scale)
    random = np.random.default_rng(3)
    solution = random.normal(size=(design.width, 3)).astype(np.float32)
    residual = random.normal(size=(len(y), 3)).astype(np.float32)
    left, right = np.vdot(design.forward(solution), residual), np.vdot(solution, design.backward(residual))
    np.testing.assert_allclose(left, right, rtol=1e-3)


def test_turned_columns_are_centred_and_uncorrelated():
    X, y = rows()
    weight = np.random.default_rng(1).uniform(0.1, 2, len(y))
    turned = make_design(matrix(dense=X), weight).dense[:, 1:]
    share = weight / weight.sum()
    np.testing.assert_allclose(share @ turned, 0, atol=1e-5)
    spread = (turned * share[:, None]).T @ turned
    np.testing.assert_allclose(spread - np.diag(np.diag(spread)), 0, atol=1e-4 * spread.max())


def test_few_full_sparse_columns_become_dense_and_wide_ones_do_not():
    full, wide = csr_array(np.eye(20, dtype=np.float32)), csr_array((50, 200_000), dtype=np.float32)
    assert make_design(matrix(sparse=full), np.ones(20)).sparse is None
    assert make_design(matrix(sparse=wide), np.ones(50)).sparse is not None


def test_too_many_columns_to_turn_are_left_as_they_are():
    X = np.random.default_rng(0).normal(size=(30, 1_200))
    design = make_design(matrix(dense=X), np.ones(30))
    np.testing.assert_allclose(design.dense[:, 1:], X - X.mean(axis=0), atol=1e-5)


def test_fewer_rows_than_columns_lose_nothing():
    X = np.random.default_rng(0).normal(size=(20, 60)).astype(np.float32)
    design = make_design(matrix(dense=X), np.ones(20))
    assert design.axes.shape == (60, 19)
    np.testing.assert_allclose(design.axes.T @ design.axes, np.eye(19), atol=1e-4)
    centred = X - X.mean(axis=0)
    np.testing.assert_allclose(design.dense[:, 1:] @ design.axes.T, centred, atol=1e-4)
