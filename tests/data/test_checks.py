"""What can be wrong with a table, and with what was said about it."""

import polars as pl
import pytest

from assay.core.errors import DataError, PlanError
from assay.data._checks import (
    check_groups,
    check_names,
    check_numbers,
    check_one_type,
    check_table,
    check_time,
    check_weights,
)
from assay.data._wishes import Wishes

TABLE = pl.DataFrame({"x": [1.0, 2.0], "c": ["a", "b"], "label": ["p", "q"]})


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes("labl"), r"no column 'labl' for the target[\s\S]*did you mean 'label'"),
        (Wishes("label", text=("cc",)), r"no column 'cc', named with --text[\s\S]*did you mean 'c'"),
        (Wishes("label", group="who"), r"no column 'who', named with --group"),
        (Wishes("label", picture=("who",)), r"no column 'who', named with --picture"),
    ],
)
def test_columns_that_are_not_there(wishes: Wishes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_table(TABLE, wishes)


@pytest.mark.parametrize("wishes", [Wishes("label", text=("c",), drop=("c",)), Wishes("label", drop=("label",))])
def test_a_column_has_one_purpose(wishes: Wishes) -> None:
    with pytest.raises(PlanError, match=r"column '[a-z]+' named with --[a-z]+ and with --drop[\s\S]*one purpose"):
        check_table(TABLE, wishes)


def test_no_rows() -> None:
    with pytest.raises(DataError, match="a header and no rows"):
        check_table(TABLE.clear(), Wishes("label"))


def test_infinity_is_told_with_its_rows() -> None:
    check_numbers(pl.Series("x", [1.0, None]))
    with pytest.raises(DataError, match=r"infinity in column 'x', row 2, 3 \(2 in all\)[\s\S]*--drop"):
        check_numbers(pl.Series("x", [1.0, float("inf"), float("-inf")]))


def test_stray_words_among_numbers() -> None:
    mixed = pl.Series("x", [str(number) for number in range(100)] + ["oops"])
    with pytest.raises(DataError, match=r"mixed types in column 'x'[\s\S]*row 101: 'oops'[\s\S]*--numeric x"):
        check_one_type(mixed)
    check_one_type(pl.Series("size", ["36", "38", "40", "XL"] * 50))  # codes, not numbers
    check_one_type(pl.Series("t", [f"word {number}" for number in range(100)]))


def test_stray_words_among_names_of_pictures() -> None:
    names = [f"{number}.png" for number in range(9)]
    with pytest.raises(
        DataError, match=r"files in column 'p', and 1 values that are none \(row 10: 'n/a'\)[\s\S]*--text p"
    ):
        check_names(pl.Series("p", [*names, "n/a"]))
    check_names(pl.Series("p", [*names, None]))
    check_names(pl.Series("p", ["a.png", *names[:2], "see", "here", "a picture"]))


@pytest.mark.parametrize("size", [3, 2000, "64", True])
def test_sizes_that_no_picture_can_have(size: object) -> None:
    with pytest.raises(PlanError, match=rf"pictures of {size!r} pixels[\s\S]*from 4 to 1,024[\s\S]*--picture-size"):
        check_table(TABLE, Wishes("label", picture_size=size))  # type: ignore[arg-type]


def test_a_flat_folder_cannot_be_learned_from() -> None:
    flat = pl.DataFrame({"file": ["a.png"], "picture": [b""]})
    with pytest.raises(
        DataError, match=r"no column 'label' for the target[\s\S]*move the pictures of each class into a folder"
    ):
        check_table(flat, Wishes("label"))


@pytest.mark.parametrize("values", [[1, -1], [1, None], ["x", "y"], [0, 0]])
def test_weights(values: list[object]) -> None:
    check_weights(pl.Series("w", [0.0, 2.5]))
    with pytest.raises(DataError, match=r"a row weight of [\s\S]*--weight"):
        check_weights(pl.Series("w", values))


def test_times_and_groups() -> None:
    check_time(pl.Series("t", [1, 2]))
    check_groups(pl.Series("g", ["a", "b", "a"]))
    with pytest.raises(DataError, match=r"a time column 't' with values such as \['monday'\][\s\S]*2024-05-31"):
        check_time(pl.Series("t", ["monday"]))
    with pytest.raises(DataError, match=r"one group only in column 'g'[\s\S]*--group"):
        check_groups(pl.Series("g", ["a", "a"]))
    with pytest.raises(DataError, match=r"a group of its own for each of the 2 rows in column 'g'[\s\S]*--group"):
        check_groups(pl.Series("g", ["a", "b"]))
