"""Files that know their types: Parquet, Arrow (Feather, IPC), JSON Lines and JSON, Excel."""

import json
from pathlib import Path

import polars as pl

from assay.core.errors import DataError
from assay.data._names import column_names
from assay.data._text import text_of


def read_parquet(path: Path) -> pl.DataFrame:
    """A Parquet file."""
    return pl.read_parquet(path)


def read_arrow(path: Path) -> pl.DataFrame:
    """An Arrow file, in the file or the stream format (Feather version 2)."""
    with path.open("rb") as stream:
        is_file = stream.read(6) == b"ARROW1"
    return pl.read_ipc(path) if is_file else pl.read_ipc_stream(path)


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
