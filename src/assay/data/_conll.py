"""CoNLL files: a step in each line, columns parted by tabs or blanks, the tag last; a blank line parts sequences."""

import gzip
from pathlib import Path

import polars as pl

from assay.core.errors import DataError
from assay.data._sequences import SEQUENCE

_DOCUMENT = "-DOCSTART-"
_MARK = "\ufeff"


def read_conll(path: Path) -> pl.DataFrame:
    """A row for each step: ``sequence``, ``token``, further columns by number, and ``tag``.

    Lines that begin with ``# `` between sequences are comments; marks of documents are passed over.

    Raises:
        DataError: A line has more or fewer columns than the first, or one only; the text is not UTF-8.
    """
    lines = _text(path).split("\n")
    parted = "\t" if any("\t" in line for line in lines[:1000]) else None
    rows: list[list[str]] = []
    numbers: list[int] = []
    sequence, open_ = 0, False
    for place, line in enumerate(lines, 1):
        line = line.rstrip("\r")
        if not line.strip() or line.startswith(_DOCUMENT):
            sequence, open_ = sequence + open_, False
            continue
        if line.startswith("# ") and not open_ and "\t" not in line:
            continue
        rows.append(_cells(path, place, line, parted, len(rows[0]) if rows else None))
        numbers.append(sequence)
        open_ = True
    if not rows:
        raise DataError(
            f"no step in {path}", expected="a token and its tag in each line", fix="check how it was written"
        )
    names = ["token", *(f"column {number}" for number in range(2, len(rows[0]))), "tag"]
    columns = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    return pl.DataFrame({SEQUENCE: numbers, **columns}, schema_overrides=dict.fromkeys(names, pl.String))


def write_conll(table: pl.DataFrame, path: Path) -> None:
    """Each step's texts and tag, a blank line after each sequence."""
    kept = [name for name in table.columns if name != SEQUENCE]
    last = None
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for sequence, *cells in table.select(SEQUENCE, *kept).iter_rows():
            if last is not None and sequence != last:
                stream.write("\n")
            stream.write("\t".join("_" if cell is None else str(cell) for cell in cells) + "\n")
            last = sequence
        stream.write("\n")


def _text(path: Path) -> str:
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
    with opened as stream:
        given = stream.read()
    try:
        return given.decode("utf-8").removeprefix(_MARK)
    except UnicodeDecodeError as error:
        line = given[: error.start].count(b"\n") + 1
        raise DataError(
            f"bytes that are no UTF-8 in line {line:,} of {path}",
            expected="CoNLL as UTF-8 text",
            fix="save the file as UTF-8",
        ) from error


def _cells(path: Path, place: int, line: str, parted: str | None, width: int | None) -> list[str]:
    cells = line.split(parted) if parted else line.split()
    if parted and len(cells) == 1 and len(line.split()) > 1:
        raise DataError(
            f"blanks instead of tabs in line {place:,} of {path}: {line[:60]!r}",
            expected="columns parted by tabs, as in the other lines",
            fix="part all columns by tabs, or all by blanks",
        )
    if len(cells) < 2 or (width is not None and len(cells) != width):
        found = "one column" if len(cells) == 1 else f"{len(cells)} columns"
        raise DataError(
            f"{found} in line {place:,} of {path}: {line[:60]!r}",
            expected="a token and its tag" if width is None else f"{width} columns, as in the lines before",
            fix="mend that line; a blank line ends a sequence",
        )
    return cells
