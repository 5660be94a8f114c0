"""What a column is, judged by its values, with the reason in words."""

import re

import polars as pl

from assay.data.schema import Kind

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_ID_NAME = re.compile(r"(^|[_\W])(id|uuid|guid|key|index|row|nr|no|number)($|[_\W])|Id$|ID$", re.IGNORECASE)
_SAMPLE = 5_000


def infer_kind(column: pl.Series) -> tuple[Kind, str]:
    """The kind of a column of natural type, and why."""
    present = column.drop_nulls()
    distinct = present.n_unique()
    if distinct == 0:
        return Kind.CONSTANT, "every value is missing"
    if distinct == 1 and present.len() == column.len():
        return Kind.CONSTANT, f"always {str(present[0])[:40]!r}"
    if column.dtype == pl.Boolean:
        return Kind.BOOLEAN, "true or false"
    if column.dtype.is_temporal():
        return Kind.DATETIME, f"dates from {present.min()!s} to {present.max()!s}"
    if column.dtype.is_numeric():
        return _of_numbers(present, distinct)
    return _of_texts(present.cast(pl.String), distinct)


def _of_numbers(present: pl.Series, distinct: int) -> tuple[Kind, str]:
    if present.dtype.is_integer() and distinct == len(present) >= 20 and _counts_up(present):
        return Kind.IDENTIFIER, f"whole numbers, all {distinct:,} different, counting up"
    return Kind.NUMERIC, f"numbers, {distinct:,} different"


def _counts_up(present: pl.Series) -> bool:
    span = int(present.max()) - int(present.min()) + 1  # type: ignore[arg-type]
    named = _ID_NAME.search(present.name) is not None
    return (present.is_sorted() and span <= 2 * len(present)) or (named and span <= 100 * len(present))


def _of_texts(present: pl.Series, distinct: int) -> tuple[Kind, str]:
    sample = present.head(_SAMPLE)
    words = float(sample.str.count_matches(r"\S+").mean() or 0.0)  # type: ignore[arg-type]
    share = distinct / len(present)
    if share == 1.0 and len(present) >= 20 and words <= 1.2 and _looks_like_codes(sample):
        return Kind.IDENTIFIER, f"codes, all {distinct:,} different"
    if (words >= 3 and share > 0.2) or (words >= 1.5 and share > 0.5) or words >= 8:
        return Kind.TEXT, f"{distinct:,} different texts, {words:.1f} words on average"
    return Kind.CATEGORICAL, f"{distinct:,} different values"


def _looks_like_codes(sample: pl.Series) -> bool:
    texts = sample.to_list()
    if all(_UUID.fullmatch(text) for text in texts):
        return True
    return all(any(letter.isdigit() for letter in text) for text in texts)
