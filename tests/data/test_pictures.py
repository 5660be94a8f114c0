"""Columns of pictures: in one shape, for training and for prediction."""

from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from assay.core.errors import DataError
from assay.data._pictures import as_pixels, found_pictures, holds_pictures, is_record, plain_cells, without_pixels
from assay.data.schema import Kind, Role

DRAW = np.random.default_rng(0)
FILES = pl.Struct({"bytes": pl.Binary, "path": pl.String})


def file(width: int = 6, height: int = 4, mode: str = "RGB") -> bytes:
    shape = (height, width) if mode == "L" else (height, width, 3)
    stream = BytesIO()
    Image.fromarray(DRAW.integers(0, 256, shape).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def column(*cells: Any) -> pl.Series:
    return pl.Series("picture", cells, dtype=pl.Binary)


def records(*cells: tuple[bytes | None, str | None]) -> pl.Series:
    return pl.Series("picture", [{"bytes": cell, "path": path} for cell, path in cells], dtype=FILES)


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        (column(None, b"text", file()), True),
        (column(b"text", None), False),
        (records((None, "a.png")), True),
        (pl.Series([{"bytes": b"x"}], dtype=pl.Struct({"bytes": pl.Binary})), True),
        (pl.Series([{"bytes": b"x", "path": None}]), True),
        (pl.Series([{"bytes": None, "path": "a.png"}]), True),
        (pl.Series([{"path": "x"}]), False),
        (pl.Series([{"bytes": 1, "path": "x"}]), False),
        (pl.Series(np.zeros((2, 3, 4), np.uint8)), True),
        (pl.Series(np.zeros((2, 3, 4, 3), np.float32)), True),
        (pl.Series(np.zeros((2, 3))), False),
        (pl.Series(["a.png"]), False),
    ],
)
def test_pictures_are_recognised(values: pl.Series, holds: bool) -> None:
    assert holds_pictures(values) == holds


@pytest.mark.parametrize(
    ("cells", "side", "shape", "reason"),
    [
        ([(32, 32, "RGB")] * 2, None, (32, 32, 3), "colour pictures of 32 by 32"),
        ([(20, 28, "L")], None, (28, 20, 1), "grey pictures of 20 by 28"),
        ([(20, 28, "L"), (20, 28, "RGB")], None, (28, 20, 3), "grey and colour pictures of 20 by 28, taken as colour"),
        ([(128, 96, "RGB")], None, (48, 64, 3), "colour pictures of 128 by 96, taken as 64 by 48"),
        (
            [(10, 10, "L"), (14, 12, "L"), (16, 30, "L")],
            None,
            (12, 14, 1),
            "grey pictures of 3 sizes, taken as 14 by 12",
        ),
        (
            [(75, 100, "RGB"), (75, 100, "L"), (80, 90, "RGB")],
            None,
            (64, 48, 3),
            "grey and colour pictures of 2 sizes, taken as colour of 48 by 64",
        ),
        ([(32, 16, "RGB")], 8, (4, 8, 3), "colour pictures of 32 by 16, taken as 8 by 4"),
        ([(8, 8, "L")], 100, (100, 100, 1), "grey pictures of 8 by 8, taken as 100 by 100"),
    ],
)
def test_one_shape_for_all(
    cells: list[tuple[int, int, str]], side: int | None, shape: tuple[int, ...], reason: str
) -> None:
    found, values = found_pictures(column(*(file(*cell) for cell in cells)), None, side)
    assert (found.kind, found.role, found.shape, found.reason) == (Kind.PICTURE, Role.FEATURE, shape, reason)
    assert values.dtype == pl.Array(pl.UInt8, shape)


@pytest.mark.parametrize("side", [None, 5, 80])
def test_new_rows_get_the_same_pixels_as_in_training(side: int | None) -> None:
    values = column(*(file(size, size + 7) for size in (20, 60, 70, 200)))
    found, pixels = found_pictures(values, None, side)
    assert as_pixels(values, found.shape).equals(pixels)
    assert as_pixels(values[1:3], found.shape).equals(pixels[1:3])


def test_missing_pictures_stay_missing() -> None:
    for values in (column(file(), None, file()), records((file(), "a"), (None, None), (file(), "b"))):
        found, pixels = found_pictures(values, None, None)
        assert pixels.is_null().to_list() == [False, True, False]
        assert as_pixels(values, found.shape).is_null().to_list() == [False, True, False]
    nothing = as_pixels(column(None, None), (2, 2, 1))
    assert (nothing.dtype, nothing.null_count()) == (pl.Array(pl.UInt8, (2, 2, 1)), 2)
    assert found_pictures(column(None), None, None)[0].kind is Kind.CONSTANT


