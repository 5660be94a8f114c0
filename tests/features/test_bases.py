"""Bases of curves: against SciPy, their sums, their smoothness at knots, and what they do beyond the outer ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline, CubicSpline

from assay.features._bases import BASES, b_spline, bins, natural, piecewise_linear, quantile_knots, truncated_power

KNOTS = np.array([0.0, 0.7, 1.0, 2.5, 4.0])
CUBIC = [b_spline, natural, truncated_power]
STEP = 1e-4


def derivative(basis, at, order):
    """By central differences of second order, from both sides of a place apart."""
    shares = {0: (0, 1, 0), 1: (-0.5 / STEP, 0, 0.5 / STEP), 2: (STEP**-2, -2 * STEP**-2, STEP**-2)}[order]
    return np.array(shares) @ basis(at + STEP * np.array([-1.0, 0.0, 1.0]), KNOTS, 3)


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("basis", CUBIC, ids=lambda basis: basis.__name__)
def test_cubic_pieces_meet_in_value_slope_and_bend(basis, order):
    for knot in KNOTS[1:-1]:
        before, after = (derivative(basis, knot + side * 3 * STEP, order) for side in (-1, 1))
        np.testing.assert_allclose(before, after, atol=2e-2)


@pytest.mark.parametrize("basis", CUBIC, ids=lambda basis: basis.__name__)
def test_pieces_differ_so_the_third_derivative_jumps_at_a_knot(basis):
    x = KNOTS[2] + 0.02 * np.arange(-3, 4)
    left, right = (np.diff(basis(part, KNOTS, 3), 3, axis=0) for part in (x[:4], x[3:]))
    assert (np.abs(right - left).max() > 0.1 * np.abs(left).max()) and np.abs(right - left).max() > 1e-8


@given(st.lists(st.floats(-5, 9, allow_subnormal=False), min_size=1, max_size=30), st.integers(1, 5))
def test_b_splines_are_positive_and_sum_to_one(values, degree):
    found = b_spline(np.array(values), KNOTS, degree)
    assert found.shape == (len(values), len(KNOTS) - 1 + degree)
    assert (found >= -1e-12).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_b_splines_are_those_of_scipy(degree):
    x = np.linspace(0, 3.999, 50)
    padded = np.r_[[KNOTS[0]] * degree, KNOTS, [KNOTS[-1]] * degree]
    expected = BSpline.design_matrix(x, padded, degree).toarray()
    np.testing.assert_allclose(b_spline(x, KNOTS, degree), expected, atol=1e-12)


def test_natural_splines_hold_the_natural_interpolant_and_are_straight_beyond():
    y = np.array([1.0, -2.0, 0.5, 3.0, 1.0])
    block = np.column_stack([np.ones(5), natural(KNOTS, KNOTS)])
    weights = np.linalg.solve(block, y)
    x = np.linspace(0, 4, 41)
    expected = CubicSpline(KNOTS, y, bc_type="natural")(x)
    np.testing.assert_allclose(weights[0] + natural(x, KNOTS) @ weights[1:], expected, atol=1e-9)
    for tail in (np.linspace(-9, 0, 10), np.linspace(4, 30, 10)):
        np.testing.assert_allclose(np.diff(natural(tail, KNOTS), 2, axis=0), 0, atol=1e-6)


def test_pieces_are_counted_and_go_from_nothing_to_all():
    x = np.array([-1.0, 0.0, 0.35, 1.0, 4.0, 9.0])
    assert bins(x, KNOTS).argmax(axis=1).tolist() == [0, 0, 0, 2, 3, 3]
    assert piecewise_linear(x, KNOTS).sum(axis=1).tolist() == pytest.approx([0, 0, 0.5, 2, 4, 4])


@pytest.mark.parametrize("basis", [name for name in BASES if name != "natural"])
def test_beyond_the_outer_knots_all_but_natural_splines_stay_as_they_are(basis):
    ends = BASES[basis](np.array([0.0, 4.0]), KNOTS, 3)
    np.testing.assert_allclose(BASES[basis](np.array([-7.0, 80.0]), KNOTS, 3), ends)


@pytest.mark.parametrize(("basis", "degree"), [("polynomial", 2), ("truncated_power", 2), ("b_spline", 2)])
def test_a_parabola_is_one_of_their_sums(basis, degree):
    x = np.linspace(0, 4, 30)
    block = np.column_stack([np.ones(30), BASES[basis](x, KNOTS, degree)])
    residual = (x - 1.3) ** 2 - block @ np.linalg.lstsq(block, (x - 1.3) ** 2, rcond=None)[0]
    assert np.abs(residual).max() < 1e-9


def test_knots_are_quantiles_or_the_values_themselves():
    assert quantile_knots(np.arange(101.0), 5).tolist() == [0, 25, 50, 75, 100]
    assert quantile_knots(np.array([3.0, 1.0, 3.0]), 5).tolist() == [1, 3]
    assert quantile_knots(np.array([2.0, 2.0]), 5).tolist() == [2]
    assert quantile_knots(np.zeros(0), 5).tolist() == []


def test_where_most_values_are_equal_knots_are_spread_over_the_others():
    values = np.r_[np.zeros(90), np.arange(1.0, 11)]
    assert quantile_knots(values, 6).tolist() == pytest.approx([0, 2, 4, 6, 8, 10])


@settings(max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(2, 12))
def test_knots_ascend_and_span_the_values(values, count):
    knots = quantile_knots(np.array(values), count)
    assert len(knots) <= count
    assert (np.diff(knots) > 0).all()
    assert (knots[0], knots[-1]) == (min(values), max(values))
