"""CoNLL files: a step in each line, columns parted by tabs or blanks, the tag last; a blank line parts sequences."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from assay.core.errors import DataError
from assay.data._sequences import SEQUENCE

_DOCUMENT = "-DOCSTART-"
_MARK = "\ufeff"
_LINE = "line "


def read_conll(path: Path) -> pl.DataFrame:
    """A row for each step: ``sequence``, ``token``, further columns by number, and ``tag``; or tokens alone.

    A sequence is named by the line that it begins in, so that a step's own line can be told: see `line_of`.
    Lines that begin with ``# `` between sequences are comments, unless they have the columns of a step; marks of
    documents are passed over.

    Raises:
        DataError: A line has more or fewer columns than the first; the text is not UTF-8, or is cut off.
    """
    lines = [line.rstrip("\r") for line in text_of(path).split("\n")]
    parted = "\t" if any("\t" in line for line in lines[:1000]) else None
    width = _width(lines, parted)
    rows: list[list[str]] = []
    sequences: list[str] = []
    open_ = False
    for place, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(_DOCUMENT):
            open_ = False
            continue
        if line.startswith("# ") and not open_ and len(line.split(parted)) != width:
            continue
        rows.append(_cells(path, place, line, parted, width))
        sequences.append(sequences[-1] if open_ else f"{_LINE}{place}")
        open_ = True
    if not rows:
        raise DataError(
            f"no step in {path}", expected="a token and its tag in each line", fix="check how it was written"
        )
    names = ["token", *(f"column {number}" for number in range(2, width)), *(["tag"] if width > 1 else [])]
    columns = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    return pl.DataFrame({SEQUENCE: sequences, **columns}, schema_overrides=dict.fromkeys(names, pl.String))


def line_of(sequence: str, step: int) -> int | None:
    """The line of a step, counted from 0 in its sequence; None if the sequence does not come from a CoNLL file."""
    number = sequence.removeprefix(_LINE)
    return int(number) + step if sequence != number and number.isdecimal() else None


def untagged(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """A file with all the columns to learn from and no tag behind them: the last of them was read as the tag."""
    last = f"column {table.width - 1}"
    alone = [name for name in columns if name not in table.columns] == [last]
    return table.rename({"tag": last}) if alone and "tag" in table.columns else table


def write_conll(table: pl.DataFrame, path: Path) -> None:
    """Each step's texts and tag, a blank line after each sequence."""
    kept = [name for name in table.columns if name != SEQUENCE]
    last = None
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for sequence, *cells in table.select(SEQUENCE, *kept).iter_rows():
            if last is not None and sequence != last:
                stream.write("\n")
            stream.write("\t".join(map(_written, cells)) + "\n")
            last = sequence
        stream.write("\n")


def _written(cell: object) -> str:
    """A cell that parts no columns: white space in it, and nothing at all, become an underscore."""
    return "_".join(str("" if cell is None else cell).split()) or "_"


def _width(lines: list[str], parted: str | None) -> int:
    """Columns of the first line that is no comment for sure, else of the first with anything in it."""
    told = [line for line in lines if line.strip() and not line.startswith(_DOCUMENT)]
    sure = next((line for line in told if not line.startswith("# ")), told[0] if told else "")
    return len(sure.split(parted))


def text_of(path: Path) -> str:
    """The text of a file that may be gzipped.

    Raises:
        DataError: It is not UTF-8, or is cut off.
    """
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
    try:
        with opened as stream:
            given = stream.read()
    except (EOFError, gzip.BadGzipFile) as error:
        raise DataError(
            f"a gzipped file that is cut off or is none: {path}", expected="a whole file", fix="copy it again"
        ) from error
    try:
        return given.decode("utf-8").removeprefix(_MARK)
    except UnicodeDecodeError as error:
        line = given[: error.start].count(b"\n") + 1
        raise DataError(
            f"bytes that are no UTF-8 in line {line:,} of {path}",
            expected="CoNLL as UTF-8 text",
            fix="save the file as UTF-8",
        ) from error


def _cells(path: Path, place: int, line: str, parted: str | None, width: int) -> list[str]:
    cells = line.split(parted) if parted else line.split()
    if parted and len(cells) == 1 and len(line.split()) > 1:
        raise DataError(
            f"blanks instead of tabs in line {place:,} of {path}: {line[:60]!r}",
            expected="columns parted by tabs, as in the other lines",
            fix="part all columns by tabs, or all by blanks",
        )
    if len(cells) != width:
        found = "one column" if len(cells) == 1 else f"{len(cells)} columns"
        raise DataError(
            f"{found} in line {place:,} of {path}: {line[:60]!r}",
            expected=f"{width} columns, as in the other lines" if width > 1 else "tokens alone, as in the other lines",
            fix="mend that line; a blank line ends a sequence",
        )
    return cells