def test_arrays_of_pixels() -> None:
    stack = DRAW.integers(0, 256, (3, 5, 7)).astype(np.uint8)
    found, pixels = found_pictures(pl.Series("picture", stack), None, None)
    assert (found.shape, found.reason) == ((5, 7, 1), "grey pictures of 7 by 5")
    np.testing.assert_array_equal(pixels.to_numpy()[:, :, :, 0], stack)
    gaps = pl.Series("picture", [stack[0].tolist(), None], dtype=pl.Array(pl.UInt8, (5, 7)))
    np.testing.assert_array_equal(found_pictures(gaps, None, None)[1].drop_nulls().to_numpy()[0, :, :, 0], stack[0])
    layers, _ = found_pictures(pl.Series("picture", np.zeros((2, 80, 80, 4))), None, None)
    assert (layers.shape, layers.reason) == ((64, 64, 4), "pictures of 80 by 80 and 4 channels, taken as 64 by 64")


def test_a_model_of_colour_reads_grey_arrays_and_one_of_files_reads_arrays() -> None:
    grey = pl.Series("picture", np.full((1, 4, 4), 9, np.uint8))
    assert as_pixels(grey, (2, 2, 3)).to_numpy().tolist() == [[[[9] * 3] * 2] * 2]


@pytest.mark.parametrize("found", [found_pictures, lambda values, names, _: as_pixels(values, (8, 8, 3), names)])
def test_pictures_that_cannot_be_read_are_counted_and_named(found: Any) -> None:
    large = file(300, 300)
    values = column(file(), b"some words", large[:5000], None, b"", large)
    names = ["a.png", "b.png", "c.png", "d.png", "e.png", "f.png"]
    said = (
        r"3 of 5 pictures in column 'picture' that cannot be read: row 2, b\.png \(it is no picture\), "
        r"row 3, c\.png \(it is cut off or damaged[^)]*\)?[\s\S]*, row 5, e\.png \(it is empty\)[\s\S]*--drop picture"
    )
    with pytest.raises(DataError, match=said):
        found(values, names, None)


def test_a_file_that_is_cut_off_is_found_when_it_is_decoded() -> None:
    large = file(300, 300)
    with pytest.raises(DataError, match=r"1 of 2 pictures [\s\S]*row 2 \(it is cut off or damaged"):
        found_pictures(column(large, large[:5000]), None, None)


def test_files_that_are_not_there_are_named() -> None:
    with pytest.raises(DataError, match=r"row 2, b\.png \(there is no such file\)[\s\S]*the folder of the table"):
        found_pictures(records((file(), "a.png"), (None, "b.png")), None, None)


def test_what_is_no_picture_at_all() -> None:
    for values in (pl.Series("n", [1, 2]), pl.Series("n", ["1", "2"])):
        with pytest.raises(DataError, match=r"no pictures in column 'n', but values such as '1'[\s\S]*--picture"):
            found_pictures(values, None, None)
    with pytest.raises(
        DataError, match=r"pictures of 5 channels in column 'picture'[\s\S]*of 3 channels, as in training"
    ):
        as_pixels(pl.Series("picture", np.zeros((1, 8, 8, 5), np.uint8)), (8, 8, 3))
    with pytest.raises(
        DataError, match=r"pictures of 3 channels in column 'picture'[\s\S]*of 5 channels, as in training"
    ):
        as_pixels(column(file()), (8, 8, 5))


def test_for_other_purposes_records_are_paths() -> None:
    values = records((file(), "a.png"), (None, None))
    assert plain_cells(values).to_list() == ["a.png", None]
    assert plain_cells(pl.Series([1, 2])).to_list() == [1, 2]
    for bare in (column(file()), records((file(), None))):
        assert is_record(bare) == (bare.dtype != pl.Binary)
        with pytest.raises(DataError, match=r"pictures in column 'picture'[\s\S]*--drop picture"):
            plain_cells(bare)


def test_pixels_are_not_written() -> None:
    table = pl.DataFrame(
        {
            "file": ["a.png"],
            "bytes": column(file()),
            "stack": pl.Series(np.zeros((1, 4, 4), np.uint8)),
            "photo": records((file(), "x/a.png")),
            "bare": records((file(), None)),
        }
    )
    assert without_pixels(table).to_dict(as_series=False) == {"file": ["a.png"], "photo": ["x/a.png"]}
