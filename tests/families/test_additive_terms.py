"""Cells of columns and what can be learned over them."""

import numpy as np
import pytest

from assay.families._additive_terms import Cells, pair, single
from tests.families.additive_cases import matrix

N = 2_000
DRAW = np.random.default_rng(0)
X = DRAW.normal(size=N)
DAYS = DRAW.integers(0, 40, N).astype(float)
FLAG = (X > 0).astype(float)
GAPPY = np.where(np.arange(N) % 5 == 0, np.nan, X)
CODES = DRAW.choice([0, 1, 2, 3], N, p=[0.0, 0.6, 0.3, 0.1])


@pytest.fixture(scope="module")
def cells():
    return Cells.of(matrix(X, DAYS, FLAG, GAPPY, np.full(N, 7.0), codes=[CODES]), np.ones(N))


def test_cells_hold_like_numbers_of_rows_in_the_order_of_values(cells):
    assert cells.grid.cells(0) == 501
    inside = cells.mass[0][:-1]
    assert inside.max() <= 2 * inside.min() + 2
    assert (np.diff(X[np.argsort(cells.rows[0], kind="stable")].reshape(-1, N // 10).mean(axis=1)) > 0).all()


def test_each_of_few_values_has_its_cell_and_gaps_have_the_last(cells):
    assert cells.grid.cells(1) == 41
    assert (np.unique(DAYS)[cells.rows[1]] == DAYS).all()
    assert ((cells.rows[3] == cells.grid.cells(3) - 1) == np.isnan(GAPPY)).all()
    assert cells.mass[5].tolist() == np.bincount(CODES).tolist()
    assert cells.atoms[1][:-1].all()
    assert not cells.atoms[0].all()


@pytest.mark.parametrize("column", [0, 1, 2, 3, 5])
def test_every_function_of_a_column_is_zero_on_average(cells, column):
    term = single(cells, column, 12, 60)
    np.testing.assert_allclose(cells.mass[column] @ term.basis, 0, atol=1e-8)
    assert len(term.groups) == term.basis.shape[1] <= 60


def test_a_number_has_a_line_curves_by_falling_size_and_steps_for_common_values(cells):
    term = single(cells, 1, 12, 60)
    spread = np.sqrt(cells.mass[1] @ term.basis**2 / N)
    line, curves = spread[term.groups == 0], spread[term.groups == 1]
    assert line.tolist() == pytest.approx([1.0])
    assert curves[0] == pytest.approx(1.0, rel=0.01)
    assert (np.diff(curves) < 0).all()
    assert (term.groups == 2).sum() == 40
    assert (single(cells, 0, 12, 60).groups == 2).sum() == 0
    assert (single(cells, 3, 12, 60).groups == 2).sum() == 1


def test_a_column_of_one_value_gives_nothing(cells):
    assert single(cells, 4, 12, 60) is None


def test_a_flag_is_a_line_and_a_category_an_effect_for_each_code(cells):
    assert single(cells, 2, 12, 60).groups.tolist() == [0]
    assert single(cells, 5, 12, 60).basis.shape == (4, 4)
    assert not single(cells, 5, 12, 60).basis[0].any()  # a code that no row had adds nothing


def test_coarser_cells_are_in_order_and_hold_like_numbers(cells):
    coarse = cells.coarser(0, 9)
    assert (np.diff(coarse) >= 0).all()
    sizes = np.bincount(coarse, cells.mass[0])
    assert len(sizes) == 9
    assert sizes[:-1].min() > 0.8 * N / 8
    assert cells.coarser(5, 3).tolist() == [2, 0, 1, 2]


def test_a_pair_has_products_that_are_zero_on_average(cells):
    term = pair(cells, 0, 5, 4)
    assert term.basis.shape[1] == 4 * 4
    rows = term.located(cells.rows)
    np.testing.assert_allclose(term.basis[rows].mean(axis=0), 0, atol=1e-8)
    for number in (0, 77):
        first, second = (own[cells.rows[column][number]] for column, own in zip((0, 5), term.coarse, strict=True))
        assert rows[number] == first * (term.coarse[1].max() + 1) + second
