"""Delimited text: delimiter and quoting are found out, everything is read as text, then given types."""

import csv
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from assay.core.errors import DataError
from assay.data._names import column_names
from assay.data._text import not_text, text_of
from assay.data._types import typed

_DELIMITERS = ",;\t|"
_SAMPLE = 64_000


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart; ``quote`` is None where quotes are letters like any other."""

    delimiter: str
    quote: str | None

    def rows(self, text: str) -> Iterator[list[str]]:
        """The rows of a text that are not blank."""
        return (row for row in self.reader(text) if row)

    def reader(self, text: str, *, strict: bool = False) -> Any:
        """A reader that also counts lines; ``strict`` refuses quotes that are not closed or go on after it."""
        lines = io.StringIO(text, newline="")
        if self.quote is None:
            return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=strict)


def read_delimited(path: Path) -> pl.DataFrame:
    """A CSV or TSV file, also gzipped, as a table of natural types.

    An empty field is a missing value. Types are found on whole columns, see `assay.data._types`. Cells in single
    quotes are taken as quoted where the file has no double quote and most lines have such a cell. Where every line is a
    whole row and a quote is never closed, quotes are letters like any other.

    Raises:
        DataError: Not text, empty, ragged, or without a header.
    """
    text = text_of(path)
    if not text.strip():
        raise DataError(f"an empty file: {path}", expected="a header and rows", fix="check how it was written")
    dialect = _dialect(text, path)
    table = _parsed(text, dialect, _header(text, dialect, path), path)
    return pl.DataFrame([typed(column, decimal_comma=dialect.delimiter == ";") for column in table])


def _dialect(text: str, path: Path) -> Dialect:
    """The delimiter that the header has and that gives as many fields in the most lines of a sample."""
    sample = text if len(text) <= _SAMPLE else text[: text.rfind("\n", 0, _SAMPLE) + 1 or _SAMPLE]
    quote = _quote(sample)
    tabbed = path.name.lower().removesuffix(".gz").endswith(".tsv")
    dialects = [Dialect(delimiter, quote) for delimiter in ("\t" if tabbed else _DELIMITERS)]
    best = max(dialects, key=lambda dialect: _fit(sample, dialect))
    return replace(best, quote=None) if _quotes_are_letters(text, best) else best


def _quotes_are_letters(text: str, dialect: Dialect) -> bool:
    """Whether each line is a whole row as it stands, and not so if quotes are taken for quotes."""
    if dialect.quote is None or dialect.quote not in text:
        return False
    lines = [line for line in text.splitlines() if line.strip()]
    widths = {line.count(dialect.delimiter) for line in lines}
    if len(widths) > 1 or widths == {0} or not any(line.count(dialect.quote) % 2 for line in lines):
        return False
    try:
        return {len(row) for row in dialect.reader(text, strict=True) if row} != {next(iter(widths)) + 1}
    except csv.Error:
        return True


def _quote(sample: str) -> str:
    cells = re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=$|[,;\t|\r])", sample, re.MULTILINE)
    return "'" if '"' not in sample and 2 * len(cells) > sample.count("\n") > 0 else '"'


def _fit(sample: str, dialect: Dialect) -> tuple[float, int]:
    try:
        widths = [len(row) for row in dialect.rows(sample)]
    except csv.Error:
        return 0.0, 0
    fields = widths[0] if widths else 0
    return (widths.count(fields) / len(widths) if fields > 1 else 0.0), fields


def _header(text: str, dialect: Dialect, path: Path) -> list[str]:
    try:
        given = next(dialect.rows(text))
    except (csv.Error, StopIteration) as error:
        raise not_text(path, f"its first line is no header: {error}") from error
    return column_names(given, path)


def _parsed(text: str, dialect: Dialect, names: list[str], path: Path) -> pl.DataFrame:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text.encode("utf-8", "replace")),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter, quote_char=dialect.quote or False, newlines_in_values=True
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid as error:
        raise _ragged(text, dialect, len(names), path, str(error).splitlines()[0]) from error
    return pl.DataFrame(table.slice(1))  # the first row is the header


def _ragged(text: str, dialect: Dialect, width: int, path: Path, otherwise: str) -> DataError:
    """Which line has another number of fields; Arrow does not count lines inside quotes."""
    limit = csv.field_size_limit(sys.maxsize)
    reader = dialect.reader(text)
    try:
        for row in reader:
            if row and len(row) != width:
                return _other_width(path, reader.line_num, len(row), width)
    except csv.Error as error:
        otherwise = f"line {reader.line_num:,}: {error}"
    finally:
        csv.field_size_limit(limit)
    return not_text(path, otherwise)


def _other_width(path: Path, line: int, found: int, width: int) -> DataError:
    return DataError(
        f"line {line:,} of {path} has {found} {'field' if found == 1 else 'fields'}",
        expected=f"{width} {'field' if width == 1 else 'fields'} in every line, as in the header",
        fix="mend that line (a delimiter or quote inside a text must stand in quotes)",
    )
