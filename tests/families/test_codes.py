"""Codes of classes: their sizes, their sides, and how far apart their rows are."""

from itertools import combinations

import numpy as np
import pytest

from assay.core.arrays import AnyArray
from assay.families import _codes as codes
from assay.families._bch import best_code

MADE = {
    "one vs rest": codes.one_vs_rest,
    "one vs one": codes.one_vs_one,
    "exhaustive": lambda k: codes.exhaustive(min(k, 8)),
    "dense": lambda k: codes.dense(k, 3),
    "sparse": lambda k: codes.sparse(k, 3),
    "bch": lambda k: codes.bch(k, 3),
}


def nearest(code: AnyArray) -> float:
    return min(float(((1 - one * two) / 2).sum()) for one, two in combinations(code.astype(int), 2))


def problems(code: AnyArray) -> int:
    """How many columns differ in more than which side is called which."""
    return len({max(column.tobytes(), (-column).tobytes()) for column in code.T})


@pytest.mark.parametrize("k", [2, 3, 5, 11, 26])
@pytest.mark.parametrize("name", MADE)
def test_every_column_has_two_sides_and_no_two_classes_are_the_same(name: str, k: int) -> None:
    code = MADE[name](k)
    assert code.dtype == np.int8
    assert set(np.unique(code)) <= {-1, 0, 1}
    assert (code.max(axis=0) == 1).all()
    assert (code.min(axis=0) == -1).all()
    assert len(np.unique(code, axis=0)) == len(code)


@pytest.mark.parametrize("k", [2, 3, 4, 7])
def test_an_exhaustive_code_has_every_problem_once(k: int) -> None:
    code = codes.exhaustive(k)
    assert code.shape == (k, 2 ** (k - 1) - 1)
    assert problems(code) == code.shape[1]
    assert {float(((1 - one * two) / 2).sum()) for one, two in combinations(code.astype(int), 2)} == {2 ** (k - 2)}


def test_one_vs_one_has_every_pair_once() -> None:
    code = codes.one_vs_one(5)
    pairs = {(int(np.argmin(column)), int(np.argmax(column))) for column in code.T}
    assert pairs == set(combinations(range(5), 2))
    assert (np.abs(code).sum(axis=0) == 2).all()


@pytest.mark.parametrize("k", [5, 8, 11, 26])
def test_rows_of_a_bch_code_keep_the_designed_distance(k: int) -> None:
    code = codes.bch(k, 0)
    assert nearest(code) >= best_code(int(np.ceil(np.log2(k)))).distance
    assert code.shape[1] <= codes.n_bch(k)


@pytest.mark.parametrize("k", [3, 4, 11, 26])
def test_random_codes_have_as_many_different_problems_as_they_say(k: int) -> None:
    for made, count in ((codes.dense(k, 1), codes.n_dense(k)), (codes.sparse(k, 1), codes.n_sparse(k))):
        assert problems(made) == made.shape[1] == count


def test_rows_of_a_random_code_are_further_apart_than_those_of_one_draw() -> None:
    draw = np.random.default_rng(0)
    single = [nearest(draw.choice([-1, 1], (26, codes.n_dense(26)))) for _ in range(20)]
    assert nearest(codes.dense(26, 0)) > np.mean(single) + 2


def test_a_seed_decides_a_random_code() -> None:
    assert np.array_equal(codes.sparse(9, 4), codes.sparse(9, 4))
    assert not np.array_equal(codes.sparse(9, 4), codes.sparse(9, 5))


def test_distances_count_a_zero_one_half() -> None:
    found = codes.distances(np.array([[1, 1, 0], [1, -1, 1], [-1, -1, -1]], np.int8))
    assert found.tolist() == [[0.0, 1.5, 2.5], [1.5, 0.0, 2.0], [2.5, 2.0, 0.0]]
