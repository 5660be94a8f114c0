"""Types of columns that were read as text."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from assay.core.errors import DataError
from assay.data._types import as_kind, natural, numeric_share, typed
from assay.data.schema import Kind


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
        (["99999999999999999999", "1"], ["99999999999999999999", "1"]),
        (["12345678901234567", "1"], [12345678901234567, 1]),
        (["31.05.2024", "1.6.2024"], [datetime(2024, 5, 31), datetime(2024, 6, 1)]),
        (["2024/05/31 10:00", "-"], [datetime(2024, 5, 31, 10), None]),
        (["2024-05-31", "2024-05-31 12:00:00.5Z"], [datetime(2024, 5, 31), datetime(2024, 5, 31, 12, 0, 0, 500_000)]),
        (["2024-05-31T12:00:00+02:00", None], [datetime(2024, 5, 31, 10), None]),
        (["05/06/2024", "31/05/2024"], ["05/06/2024", "31/05/2024"]),
        (["2024-13-45"], ["2024-13-45"]),
        (["0000-01-01", "2024-05-31"], ["0000-01-01", "2024-05-31"]),
        (["?", ""], ["?", ""]),
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


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (pl.Series("c", [1.5, float("nan")]), [1.5, None]),
        (pl.Series("c", [1.5], dtype=pl.Float32), [1.5]),
        (pl.Series("c", ["a", ""]), ["a", None]),
        (pl.Series("c", ["a", ""] * 100), ["a", None] * 100),
        (pl.Series("c", ["a", "b"], dtype=pl.Categorical), ["a", "b"]),
        (pl.Series("c", [3], dtype=pl.UInt8), [3]),
        (pl.Series("c", [2**63], dtype=pl.UInt64), [2.0**63]),
        (pl.Series("c", [2**100, None], dtype=pl.Int128), [2.0**100, None]),
        (pl.Series("c", [1]).cast(pl.Decimal(10, 2)), [1.0]),
        (pl.Series("c", [date(2024, 5, 31)]), [datetime(2024, 5, 31)]),
        (pl.Series("c", ["2024-05-31T12:00:00+02:00"]).str.to_datetime(), [datetime(2024, 5, 31, 10)]),
        (pl.Series("c", [timedelta(days=1, milliseconds=500)]), [86_400.5]),
        (pl.Series("c", [None]), [None]),
        (pl.Series("c", [b"a"]), ["a"]),
    ],
    ids=lambda given: str(given.dtype) if isinstance(given, pl.Series) else "",
)
def test_few_types_are_left_of_all_that_frames_have(given: pl.Series, values: list[object]) -> None:
    found = natural(given)
    assert found.to_list() == values
    assert found.dtype in (pl.Int64, pl.Float64, pl.Boolean, pl.String, pl.Datetime("us"))


@pytest.mark.parametrize("cell", [[1], {"a": 1}, b"\xff"])
def test_cells_that_hold_more_than_a_value(cell: object) -> None:
    with pytest.raises(DataError, match=r"(lists, records|bytes that are no text)[\s\S]*one number, text"):
        natural(pl.Series("c", [cell]))


@pytest.mark.parametrize("moment", [2**62, -(2**62), 253_402_300_800_000_000])
def test_dates_that_no_calendar_has(moment: int) -> None:
    with pytest.raises(DataError, match=r"no year from 1 to 9999 in column 'd', row 2\.[\s\S]*--drop d"):
        natural(pl.Series("d", [None, moment]).cast(pl.Datetime("us")))


@pytest.mark.parametrize(
    ("given", "kind", "values"),
    [
        ([1.0, 2.5, None], Kind.CATEGORICAL, ["1", "2.5", None]),
        ([1, 2], Kind.TEXT, ["1", "2"]),
        ([True, None], Kind.CATEGORICAL, ["true", None]),
        ([" 1", "x", "nan"], Kind.NUMERIC, [1.0, None, None]),
        ([True, False], Kind.NUMERIC, [1.0, 0.0]),
        (["Yes", "0", "?"], Kind.BOOLEAN, [True, False, None]),
        ([0, 1], Kind.BOOLEAN, [False, True]),
        (
            ["2024-05-31", "soon", "1.6.2024 10:00"],
            Kind.DATETIME,
            [datetime(2024, 5, 31), None, datetime(2024, 6, 1, 10)],
        ),
        (["0000-01-01", "0000-01-01 10:00"], Kind.DATETIME, [None, None]),
        ([5, 6], Kind.DATETIME, [None, None]),
        ([datetime(2024, 5, 31)], Kind.NUMERIC, [None]),
    ],
)
def test_what_does_not_read_as_the_kind_is_missing(given: list[object], kind: Kind, values: list[object]) -> None:
    assert as_kind(pl.Series("c", given), kind).to_list() == values
