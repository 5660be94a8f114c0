"""From whatever a person has to a raw table: a path, a connection URL, or a frame."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from assay.core.errors import DataError, listed
from assay.data._columnar import read_arrow, read_excel, read_json, read_json_lines, read_parquet
from assay.data._conll import read_conll
from assay.data._conllu import read_conllu
from assay.data._csv import read_delimited
from assay.data._folder import picture_files, read_folder
from assay.data._npz import read_npz
from assay.data._paths import SUFFIXES, with_files
from assay.data._sql import read_sql

_READERS: Mapping[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".parquet": read_parquet,
    ".arrow": read_arrow,
    ".feather": read_arrow,
    ".ipc": read_arrow,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".xlsx": read_excel,
    ".xls": read_excel,
    ".npz": read_npz,
    ".conll": read_conll,
    ".conllu": read_conllu,
    ".bio": read_conll,
    ".iob": read_conll,
}
_DELIMITED = (".csv", ".tsv", ".txt")
_ZIPPED = (".xlsx", ".npz")  # two formats that begin alike
_BEGINNINGS = ((b"PAR1", ".parquet"), (b"ARROW1", ".arrow"), (b"PK\x03\x04", ".xlsx"), (b"\xd0\xcf\x11\xe0", ".xls"))
_FOREIGN = (
    (b"%pdf-", "a PDF document"),
    (b"<!doctype", "a web page (what a download gives in place of the file that is not there)"),
    (b"<html", "a web page"),
    (b"<?xml", "XML"),
    (b'{"', "JSON (rename it to .jsonl if each line is an object)"),
    (b"[{", "JSON (rename it to .json)"),
)


def read_table(source: Any, *, query: str | None = None, pictures: Collection[str] = ()) -> pl.DataFrame:
    """A raw table with natural types.

    Args:
        source: A path (CSV, TSV, Parquet, Arrow, JSON Lines, JSON, Excel, CoNLL, CoNLL-U; text may be gzipped), a
            folder of pictures, an ``.npz`` file with a stack of them, a connection URL, a frame of pandas, Polars,
            PyArrow or anything that narwhals takes, a mapping of columns, or a list of mappings.
        query: SQL query (or the name of a table) for a connection URL.
        pictures: Columns with paths of picture files, which are read; those whose every value ends like one are
            found out.

    Raises:
        DataError: The source cannot be read as a table.
    """
    if isinstance(source, str | Path):
        if "://" in str(source):
            return with_files(read_sql(str(source), query), Path(), pictures)
        path = Path(source).expanduser()
        table = _named(_read_path(path), source)
        return table if path.is_dir() else with_files(table, path.parent, pictures)
    return with_files(_named(_from_memory(source), source), Path(), pictures)


def _read_path(path: Path) -> pl.DataFrame:
    try:
        return _read_folder(path) if path.is_dir() else _READERS[_suffix(path)](path)
    except DataError:
        raise
    except PermissionError as error:
        raise DataError(
            f"no permission to read {path}", expected="a file that this user may read", fix="change its permissions"
        ) from error
    except (Exception, pl.exceptions.PanicException) as error:  # each format's library has errors of its own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"not a table that can be read: {str(path)[:200]} ({reason[:200]})",
            expected="a whole file with a header and rows, of the format that its suffix names",
            fix="check how it was written, or save it in another format (CSV, Parquet, JSON Lines, Excel)",
        ) from error


def _suffix(path: Path) -> str:
    """The suffix that decides the reader; a file whose first bytes say otherwise is told so."""
    if not path.exists():
        raise DataError(f"no file {path}", expected="the path of a file with rows", fix="check the path")
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix not in _READERS:
        raise DataError(
            f"a file with the suffix {path.suffix!r}: {path}",
            expected=f"one of: {listed(_READERS, 20)}",
            fix="rename the file after what it holds, or save it as CSV or Parquet",
        )
    if path.stat().st_size == 0:
        raise DataError(f"an empty file: {path}", expected="a header and rows", fix="check how it was written")
    return _agreed(path, suffix)


def _agreed(path: Path, suffix: str) -> str:
    with path.open("rb") as stream:
        beginning = stream.read(64).lstrip().lower()
    for start, real in _BEGINNINGS:
        if suffix in _ZIPPED and real in _ZIPPED:
            continue
        if beginning.startswith(start.lower()) and _READERS[real] is not _READERS[suffix]:
            raise _lying(path, suffix, real[1:], f"rename it to {path.with_suffix(real).name}")
    for start, what in _FOREIGN if suffix in _DELIMITED else ():
        if beginning.startswith(start):
            raise _lying(path, suffix, what, "get the table itself, as CSV, Parquet, JSON Lines or Excel")
    return suffix


def _lying(path: Path, suffix: str, real: str, fix: str) -> DataError:
    return DataError(
        f"not a {suffix[1:]} file: {path} holds {real}", expected=f"what the suffix {suffix} says", fix=fix
    )


def _read_folder(path: Path) -> pl.DataFrame:
    pictures = picture_files(path)
    if pictures:
        return read_folder(path, pictures)
    files = [file.name for file in sorted(path.iterdir()) if file.suffix.lower() in _READERS]
    raise DataError(
        f"a folder, not a file: {path}, with no picture in it (files that end in {listed(SUFFIXES, 20)})",
        expected="the path of a file with rows, or a folder with pictures, those of each class in a folder of its own",
        fix=f"name one of its files: {listed(files, 5)}" if files else "check the path",
    )


def _from_memory(source: Any) -> pl.DataFrame:
    if isinstance(source, pl.DataFrame):
        return source
    try:
        if isinstance(source, Mapping):
            return _of_columns(source)
        if isinstance(source, list):
            return pl.DataFrame(source, infer_schema_length=None)
        return _by_narwhals(source)
    except Exception as error:  # the frame libraries' own errors, of many types
        raise DataError(
            f"a {type(source).__module__.split('.')[0]} {type(source).__name__} that cannot be read "
            f"({str(error).splitlines()[0][:200] if str(error) else type(error).__name__})",
            expected="a path, a connection URL, or a frame (pandas, Polars, PyArrow, ...) of columns of one length",
            fix="give pandas.DataFrame(...) of it, each column with a name of its own",
        ) from error


def _by_narwhals(source: Any) -> pl.DataFrame:
    import narwhals as nw

    if hasattr(source, "features") and hasattr(source, "with_format"):  # a Hugging Face dataset
        return pl.DataFrame(source.with_format("arrow")[:])
    frame = nw.from_native(source)
    if isinstance(frame, nw.LazyFrame):
        return pl.DataFrame(frame.collect().to_arrow())
    plain = nw.maybe_reset_index(frame)  # or the index of pandas would become a column
    try:
        return pl.DataFrame(plain.to_arrow())
    except (TypeError, ValueError):  # Arrow's errors for objects of several types in one column
        return _of_columns({name: plain[name].to_list() for name in plain.columns})


def _of_columns(columns: Mapping[Any, Any]) -> pl.DataFrame:
    try:
        return pl.DataFrame({str(name): values for name, values in columns.items()})
    except TypeError:
        return pl.DataFrame([_of_several_types(str(name), values) for name, values in columns.items()])


def _of_several_types(name: str, values: Any) -> pl.Series:
    """A column of numbers if all are numbers, otherwise of texts."""
    return pl.Series(name, [None if value is None or value != value else value for value in values], strict=False)


def _named(table: pl.DataFrame, source: Any) -> pl.DataFrame:
    """The table with a name for every column."""
    if not table.columns:
        what = source if isinstance(source, str | Path) else "the frame"
        raise DataError(f"no columns in {what}", expected="a header and rows", fix="check how it was written")
    if "" not in table.columns:
        return table
    number = table.columns.index("") + 1
    return table.rename({"": f"column {number}"})
