"""Files that know their types: Parquet, Arrow (Feather, IPC), JSON Lines and JSON, Excel."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from assay.core.errors import DataError
from assay.data._names import column_names
from assay.data._text import text_of

_PANDAS_INDEX = re.compile(r"__index_level_\d+__")


def read_parquet(path: Path) -> pl.DataFrame:
    """A Parquet file; the index that pandas may have written into it is no column."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        return _from_arrow(file.read())


def read_arrow(path: Path) -> pl.DataFrame:
    """An Arrow file, in the file or the stream format (Feather version 2)."""
    import pyarrow as pa

    with pa.OSFile(str(path)) as stream:
        is_file = stream.read(6) == b"ARROW1"
        stream.seek(0)
        return _from_arrow((pa.ipc.open_file if is_file else pa.ipc.open_stream)(stream).read_all())


def _from_arrow(table: Any) -> pl.DataFrame:
    """Through PyArrow, which refuses a damaged file by an exception where Polars would write a panic to the screen."""
    table.validate(full=True)
    names = [name for name in table.column_names if not _PANDAS_INDEX.fullmatch(name)]
    # Column by column, without what a field says of itself: Polars believes that unseen.
    return pl.DataFrame({name: _column(table[name]) for name in names})


def _column(column: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_nested(column.type) and "_view" in str(column.type):
        return pl.Series(column.to_pylist(), strict=False)
    return pa.chunked_array(map(_whole, column.chunks), column.type)


def _whole(part: Any) -> Any:
    """A part of a column whose gaps point nowhere: where validation does not look, Polars and casts follow blindly."""
    import pyarrow as pa

    if pa.types.is_dictionary(part.type):
        return pa.DictionaryArray.from_arrays(part.indices, _whole(part.dictionary), ordered=part.type.ordered)
    if not part.null_count or part.type not in (pa.string_view(), pa.binary_view()):
        return part
    present, views, *texts = part.buffers()
    cells = np.frombuffer(views, np.uint64)[: 2 * (part.offset + len(part))].reshape(-1, 2).copy()
    cells[part.offset :][part.is_null().to_numpy(zero_copy_only=False)] = 0
    buffers = [present, pa.py_buffer(cells), *texts]
    return pa.Array.from_buffers(part.type, len(part), buffers, part.null_count, part.offset)


def read_json_lines(path: Path) -> pl.DataFrame:
    """One JSON object per line; keys that some lines leave out are missing there.

    Raises:
        DataError: A line that is not a JSON object, with its number.
    """
    records = [_record(line, number, path) for number, line in enumerate(text_of(path).split("\n"), 1) if line.strip()]
    return _from_records(records, path)


def read_json(path: Path) -> pl.DataFrame:
    """A JSON file that holds a list of objects.

    Raises:
        DataError: Not such a list.
    """
    try:
        records = json.loads(text_of(path))
    except (ValueError, RecursionError) as error:
        raise _not_records(path, f"not JSON: {error}") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise _not_records(path, f"it holds {type(records).__name__}")
    return _from_records(records, path)


def read_excel(path: Path) -> pl.DataFrame:
    """The first sheet of an Excel file.

    Raises:
        DataError: Two columns of one name.
    """
    first = pl.read_excel(path, has_header=False, read_options={"n_rows": 1})
    names = column_names(first.row(0), path)
    table = pl.read_excel(path)
    return table.rename(dict(zip(table.columns, names, strict=True)))


def _record(line: str, number: int, path: Path) -> dict[str, object]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _not_records(path, f"line {number:,} is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise _not_records(path, f"line {number:,} holds {type(record).__name__}")
    return record


def _from_records(records: list[dict[str, object]], path: Path) -> pl.DataFrame:
    try:
        return pl.DataFrame(records, infer_schema_length=None)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
        raise _not_records(path, f"values of one key differ in type: {str(error).splitlines()[0]}") from error


def _not_records(path: Path, why: str) -> DataError:
    return DataError(
        f"not a table of records: {path} ({why})",
        expected="one JSON object per line (.jsonl), or a list of objects (.json), with the same keys",
        fix="mend the file, or save the data as CSV or Parquet",
    )
