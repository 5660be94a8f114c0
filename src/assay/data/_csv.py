"""Delimited text: encoding, delimiter and quoting are found out, everything is read as text, then given types."""

import csv
import gzip
import io
from pathlib import Path

import polars as pl

from assay.core.errors import DataError
from assay.data._types import typed

_DELIMITERS = ",;\t|"
_SAMPLE = 64_000


def read_delimited(path: Path) -> pl.DataFrame:
    """A CSV or TSV file, also gzipped, as a table of natural types.

    An empty field is a missing value. Types are found on whole columns, see `assay.data._types`.

    Raises:
        DataError: Not text, empty, ragged, or without a header.
    """
    text = decoded(_bytes(path), path)
    if not text.strip():
        raise DataError(f"an empty file: {path}", expected="a header and rows", fix="check how it was written")
    delimiter = _delimiter(text, path)
    names = _header(text, delimiter, path)
    table = _parsed(text, delimiter, names, path)
    return pl.DataFrame([typed(column, decimal_comma=delimiter == ";") for column in table])


def decoded(content: bytes, path: Path) -> str:
    """Text of a file: UTF-8 (with or without mark), UTF-16 with mark, else what charset-normalizer finds.

    Raises:
        DataError: Not text, or in no encoding that can be found out.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(content, "utf-16", path)
    if b"\x00" in content:
        raise _not_text(path, "it holds NUL bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _guessed(content, path)


def _bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        try:
            return gzip.decompress(content)
        except (OSError, EOFError) as error:
            raise _not_text(path, f"its gzip stream is damaged: {error}") from error
    return content


def _decode(content: bytes, encoding: str, path: Path) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(path, f"it is not {encoding}: {error.reason} at byte {error.start:,}") from error


def _guessed(content: bytes, path: Path) -> str:
    from charset_normalizer import from_bytes

    strange = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in content[:_SAMPLE])
    best = None if strange else from_bytes(content[:_SAMPLE]).best()
    if best is None:
        raise _not_text(path, "its bytes are text in no encoding that could be found out")
    try:
        return content.decode(best.encoding)
    except (UnicodeDecodeError, LookupError):
        return _decode(content, "cp1252", path)


def _not_text(path: Path, why: str) -> DataError:
    return DataError(
        f"not a table that can be read: {path} ({why})",
        expected="a text file in UTF-8, UTF-16 or a common 8-bit encoding, with a header and rows",
        fix="save it as UTF-8 CSV, or give it the suffix of what it is (.parquet, .xlsx, .jsonl, .feather)",
    )


def _delimiter(text: str, path: Path) -> str:
    """The delimiter that gives the most fields, the same number in the most lines of a sample."""
    if path.name.lower().removesuffix(".gz").endswith(".tsv"):
        return "\t"
    sample = text[:_SAMPLE]
    lines = sample if len(sample) == len(text) else sample[: sample.rfind("\n") + 1 or None]

    def fit(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(lines), delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    return max(_DELIMITERS, key=fit)


def _header(text: str, delimiter: str, path: Path) -> list[str]:
    try:
        names = next(row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row)
    except (csv.Error, StopIteration) as error:
        raise _not_text(path, f"its first line is no header: {error}") from error
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(
            f"columns of one name in {path}: {', '.join(map(repr, repeated))}",
            expected="a name of its own for each column",
            fix="rename the columns in the header",
        )
    return [name.strip() or f"column {number + 1}" for number, name in enumerate(names)]


def _parsed(text: str, delimiter: str, names: list[str], path: Path) -> pl.DataFrame:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text.encode("utf-8", "replace")),
            read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=0, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid as error:
        raise _ragged(text, delimiter, len(names), path, str(error)) from error
    return pl.DataFrame(table.slice(1))


def _ragged(text: str, delimiter: str, width: int, path: Path, otherwise: str) -> DataError:
    """Which line has another number of fields; Arrow does not count lines inside quotes."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for row in reader:
            if row and len(row) != width:
                return DataError(
                    f"line {reader.line_num:,} of {path} has {len(row)} fields",
                    expected=f"{width} fields in every line, as in the header",
                    fix="mend that line (a delimiter or quote inside a text must stand in quotes)",
                )
    except csv.Error as error:
        otherwise = f"line {reader.line_num:,}: {error}"
    return _not_text(path, otherwise)
