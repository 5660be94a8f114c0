"""A hash of what a table holds, the same whatever file it came from."""

import hashlib

import polars as pl

from assay.data._pictures import holds_pictures
from assay.data._types import natural


def fingerprint(table: pl.DataFrame) -> str:
    """SHA-256 (hex) over the names, natural types and values of the columns in order.

    Widths of numbers, dates against moments at midnight, categories against texts, and empty texts against gaps make
    no difference, as they make none for `assay.data.prepare`.
    """
    total = hashlib.sha256()
    for column in table:
        plain = column if column.dtype.is_nested() or column.dtype == pl.Object else natural(column)
        total.update(f"{plain.name}\x00{plain.dtype}\x00{len(plain)}\x00".encode())
        total.update(_bytes(plain))
    return total.hexdigest()


def _bytes(column: pl.Series) -> bytes:
    missing = column.is_null().to_numpy().tobytes()
    if holds_pictures(column):
        return missing + column.drop_nulls().to_numpy().tobytes()
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return missing + column.fill_null(0).to_numpy().tobytes()
    if column.dtype.is_temporal():
        return missing + column.to_physical().fill_null(0).to_numpy().tobytes()
    return missing + _text_bytes(column)


def _text_bytes(column: pl.Series) -> bytes:
    if column.dtype == pl.String:
        texts = column.fill_null("")
    else:  # lists and records, which only columns that are left out may hold
        texts = pl.Series([repr(value) for value in column.to_list()], dtype=pl.String)
    lengths = texts.str.len_bytes().to_numpy().tobytes()
    return lengths + "".join(texts.to_list()).encode("utf-8", "surrogatepass")
