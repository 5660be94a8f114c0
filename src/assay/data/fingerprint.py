"""A hash of what a table holds, the same whatever file it came from."""

import hashlib

import polars as pl

from assay.core.errors import DataError
from assay.data._pictures import holds_pictures, is_record
from assay.data._types import natural


def fingerprint(table: pl.DataFrame) -> str:
    """SHA-256 (hex) over the names, natural types and values of the columns in order.

    Widths of numbers, dates against moments at midnight, categories against texts, and empty texts against gaps make
    no difference, as they make none for `assay.data.prepare`. Of picture files the bytes count, not the paths, unless
    the file is not there.
    """
    total = hashlib.sha256()
    for column in table:
        plain = _plain(column)
        total.update(f"{plain.name}\x00{plain.dtype}\x00{len(plain)}\x00".encode())
        total.update(_bytes(plain))
    return total.hexdigest()


def _plain(column: pl.Series) -> pl.Series:
    """A column in its natural type where it has one; files of pictures as their bytes."""
    if is_record(column):
        cells = column.struct.field("bytes").cast(pl.Binary)
        if len(column.dtype.fields) == 1 or cells.null_count() == 0:  # type: ignore[attr-defined]
            return cells.alias(column.name)
        paths = column.struct.field("path").cast(pl.String).cast(pl.Binary)
        return cells.fill_null(paths).alias(column.name)
    if column.dtype.is_nested() or column.dtype == pl.Object:
        return column
    if column.dtype == pl.Binary:
        texts = None if holds_pictures(column) else _as_texts(column)
        return column if texts is None else texts
    return natural(column)


def _as_texts(cells: pl.Series) -> pl.Series | None:
    """Bytes as texts, or None where some are none."""
    try:
        return natural(cells)
    except DataError:
        return None


def _bytes(column: pl.Series) -> bytes:
    missing = column.is_null().to_numpy().tobytes()
    if column.dtype == pl.Binary:
        cells = column.drop_nulls()
        return missing + cells.bin.size("b").to_numpy().tobytes() + b"".join(cells.to_list())
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
