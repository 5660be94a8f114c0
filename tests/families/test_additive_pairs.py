"""The screening of pairs finds what two columns tell only together."""

import numpy as np
import pytest

from assay.families._additive_losses import aim_of
from assay.families._additive_pairs import screened
from assay.families._additive_terms import Cells
from tests.families.additive_cases import learning, matrix, odds

N = 4_000
X = [np.random.default_rng(seed).normal(size=N) for seed in range(5)]
CODES = np.random.default_rng(9).integers(1, 4, N)


def found(y, importance=(1.0,) * 6):
    asked = learning(matrix(*X, codes=[CODES]), y)
    aim = aim_of(asked)
    cells = Cells.of(asked.train, aim.weight)
    start = np.tile(aim.start(asked.task.prior(asked.y, asked.weight)), (len(asked.y), 1))
    return screened(aim, start, cells, np.array(importance))


@pytest.mark.parametrize("pair", [(1, 3), (2, 5)])
def test_the_pair_that_tells_most_comes_first(pair):
    second = np.where(CODES == 2, 1.0, -1.0) if pair[1] == 5 else np.sign(X[3])
    assert found(odds(1.5 * np.sign(X[pair[0]]) * second))[0] == pair


def test_it_serves_three_classes_and_numbers():
    product = X[0] * X[4]
    assert found(np.digitize(product, [-0.5, 0.5]))[0] == (0, 4)
    assert found(10 * product)[0] == (0, 4)


def test_pairs_of_noise_promise_little():
    assert len(found(odds(np.zeros(N)))) < 12


def test_columns_that_add_nothing_are_not_paired():
    names = {column for pair in found(odds(X[0] * X[1]), (1, 1, 0, 1, 1, 0)) for column in pair}
    assert names <= {0, 1, 3, 4}
    assert found(odds(X[0]), (1, 0, 0, 0, 0, 0)) == []
