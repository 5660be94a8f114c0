"""Tables over cells: what they add, purification that changes no sum, states that do not fit."""

import numpy as np
import pytest

from assay.core.errors import RunError
from assay.families._shapes import Grid, Shape, merged, purified
from tests.families.additive_cases import matrix

DRAW = np.random.default_rng(0)
GRID = Grid((np.array([0.0, 1.0]), np.array([5.0])), (3,))
NUMBERS = matrix([-1, 0.5, 2, np.nan], [4, 6, np.nan, 4], codes=[np.array([2, 1, 0, 1])])


def shapes():
    mass = [DRAW.integers(1, 9, cells).astype(float) for cells in (4, 3, 3)]
    singles = [Shape((at,), DRAW.normal(size=(len(own), 2)), own) for at, own in enumerate(mass)]
    coarse = (np.array([0, 0, 1, 2]), np.array([0, 1, 1]))
    return [*singles, Shape((0, 2), DRAW.normal(size=(3, 2, 2)), DRAW.uniform(1, 9, (3, 2)), coarse)]


def test_rows_are_located_by_value_gap_and_code():
    assert [cells.tolist() for cells in GRID.located(NUMBERS)] == [[0, 1, 2, 3], [0, 1, 2, 0], [2, 1, 0, 1]]
    assert [GRID.cells(column) for column in range(len(GRID))] == [4, 3, 3]


def test_a_pair_adds_what_stands_in_its_coarse_cell():
    pair = shapes()[3]
    added = pair.added(GRID.located(NUMBERS))
    assert np.array_equal(added, pair.table[[0, 0, 1, 2], [1, 1, 0, 1]])


def test_purifying_changes_no_sum_and_frees_pairs_of_single_effects():
    given, start = shapes(), np.array([0.3, -1.0])
    intercept, found = purified(start, given)
    cells = GRID.located(NUMBERS)
    before, after = (
        first + sum(shape.added(cells) for shape in several) for first, several in ((start, given), (intercept, found))
    )
    np.testing.assert_allclose(before, after, atol=1e-12)
    *singles, pair = found
    for shape in singles:
        np.testing.assert_allclose(shape.mass @ shape.table, 0, atol=1e-9)
    np.testing.assert_allclose(np.einsum("ab,abc->bc", pair.mass, pair.table), 0, atol=1e-6)
    np.testing.assert_allclose(np.einsum("ab,abc->ac", pair.mass, pair.table), 0, atol=1e-4)


def test_merging_leaves_one_shape_for_the_same_columns_and_no_other_sum():
    given, cells = [*shapes(), *shapes()[:2]], GRID.located(NUMBERS)
    found = merged(given)
    assert [shape.columns for shape in found] == [(0,), (1,), (2,), (0, 2)]
    before, after = (sum(shape.added(cells) for shape in several) for several in (given, found))
    np.testing.assert_allclose(before, after, atol=1e-12)


def test_importance_is_the_mean_size_of_what_is_added():
    assert Shape((0,), np.array([[1.0], [-3.0]]), np.array([3.0, 1.0])).importance == pytest.approx(1.5)


def test_states_come_back_and_those_that_do_not_fit_are_refused():
    for shape in shapes():
        again = Shape.from_state(shape.state(), GRID, 2)
        assert np.array_equal(again.table, shape.table)
        with pytest.raises(RunError, match="a table"):
            Shape.from_state(shape.state(), GRID, 3)
        with pytest.raises(RunError, match="a shape of the columns"):
            Shape.from_state({**shape.state(), "columns": [7]}, GRID, 2)
    pair = shapes()[3]
    for wrong in ([pair.coarse[0]], [pair.coarse[0], pair.coarse[1] + 5], [pair.coarse[0], pair.coarse[1] - 1]):
        with pytest.raises(RunError, match="a table"):
            Shape.from_state({**pair.state(), "coarse": wrong}, GRID, 2)
