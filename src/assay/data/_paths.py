"""Columns of paths of picture files: recognised by the suffixes, and read into the cells.

The cells become records {"bytes", "path"}, the form in which Hugging Face datasets keep pictures.
"""

from collections.abc import Collection
from pathlib import Path

import polars as pl

from assay.data._pictures import holds_pictures, is_record

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff")
_FEW = 8


def share_of_names(values: pl.Series) -> float:
    """Which share of the texts of a column that are not blank end like names of picture files."""
    texts = [text for text in map(str.strip, values.drop_nulls().to_list()) if text]
    return sum(text.lower().endswith(SUFFIXES) for text in texts) / max(1, len(texts))


def name_pictures(values: pl.Series) -> bool:
    """Whether every text of a column ends like the name of a picture file."""
    first = [text for text in values.head(_FEW).to_list() if text and text.strip()]
    if not all(text.strip().lower().endswith(SUFFIXES) for text in first):  # nearly every other column ends here
        return False
    return share_of_names(values) == 1


def with_files(table: pl.DataFrame, folder: Path, named: Collection[str] = ()) -> pl.DataFrame:
    """The table with the files read that its columns of paths name; a file that is not there stays a path alone.

    Args:
        table: A raw table. Where it has pictures already, other columns are names of the same and stay.
        folder: Where relative paths are looked for first; then in the current folder.
        named: Columns of paths whatever their values look like.
    """
    done = {name: files_of(table[name], folder) for name in named if name in table.columns and _may(table[name])}
    if not done and not any(holds_pictures(column) for column in table):
        columns = (column for column in table if column.dtype == pl.String and name_pictures(column))
        done = {column.name: files_of(column, folder) for column in columns if not has_addresses(column)}
    records = [column for column in table if is_record(column) and column.name not in done]
    done |= {column.name: files_of(column, folder) for column in records}
    return table.with_columns(done.values()) if done else table


def files_of(values: pl.Series, folder: Path) -> pl.Series:
    """Paths, or records in which bytes are missing, as records with the bytes of the files."""
    if is_record(values):
        cells = values.struct.unnest()
        known, paths = cells["bytes"].to_list(), cells["path"] if "path" in cells.columns else None
        if paths is None:
            return values
    else:
        known, paths = [None] * len(values), values
    cut = [path if path and path.strip() else None for path in paths.to_list()]
    wanted = {path for cell, path in zip(known, cut, strict=True) if cell is None and path is not None}
    read = {path: _content(path, folder) for path in wanted}
    whole = [cell if cell is not None or path is None else read[path] for cell, path in zip(known, cut, strict=True)]
    columns = {"bytes": pl.Series(whole, dtype=pl.Binary), "path": pl.Series(cut, dtype=pl.String)}
    return pl.DataFrame(columns).to_struct(values.name)


def _may(values: pl.Series) -> bool:
    return values.dtype == pl.String or is_record(values)


def has_addresses(values: pl.Series) -> bool:
    """Whether some texts are addresses on the web, which are never fetched."""
    return bool(values.str.contains("://", literal=True).any())


def _content(path: str, folder: Path) -> bytes | None:
    for place in (folder / path.strip(), Path(path.strip())):
        try:
            return place.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
            continue
    return None
