"""Robust scaling: its formula, what becomes of narrow columns, gaps and far values."""

import numpy as np
import pytest

from assay.data.schema import Kind
from assay.features.robust import Robust
from tests.features.tables import blocks, table


def squashed(z):
    return z / np.sqrt(1 + (z / 3) ** 2)


def test_values_follow_the_formula():
    x = np.random.default_rng(0).lognormal(size=101)
    q25, middle, q75 = np.quantile(x, [0.25, 0.5, 0.75])
    (block,) = blocks(Robust(), table(Kind.NUMERIC, x=x))
    np.testing.assert_allclose(block[:, 0], squashed((x - middle) / (q75 - q25)), rtol=1e-6, atol=1e-7)


def test_where_the_quartiles_are_equal_the_range_takes_their_place():
    x = np.r_[np.zeros(20), 5.0]
    (block,) = blocks(Robust(), table(Kind.NUMERIC, x=x))
    np.testing.assert_allclose(block[:, 0], squashed(x * 2 / 5), rtol=1e-6)


def test_a_column_that_never_changes_is_zero_whatever_comes_later():
    block, later = blocks(Robust(), table(Kind.NUMERIC, x=[7.0] * 5), table(Kind.NUMERIC, x=[-1e9, 7.0, 1e9]))
    assert not block.any()
    assert not later.any()


def test_no_value_gets_beyond_three():
    _, later = blocks(Robust(), table(Kind.NUMERIC, x=range(9)), table(Kind.NUMERIC, x=[-1e300, 1e300]))
    assert later[:, 0].tolist() == pytest.approx([-3.0, 3.0])


def test_a_gap_is_zero_and_told_beside_the_columns_that_had_any():
    encoder = Robust()
    data = table(Kind.NUMERIC, full=[1, 2, 3, 4], gappy=[1, None, 3, 5])
    block, later = blocks(encoder, data, table(Kind.NUMERIC, full=[None], gappy=[None]))
    assert encoder.feature_names == ("full", "gappy", "gappy is missing")
    assert encoder.feature_sources == ("full", "gappy", "gappy")
    assert block[1, 1:].tolist() == [0, 1]
    assert block[:, 2].tolist() == [0, 1, 0, 0]
    assert later.tolist() == [[0, 0, 1]]


def test_quartiles_are_those_of_the_values_that_are_there():
    gappy, full = (blocks(Robust(), table(Kind.NUMERIC, x=x))[0][:4, 0] for x in ([1, 2, 4, 9, None], [1, 2, 4, 9]))
    assert gappy.tolist() == full.tolist()


def test_booleans_are_numbers():
    (block,) = blocks(Robust(), table(Kind.BOOLEAN, x=[False, True] * 4))
    np.testing.assert_allclose(block[:2, 0], squashed(np.array([-0.5, 0.5])), rtol=1e-6)
