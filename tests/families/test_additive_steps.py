"""Trees that read one column or a pair are the tables that they become."""

import numpy as np
import pytest

from assay.core.clock import Deadline
from assay.families._additive_losses import aim_of
from assay.families._additive_steps import Trees, telling_pairs
from assay.families._additive_terms import Cells
from tests.families.additive_cases import learning, matrix, odds

N = 1_200
X, Z, W = (np.random.default_rng(seed).normal(size=N) for seed in (1, 2, 3))
CODES = np.random.default_rng(9).integers(1, 40, N)
GAPPY = np.where(np.arange(N) % 7 == 0, np.nan, W)
TRUTH = np.sign(X * Z) + (CODES % 3 == 0) + 2 * np.isnan(GAPPY)


def grown(y, sets, rounds=30, seed=0):
    asked = learning(matrix(X, Z, GAPPY, codes=[CODES]), y)
    aim = aim_of(asked)
    cells = Cells.of(asked.train, aim.weight)
    start = np.tile(aim.start(asked.task.prior(asked.y, asked.weight)), (len(asked.y), 1))
    trees = Trees(aim, cells, start, sets, rate=0.1, seed=seed)
    trees.grow(rounds)
    return asked, cells, trees, start


TARGETS = {"classes": odds(TRUTH), "three": np.digitize(TRUTH, [0.0, 1.5]), "numbers": TRUTH + 0.1 * W}


@pytest.mark.parametrize("sets", [[(0,), (1,), (2,), (3,)], [(0, 1), (0, 3), (2, 3)]])
@pytest.mark.parametrize("target", TARGETS)
def test_tables_add_what_the_trees_add(target, sets):
    asked, cells, trees, _ = grown(TARGETS[target], sets)
    rows = cells.grid.located(asked.valid)
    added = sum(shape.added(rows) for shape in trees.shapes(30))
    np.testing.assert_allclose(added, trees.added(rows, 0, 30), rtol=0, atol=1e-6)
    assert np.abs(added).max() > 0.1


def test_shapes_read_nothing_but_the_sets():
    _, _, trees, _ = grown(TARGETS["classes"], [(0, 1), (0, 3)])
    assert {shape.columns for shape in trees.shapes(30)} <= {(0,), (1,), (3,), (0, 1), (0, 3)}


def test_they_make_the_loss_smaller():
    _, cells, trees, start = grown(TARGETS["classes"], [(0, 1)])
    assert trees.aim.loss(start + trees.added(cells.rows, 0, 30)) < 0.95 * trees.aim.loss(start)


def test_the_same_seed_grows_the_same_trees_and_fewer_are_their_beginning():
    tables = [[s.table for s in grown(TARGETS["classes"], [(0,), (2,)], n)[2].shapes(10)] for n in (10, 20)]
    assert all(np.array_equal(one, other) for one, other in zip(*tables, strict=True))


def test_the_pair_that_tells_most_comes_first():
    _, cells, trees, start = grown(TARGETS["classes"], [(0,), (1,), (2,), (3,)])
    start = start + trees.added(cells.rows, 0, 30)
    given = trees.aim, cells, start
    assert telling_pairs(given, [0, 1, 2, 3], 0, Deadline())[0] == (0, 1)
    assert telling_pairs(given, [0], 0, Deadline()) == []
    assert telling_pairs(given, [0, 1, 2, 3], 0, Deadline.after(0.0)) == []
