"""What a column is, judged by its values, with the reason in words."""

import re

import polars as pl

from assay.data._types import typed
from assay.data.schema import Kind

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_ID_NAME = re.compile(r"(^|[_\W])(id|uuid|guid|key|index|row|nr|no|number)($|[_\W])|Id$|ID$", re.IGNORECASE)
_SAMPLE = 5_000
_FEWEST_FOR_ID = 20  # among fewer rows, all different says little
_FEWEST_NUMBERS = 20  # a file that knows types and calls fewer numbers text means names
_MOSTLY_DIFFERENT, _MANY = 0.5, 50  # few new rows would have a value that was seen before


def infer_kind(column: pl.Series) -> tuple[Kind, str]:
    """The kind of a column of natural type (see `assay.data._types`), and why."""
    present = column.drop_nulls()
    distinct = present.n_unique()
    if distinct == 0:
        return Kind.CONSTANT, "every value is missing"
    if distinct == 1 and present.len() == column.len():
        return Kind.CONSTANT, f"always {str(present[0])[:40]!r}"
    if column.dtype == pl.String:
        return _of_strings(present, distinct)
    return _of_values(present, distinct)


def _of_values(present: pl.Series, distinct: int) -> tuple[Kind, str]:
    if present.dtype == pl.Boolean:
        return Kind.BOOLEAN, "true or false"
    if present.dtype.is_temporal():
        return Kind.DATETIME, f"dates from {present.min()!s} to {present.max()!s}"
    if present.dtype.is_integer() and distinct == len(present) >= _FEWEST_FOR_ID and _counts_up(present):
        return Kind.IDENTIFIER, f"whole numbers, all {distinct:,} different, counting up"
    return Kind.NUMERIC, f"numbers, {distinct:,} different"


def _counts_up(present: pl.Series) -> bool:
    span = int(present.max()) - int(present.min()) + 1  # type: ignore[arg-type]
    named = _ID_NAME.search(present.name) is not None
    return (present.is_sorted() and span <= 2 * len(present)) or (named and span <= 100 * len(present))


def _of_strings(present: pl.Series, distinct: int) -> tuple[Kind, str]:
    """Texts, unless all are dates, true and false, or many different numbers that came as text."""
    values = typed(present)
    if values.dtype == pl.String or (values.dtype.is_numeric() and distinct <= _FEWEST_NUMBERS):
        return _of_texts(present, distinct)
    kind, reason = _of_values(values.drop_nulls(), values.drop_nulls().n_unique())
    return kind, f"{reason} (written as text)"


def _of_texts(present: pl.Series, distinct: int) -> tuple[Kind, str]:
    sample = present.head(_SAMPLE)
    words = float(sample.str.count_matches(r"\S+").mean() or 0.0)  # type: ignore[arg-type]
    share = distinct / len(present)
    if distinct == len(present) >= _FEWEST_FOR_ID and words <= 1.2 and _looks_like_codes(sample):
        return Kind.IDENTIFIER, f"codes, all {distinct:,} different"
    if (words >= 3 and share > 0.2) or (words >= 1.5 and share > 0.5) or words >= 8:
        return Kind.TEXT, f"{distinct:,} different texts, {words:.1f} words on average"
    if share > _MOSTLY_DIFFERENT and distinct > _MANY:
        return Kind.TEXT, f"{distinct:,} different values in {len(present):,} rows: too many for names, read by letters"
    return Kind.CATEGORICAL, f"{distinct:,} different values"


def _looks_like_codes(sample: pl.Series) -> bool:
    texts = sample.to_list()
    return all(any(letter.isdigit() for letter in text) for text in texts) or all(map(_UUID.fullmatch, texts))
