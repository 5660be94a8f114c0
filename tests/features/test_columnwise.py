"""Columns as one array of numbers: dates as seconds, gaps as NaN, nothing beyond float32."""

from datetime import datetime

import numpy as np

from assay.data.schema import Kind
from assay.features._base import every_row
from assay.features._columnwise import gap_names, gap_sources, stacked, with_gaps
from tests.features.tables import table

LARGEST = float(np.finfo(np.float32).max)


def test_columns_stand_in_the_order_asked_for():
    data = table(Kind.NUMERIC, a=[1, 2, 3], b=[4, None, 6])
    assert stacked(data, ["b", "a"], np.array([2, 0])).tolist() == [[6, 3], [4, 1]]
    assert np.isnan(stacked(data, ["b"], np.array([1]))).all()


def test_dates_are_seconds_and_booleans_ones():
    dates = table(Kind.DATETIME, x=[datetime(1970, 1, 2), datetime(1969, 12, 31, 23, 59, 59, 500_000), None])
    np.testing.assert_equal(stacked(dates, ["x"], every_row(dates)).ravel(), [86_400, -0.5, np.nan])
    flags = table(Kind.BOOLEAN, x=[True, False, None])
    np.testing.assert_equal(stacked(flags, ["x"], every_row(flags)).ravel(), [1, 0, np.nan])


def test_numbers_too_large_for_float32_become_its_largest():
    data = table(Kind.NUMERIC, x=[1e300, -1e300])
    assert stacked(data, ["x"], every_row(data)).ravel().tolist() == [LARGEST, -LARGEST]


def test_columns_are_stacked_once_for_all_folds():
    data = table(Kind.NUMERIC, x=range(5))
    stacked(data, ["x"], np.array([0]))
    assert stacked(data, ["x"], np.array([1, 2])).tolist() == [[1], [2]]
    assert len([key for key in data._kept if key[0] == "stacked"]) == 1


def test_the_only_row_may_be_asked_for_more_than_once():
    assert stacked(table(Kind.NUMERIC, x=[7]), ["x"], np.array([0, 0])).ravel().tolist() == [7, 7]


def test_gaps_become_zero_and_an_indicator_for_the_gappy_columns():
    values, missing = np.array([[np.nan, 1], [2, np.nan]]), np.array([[True, False], [False, True]])
    block = with_gaps(values, missing, np.array([1]))
    assert block.dtype == np.float32
    assert block.tolist() == [[0, 1, 0], [2, 0, 1]]
    assert with_gaps(values, missing, np.zeros(0, np.int64)).tolist() == [[0, 1], [2, 0]]


def test_an_indicator_is_named_after_its_column():
    assert gap_names(("a", "b"), np.array([1])) == ("a", "b", "b is missing")
    assert gap_sources(("a", "b"), np.array([1])) == ("a", "b", "b")
