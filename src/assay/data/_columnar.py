"""Files that know their types: Parquet, Arrow (Feather, IPC), JSON Lines and JSON, Excel."""

import json
from pathlib import Path

import polars as pl

from assay.core.errors import DataError


def read_parquet(path: Path) -> pl.DataFrame:
    """A Parquet file."""
    return pl.read_parquet(path)


def read_arrow(path: Path) -> pl.DataFrame:
    """An Arrow file, in the file or the stream format (Feather version 2)."""
    if path.read_bytes()[:6] == b"ARROW1":
        return pl.read_ipc(path)
    return pl.read_ipc_stream(path)


def read_json_lines(path: Path) -> pl.DataFrame:
    """One JSON object per line; keys that some lines leave out are missing there.

    Raises:
        DataError: A line that is not a JSON object, with its number.
    """
    records = [_record(line, number, path) for number, line in enumerate(_lines(path), 1) if line.strip()]
    return _from_records(records, path)


def read_json(path: Path) -> pl.DataFrame:
    """A JSON file that holds a list of objects.

    Raises:
        DataError: Not such a list.
    """
    try:
        records = json.loads("".join(_lines(path)))
    except (ValueError, RecursionError) as error:
        raise _not_records(path, f"not JSON: {error}") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise _not_records(path, f"it holds {type(records).__name__}")
    return _from_records(records, path)


def read_excel(path: Path) -> pl.DataFrame:
    """The first sheet of an Excel file."""
    return pl.read_excel(path)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").splitlines(keepends=True)


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
