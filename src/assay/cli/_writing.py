"""A table into a file, in the form that the file's suffix names, all or nothing; or onto stdout as CSV."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from assay.core.errors import OutputError, did_you_mean, listed
from assay.core.files import explained, written
from assay.data._conll import write_conll
from assay.data._sequences import SEQUENCE

_WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], object]] = {
    ".csv": lambda table, path: table.write_csv(path),
    ".tsv": lambda table, path: table.write_csv(path, separator="\t"),
    ".parquet": lambda table, path: table.write_parquet(path),
    ".arrow": lambda table, path: table.write_ipc(path),
    ".feather": lambda table, path: table.write_ipc(path),
    ".jsonl": lambda table, path: table.write_ndjson(path),
    ".ndjson": lambda table, path: table.write_ndjson(path),
    ".conll": write_conll,
}
_LINES = (".jsonl", ".ndjson")
_FLAT = (".csv", ".tsv")


def check_output(out: Path, source: str) -> None:
    """See, before any work, that predictions can go to ``out``.

    Raises:
        OutputError: A suffix that names no form, a folder, or the input itself.
    """
    suffix = out.suffix.lower()
    if suffix not in _WRITERS:
        raise OutputError(
            f"the suffix {suffix!r} of {out}",
            expected=f"one of: {listed(_WRITERS)}",
            fix=f"{did_you_mean(suffix, _WRITERS)}change the name after -o",
        )
    if out.is_dir():
        raise OutputError(f"a folder at {out}", expected="the name of a file", fix="change the name after -o")
    if out.exists() and Path(source).exists() and out.samefile(source):
        raise OutputError(
            f"the input itself, {out}, as the place for the output",
            expected="another file, so that the input stays as it is",
            fix="change the name after -o",
        )


def write_table(table: pl.DataFrame, out: Path, *, sequence: str | None = None) -> None:
    """Write a table to a file that `check_output` has passed.

    Args:
        table: With a row for each prediction.
        out: The file.
        sequence: The column with the number of the sequence that a row is a step of. In JSON Lines a line is a
            sequence then, its columns are lists.

    Raises:
        OutputError: The place cannot be written to, or the form cannot hold a column.
    """
    suffix = out.suffix.lower()
    if suffix == ".conll":
        table = _as_conll(table, sequence)
    elif suffix in _LINES and sequence is not None and sequence in table.columns:
        table = table.group_by(sequence, maintain_order=True).agg(pl.all())
    elif suffix in _FLAT:
        table = _flat(table)
    try:
        with written(out) as beside:
            _WRITERS[suffix](table, beside)
    except pl.exceptions.PolarsError as error:
        raise _cannot_hold(out.suffix, error) from error


def print_table(table: pl.DataFrame) -> None:
    """Write a table to stdout as CSV.

    Raises:
        OutputError: Stdout cannot be written to, or CSV cannot hold a column.
    """
    try:
        text = _flat(table).write_csv()
    except pl.exceptions.PolarsError as error:
        raise _cannot_hold("CSV", error) from error
    with explained(Path("the standard output")):
        sys.stdout.write(text)
        sys.stdout.flush()


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    """Lists of texts as one text each, as a target with several labels can be given too."""
    return table.with_columns(pl.col(pl.List(pl.String)).list.join(";"))


def _as_conll(table: pl.DataFrame, sequence: str | None) -> pl.DataFrame:
    """The sequence, what was there, and the prediction last; how sure it is has no place."""
    if sequence is None or sequence not in table.columns:
        raise OutputError(
            "predictions of rows that are no steps of sequences, as CoNLL",
            expected="the predictions of a tagging task",
            fix="write CSV, Parquet or JSON Lines: change the name after -o",
        )
    return table.drop("probability", strict=False).rename({sequence: SEQUENCE})


def _cannot_hold(form: str, error: Exception) -> OutputError:
    return OutputError(
        f"a column that {form} cannot hold ({error})",
        expected="columns of plain values",
        fix="write Parquet, with -o and a name that ends in .parquet",
    )
