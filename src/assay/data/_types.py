"""Natural types of columns that were read as text, judged on whole columns so that no late row is a surprise."""

import polars as pl

MARKERS = ("NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "-")
_WORDS = {"true": True, "false": False}


def typed(column: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """The column as Int64, Float64, Boolean or Datetime if every value reads so, else as it is.

    In columns of numbers, booleans or dates the usual marks for a gap (NA, N/A, NaN, null, None, ?, -) are missing;
    in columns of text they are words like any other. Numbers with leading zeros are codes and stay text.
    """
    present = column.drop_nulls()
    candidates = column.str.strip_chars()
    cleared = candidates.replace(list(MARKERS), None)
    if cleared.null_count() == len(column):
        return column if len(present) else column.cast(pl.String)
    for attempt in (_whole, _decimal, _boolean, _moment):
        found = attempt(cleared, decimal_comma)
        if found is not None and found.null_count() == cleared.null_count():
            return found
    return column


def numeric_share(column: pl.Series) -> float:
    """Share of the present values of a text column that read as numbers."""
    present = column.drop_nulls().str.strip_chars()
    return 0.0 if not len(present) else 1 - present.cast(pl.Float64, strict=False).null_count() / len(present)


def _whole(texts: pl.Series, decimal_comma: bool) -> pl.Series | None:
    if texts.str.contains(r"^[+-]?0\d").any():
        return None
    return texts.cast(pl.Int64, strict=False)


def _decimal(texts: pl.Series, decimal_comma: bool) -> pl.Series | None:
    if texts.str.contains(r"^[+-]?0\d").any():
        return None
    points = texts.str.replace(r"^([+-]?\d+),(\d+)$", "$1.$2") if decimal_comma else texts
    return points.cast(pl.Float64, strict=False)


def _boolean(texts: pl.Series, decimal_comma: bool) -> pl.Series | None:
    return texts.str.to_lowercase().replace_strict(_WORDS, default=None, return_dtype=pl.Boolean)


def _moment(texts: pl.Series, decimal_comma: bool) -> pl.Series | None:
    """ISO 8601 dates, with or without a time."""
    if not texts.drop_nulls().head(20).str.contains(r"^\d{4}-\d{2}-\d{2}").all():
        return None
    days = texts.str.to_date("%Y-%m-%d", strict=False)
    if days.null_count() == texts.null_count():
        return days.cast(pl.Datetime("us"))
    plain = texts.str.replace(r"(Z|[+-]00:?00)$", "").str.replace("T", " ", literal=True)
    for form in ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"):
        found = plain.str.to_datetime(form, strict=False, time_unit="us")
        if found.null_count() == texts.null_count():
            return found
    return None
