"""Natural types: of columns that were read as text, of whatever a frame brings, and of the kinds of a schema.

Text is judged on whole columns, so that no late row is a surprise.
"""

import math
from collections.abc import Mapping
from datetime import datetime

import polars as pl

from assay.core.errors import DataError
from assay.data._pictures import holds_pictures
from assay.data.schema import Kind

MARKERS = ("NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "-")
TYPES: Mapping[Kind, pl.DataType | type[pl.DataType]] = {
    Kind.NUMERIC: pl.Float64,
    Kind.BOOLEAN: pl.Boolean,
    Kind.DATETIME: pl.Datetime("us"),
    Kind.TEXT: pl.String,
    Kind.CATEGORICAL: pl.String,
}
_BOOLEANS = {"true": True, "false": False}
_ANSWERS = {**_BOOLEANS, "1": True, "0": False, "yes": True, "no": False}
_DAY = r"^(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})"
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y")
_CODE = r"^[+-]?(0\d|\d{19,}$)"
_FEW = 64
_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)  # what Python can show


def typed(column: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """A column of texts as Int64, Float64, Boolean or Datetime if every value reads so, else as it is.

    In columns of numbers, booleans or dates the usual marks for a gap (NA, N/A, NaN, null, None, ?, -) are missing;
    in columns of text they are words like any other. Numbers with leading zeros or more than 18 digits are codes and
    stay text. Dates are read where day and month cannot be mixed up: 2024-05-31, 2024/05/31, 31.05.2024, with or
    without a time; moments with an offset become UTC.
    """
    cleared = _cleared(column)
    if cleared.null_count() == len(column):
        return column.cast(pl.String)
    first = cleared.drop_nulls().head(_FEW)
    for attempt in (_whole, _decimal, _boolean, _moment):
        if _all_read(first, attempt(first, decimal_comma)):
            found = attempt(cleared, decimal_comma)
            if found is not None and _all_read(cleared, found):
                return found
    return column


def numeric_share(column: pl.Series) -> float:
    """Share of the present values of a text column that read as numbers."""
    present = column.drop_nulls().str.strip_chars()
    return 0.0 if not len(present) else 1 - present.cast(pl.Float64, strict=False).null_count() / len(present)


def natural(values: pl.Series) -> pl.Series:
    """Only Int64, Float64, Boolean, String and Datetime("us"): NaN and empty texts are missing, categories are texts.

    Pictures stay as they came.

    Raises:
        DataError: The cells are lists, records, objects, bytes that are no text, or dates outside the years 1 to 9999.
    """
    kind = values.dtype
    if kind == pl.String:
        return _without_empty(values)
    if holds_pictures(values):
        return values
    if kind.is_float():
        numbers = values if kind == pl.Float64 else values.cast(pl.Float64)
        return numbers if all_finite(numbers) else numbers.fill_nan(None)
    if kind == pl.Boolean or kind == pl.Int64:
        return values
    if kind.is_integer():
        whole = values.cast(pl.Int64, strict=False)
        return whole if whole.null_count() == values.null_count() else values.cast(pl.Float64)
    if kind.is_numeric():
        return values.cast(pl.Float64)
    if kind == pl.Duration:
        return values.dt.total_microseconds() / 1e6
    if kind.is_temporal() and kind != pl.Time:
        return _moments_of(values)
    return _as_texts(values)


def all_finite(numbers: pl.Series) -> bool:
    """Whether no number is NaN or infinite, in a microsecond; False also where their sum is beyond what floats hold."""
    return math.isfinite(numbers.sum())


def as_kind(values: pl.Series, kind: Kind) -> pl.Series:
    """A column of natural type in the type that a kind stands for; what does not read so is missing."""
    wanted = TYPES[kind]
    if values.dtype == wanted:
        return values
    if wanted == pl.String:
        # 1.0 in one file is 1 in another: the same category.
        texts = values.cast(pl.String)
        return texts.str.strip_suffix(".0") if values.dtype.is_float() else texts
    if values.dtype == pl.String:
        return _read_as(values, kind)
    if values.dtype.is_temporal() or wanted == pl.Datetime("us"):
        return pl.Series(values.name, [None] * len(values), dtype=wanted)
    return values.cast(wanted, strict=False)


def _read_as(texts: pl.Series, kind: Kind) -> pl.Series:
    stripped = texts.str.strip_chars()
    if kind is Kind.BOOLEAN:
        return stripped.str.to_lowercase().replace_strict(_ANSWERS, default=None, return_dtype=pl.Boolean)
    if kind is Kind.DATETIME:
        return _moments(stripped)
    return stripped.cast(pl.Float64, strict=False).fill_nan(None)


def _cleared(column: pl.Series) -> pl.Series:
    stripped = column.str.strip_chars()
    return stripped.replace(["", *MARKERS], None)


def _without_empty(texts: pl.Series) -> pl.Series:
    if len(texts) <= _FEW and "" not in texts.to_list():
        return texts
    return texts.replace("", None)


def _all_read(texts: pl.Series, found: pl.Series | None) -> bool:
    return found is not None and found.null_count() == texts.null_count()


def _whole(texts: pl.Series, decimal_comma: bool) -> pl.Series | None:
    return None if texts.str.contains(_CODE).any() else texts.cast(pl.Int64, strict=False)


def _decimal(texts: pl.Series, decimal_comma: bool) -> pl.Series | None:
    if texts.str.contains(_CODE).any():
        return None
    points = texts.str.replace(r"^([+-]?\d+),(\d+)$", "$1.$2") if decimal_comma else texts
    return points.cast(pl.Float64, strict=False)


def _boolean(texts: pl.Series, decimal_comma: bool) -> pl.Series | None:
    return texts.str.to_lowercase().replace_strict(_BOOLEANS, default=None, return_dtype=pl.Boolean)


def _moment(texts: pl.Series, decimal_comma: bool) -> pl.Series | None:
    return _moments(texts) if texts.drop_nulls().head(_FEW).str.contains(_DAY).all() else None


def _moments(texts: pl.Series) -> pl.Series:
    """Each text that reads as a date or a date with a time; the others missing."""
    plain = texts.str.replace(r"^(\S+)[T ]", "$1 ").str.replace(r"\s*(Z|UTC|[+-]00:?00)$", "")
    found = pl.Series(texts.name, [None] * len(texts), dtype=pl.Datetime("us"))
    for day in _DAYS:
        for form in (day, f"{day} %H:%M:%S%.f", f"{day} %H:%M"):
            if found.null_count() == texts.null_count():
                return found
            found = found.fill_null(_parsed(plain, form)) if found.null_count() < len(found) else _parsed(plain, form)
    if found.null_count() > texts.null_count() and plain.str.contains(r"\d[+-]\d\d:?\d\d$").any():
        found = found.fill_null(_with_offset(plain))
    return found


def _parsed(texts: pl.Series, form: str) -> pl.Series:
    if "%H" in form:
        read = texts.str.to_datetime(form, strict=False, time_unit="us")
    else:
        read = texts.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    return read.set(_beyond(read), None)


def _beyond(moments: pl.Series) -> pl.Series:
    """Which moments are in no year from 1 to 9999."""
    return (moments < _FIRST) | (moments > _LAST)


def _with_offset(texts: pl.Series) -> pl.Series:
    read = texts.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", strict=False, time_unit="us", time_zone="UTC")
    plain = read.dt.replace_time_zone(None)
    return plain.set(_beyond(plain), None)


def _moments_of(values: pl.Series) -> pl.Series:
    moments = _in_utc(values)
    wrong = _beyond(moments)
    if wrong.any():
        raise DataError(
            f"a date in no year from 1 to 9999 in column {values.name!r}, row {wrong.arg_max() + 1:,}",  # type: ignore[operator]
            expected="dates as calendars have them, or empty cells where there is none",
            fix=f"mend the column, or leave it out: --drop {values.name}",
        )
    return moments


def _in_utc(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None:
        values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return values.cast(pl.Datetime("us"))


def _as_texts(values: pl.Series) -> pl.Series:
    kind = values.dtype
    if not (kind.is_nested() or kind == pl.Object):
        try:
            return _without_empty(values.cast(pl.String))
        except pl.exceptions.PolarsError as error:
            raise _not_plain(values, "bytes that are no text") from error
    raise _not_plain(values, "lists, records or objects")


def _not_plain(values: pl.Series, what: str) -> DataError:
    return DataError(
        f"{what} in column {values.name!r}",
        expected="one number, text, date or true/false per cell",
        fix=f"turn it into plain columns, or leave it out: --drop {values.name}",
    )
