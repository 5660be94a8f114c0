"""A hash of what a table holds, the same whatever file it came from."""

import hashlib

import polars as pl


def fingerprint(table: pl.DataFrame) -> str:
    """SHA-256 (hex) over the names, types and values of the columns in order."""
    total = hashlib.sha256()
    for column in table:
        total.update(f"{column.name}\x00{column.dtype}\x00{len(column)}\x00".encode())
        total.update(_bytes(column))
    return total.hexdigest()


def _bytes(column: pl.Series) -> bytes:
    missing = column.is_null().to_numpy().tobytes()
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return missing + column.fill_null(0).to_numpy().tobytes()
    texts = column.cast(pl.String).fill_null("")
    lengths = texts.str.len_bytes().to_numpy().tobytes()
    return missing + lengths + "".join(texts.to_list()).encode("utf-8", "surrogatepass")
