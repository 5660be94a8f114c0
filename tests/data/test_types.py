"""Types of columns that were read as text."""

from datetime import datetime

import polars as pl
import pytest

from assay.data._types import numeric_share, typed


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "-2", None], [1, -2, None]),
        (["1", "2.5", "1e3"], [1.0, 2.5, 1000.0]),
        (["1", "NA", "?"], [1, None, None]),
        (["0.5", "nan", "N/A"], [0.5, None, None]),
        (["true", "FALSE", "null"], [True, False, None]),
        (["2024-05-31", "2023-01-01"], [datetime(2024, 5, 31), datetime(2023, 1, 1)]),
        (
            ["2024-05-31 12:30:00", "2023-01-01T00:00:01"],
            [datetime(2024, 5, 31, 12, 30), datetime(2023, 1, 1, 0, 0, 1)],
        ),
        (["007", "010"], ["007", "010"]),
        (["1", "oops"], ["1", "oops"]),
        (["NA", "Namibia"], ["NA", "Namibia"]),
        ([None, None], [None, None]),
        (["31.05.2024", "1"], ["31.05.2024", "1"]),
        (["99999999999999999999", "1"], [1e20, 1.0]),
    ],
)
def test_a_whole_column_decides(texts: list[str | None], values: list[object]) -> None:
    assert typed(pl.Series("c", texts, dtype=pl.String)).to_list() == values


def test_a_late_word_makes_the_column_text() -> None:
    texts = [str(number) for number in range(5000)] + ["late"]
    assert typed(pl.Series("c", texts)).dtype == pl.String


def test_decimal_commas_where_the_delimiter_is_a_semicolon() -> None:
    column = pl.Series("c", ["1,5", "-2,25"])
    assert typed(column, decimal_comma=True).to_list() == [1.5, -2.25]
    assert typed(column).to_list() == ["1,5", "-2,25"]


def test_the_share_of_numbers() -> None:
    assert numeric_share(pl.Series("c", ["1", "2.5", "x", None])) == pytest.approx(2 / 3)
    assert numeric_share(pl.Series("c", [None], dtype=pl.String)) == 0.0
