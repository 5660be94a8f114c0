"""Pictures as they come, one column or several."""

import numpy as np
import polars as pl
import pytest

from assay.core.errors import RunError
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema
from assay.features._base import Target
from assay.features.pictures import Pictures

DRAW = np.random.default_rng(0)
GREY, COLOUR = (DRAW.integers(0, 256, (5, 4, 6, channels)).astype(np.uint8) for channels in (1, 3))


def data(**columns: np.ndarray) -> Dataset:
    schema = Schema(
        tuple(Column(name, Kind.PICTURE, Role.FEATURE, "", given.shape[1:]) for name, given in columns.items())
    )
    return Dataset(pl.DataFrame([pl.Series(name, given) for name, given in columns.items()]), schema)


def fitted(given: Dataset, *columns: str) -> Pictures:
    return Pictures().fit(given, columns, np.arange(3), Target(np.zeros(5, np.int64), 2))


def test_rows_come_as_their_pixels_in_the_order_asked_for() -> None:
    given = data(eye=COLOUR)
    found = fitted(given, "eye").transform(given, np.array([4, 0, 4]))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, COLOUR[[4, 0, 4]])


def test_columns_of_one_size_lie_behind_each_other_as_channels() -> None:
    given = data(eye=COLOUR, other=GREY)
    found = fitted(given, "other", "eye").transform(given, np.arange(5))
    np.testing.assert_array_equal(found, np.concatenate([GREY, COLOUR], axis=3))


def test_no_rows_give_no_pictures() -> None:
    given = data(eye=COLOUR)
    assert fitted(given, "eye").transform(given, np.zeros(0, np.int64)).shape == (0, 4, 6, 3)


def test_a_missing_picture_gives_pixels_all_the_same() -> None:
    table = pl.DataFrame([pl.Series("eye", [GREY[0], None, GREY[2]], pl.Array(pl.UInt8, (4, 6, 1)))])
    given = Dataset(table, Schema((Column("eye", Kind.PICTURE, Role.FEATURE, "", (4, 6, 1)),)))
    found = (
        Pictures().fit(given, ["eye"], np.arange(3), Target(np.zeros(3, np.int64), 2)).transform(given, np.arange(3))
    )
    np.testing.assert_array_equal(found[[0, 2]], GREY[[0, 2]])
    assert len(np.unique(found[1])) == 1


def test_it_names_its_columns_and_is_read_back() -> None:
    given = data(eye=COLOUR, other=GREY)
    one = fitted(given, "eye", "other")
    two = Pictures.from_state(one.state())
    assert two.feature_names == two.feature_sources == ("eye", "other")
    np.testing.assert_array_equal(one.transform(given, np.arange(5)), two.transform(given, np.arange(5)))


def test_a_damaged_state_is_refused() -> None:
    with pytest.raises(RunError, match="'columns' holds something else than texts"):
        Pictures.from_state({"columns": [1]})
