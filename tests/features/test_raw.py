"""Values as they are."""

from datetime import datetime

import numpy as np

from assay.data.schema import Kind
from assay.features.raw import Raw
from tests.features.tables import blocks, table


def test_numbers_stay_as_they_are_and_gaps_stay_gaps():
    (block,) = blocks(Raw(), table(Kind.NUMERIC, x=[1.5, None, -3], y=[0, 2, 1e9]))
    assert block.dtype == np.float32
    np.testing.assert_equal(block, np.array([[1.5, 0], [np.nan, 2], [-3, 1e9]], np.float32))


def test_booleans_are_zero_and_one():
    (block,) = blocks(Raw(), table(Kind.BOOLEAN, x=[True, None, False]))
    np.testing.assert_equal(block.ravel(), [1, np.nan, 0])


def test_dates_are_seconds_since_1970():
    (block,) = blocks(Raw(), table(Kind.DATETIME, x=[datetime(1970, 1, 1, 1), None]))
    np.testing.assert_equal(block.ravel(), [3_600, np.nan])


def test_a_feature_is_called_like_its_column():
    encoder = Raw()
    blocks(encoder, table(Kind.NUMERIC, height=[1, 2], width=[3, 4]))
    assert encoder.feature_names == encoder.feature_sources == ("height", "width")
