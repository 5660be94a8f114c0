"""What can be wrong with a table or with what was said about it, told before anything is fitted."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from assay.core.errors import DataError, PlanError, did_you_mean, listed
from assay.data._folder import FILE, PICTURE
from assay.data._paths import SUFFIXES, share_of_names
from assay.data._types import as_kind, numeric_share
from assay.data._wishes import Wishes
from assay.data.schema import Kind

_MOSTLY = 0.95
_FEWEST = 10  # fewer different values are more likely codes than numbers
_MANY_NAMES, _FEWEST_NAMES = 0.8, 5
_SIDES = (4, 1024)


def check_table(table: pl.DataFrame, wishes: Wishes) -> None:
    """See that the table has rows, the target, and the columns that were named, each with one purpose.

    Raises:
        DataError: It has not.
        PlanError: A column is named for two purposes, or a size for pictures that is none.
    """
    _check_size(wishes.picture_size)
    if wishes.target not in table.columns:
        flat = table.columns == [FILE, PICTURE]
        raise DataError(
            f"no column {wishes.target!r} for the target",
            expected="a folder for each class, with its pictures"
            if flat
            else f"one of the columns: {listed(table.columns)}",
            fix="move the pictures of each class into a folder that has its name, and give the folder above them"
            if flat
            else f"{did_you_mean(wishes.target, table.columns)}name the target with --target",
        )
    if table.height == 0:
        raise DataError("a table with a header and no rows", expected="labelled rows", fix="add rows to the file")
    seen: dict[str, str] = {wishes.target: "--target"}
    for option, name in _named(wishes):
        if name not in table.columns:
            raise DataError(
                f"no column {name!r}, named with {option}",
                expected=f"one of the columns: {listed(table.columns)}",
                fix=f"{did_you_mean(name, table.columns)}change {option}",
            )
        if name in seen:
            raise PlanError(
                f"column {name!r} named with {seen[name]} and with {option}",
                expected="one purpose for a column",
                fix=f"leave one of {seen[name]} and {option} out",
            )
        seen[name] = option


def check_numbers(column: pl.Series) -> None:
    """See that a column of numbers holds no infinity.

    Raises:
        DataError: It does.
    """
    if not column.dtype.is_float():
        return
    wild = column.is_infinite().fill_null(False)
    if wild.any():
        rows = (np.flatnonzero(wild.to_numpy()) + 1).tolist()
        raise DataError(
            f"infinity in column {column.name!r}, row {listed(rows, 5)} ({len(rows):,} in all)",
            expected="finite numbers, or empty cells where there is none",
            fix="replace it by an empty cell or a real value, or leave the column out with --drop",
        )


def check_one_type(column: pl.Series) -> None:
    """See that a column of texts is not a column of numbers with stray words in it.

    Raises:
        DataError: It is.
    """
    if column.dtype != pl.String or column.n_unique() < _FEWEST or not _MOSTLY <= numeric_share(column) < 1:
        return
    stray = column.is_not_null() & as_kind(column, Kind.NUMERIC).is_null()
    rows = np.flatnonzero(stray.to_numpy())
    shown = listed((f"row {row + 1:,}: {column[int(row)]!r}" for row in rows[:3]), 3)
    raise DataError(
        f"mixed types in column {column.name!r}: numbers, and {len(rows):,} values that are none ({shown})",
        expected="numbers alone (gaps as empty cells), or no numbers",
        fix=f"mend these rows, or say what the column is: --numeric {column.name} takes other values as gaps, "
        f"--categorical {column.name} takes numbers as names",
    )


def check_names(column: pl.Series) -> None:
    """See that a column of texts is not a column of picture files with stray words in it.

    Raises:
        DataError: It is.
    """
    present = column.drop_nulls()
    if len(present) < _FEWEST_NAMES or not _MANY_NAMES <= share_of_names(present) < 1:
        return
    texts = [(text or "").strip() for text in column.to_list()]
    rows = [row for row, text in enumerate(texts) if text and not text.lower().endswith(SUFFIXES)]
    shown = listed((f"row {row + 1:,}: {column[row]!r}" for row in rows[:3]), 3)
    raise DataError(
        f"names of picture files in column {column.name!r}, and {len(rows):,} values that are none ({shown})",
        expected="names of picture files alone (gaps as empty cells), or none",
        fix=f"mend these rows, or say what the column is with --text {column.name} or --drop {column.name}",
    )


def check_weights(column: pl.Series) -> None:
    """See that row weights are numbers of zero or more, some above zero, none missing.

    Raises:
        DataError: They are not.
    """
    weights = column.cast(pl.Float64, strict=False).fill_nan(None)
    wrong = weights.is_null() | (weights < 0)
    if wrong.any() or not (weights > 0).any():
        row = int(np.flatnonzero(wrong.to_numpy())[0]) if wrong.any() else 0
        raise DataError(
            f"a row weight of {column[row]!r} in column {column.name!r}, row {row + 1:,}",
            expected="a number of zero or more in every row, above zero in some",
            fix="mend the column, or leave --weight out",
        )


def check_time(column: pl.Series) -> None:
    """See that a time column holds numbers or dates.

    Raises:
        DataError: It does not.
    """
    if not (column.dtype.is_numeric() or column.dtype.is_temporal()):
        raise DataError(
            f"a time column {column.name!r} with values such as {column.drop_nulls().head(1).to_list()}",
            expected="dates (2024-05-31, or with a time 2024-05-31 12:00:00) or numbers that grow with time",
            fix="write the dates in that form, or name another column with --time-column",
        )


def check_groups(column: pl.Series) -> None:
    """See that there are two groups or more, and rows that belong together.

    Raises:
        DataError: There are not.
    """
    groups = column.n_unique()
    if groups < 2:
        raise DataError(
            f"one group only in column {column.name!r}",
            expected="two groups or more, so that some can be learned from and others tested on",
            fix="name another column with --group, or leave --group out",
        )
    if groups == len(column):
        raise DataError(
            f"a group of its own for each of the {groups:,} rows in column {column.name!r}",
            expected="groups of rows that belong together (one person, one device, one document)",
            fix="name another column with --group, or leave --group out",
        )


def no_number(column: pl.Series) -> DataError:
    """The error for a column that is asked for as numeric and holds nothing that reads as a number."""
    return DataError(
        f"no number in column {column.name!r}, but values such as {column.drop_nulls()[0]!r}",
        expected="numbers in a column that is named with --numeric",
        fix=f"leave --numeric {column.name} out, or name it with --categorical or --text",
    )


def _check_size(side: object) -> None:
    least, most = _SIDES
    if side is not None and not (isinstance(side, int) and not isinstance(side, bool) and least <= side <= most):
        raise PlanError(
            f"pictures of {side!r} pixels on the longer side",
            expected=f"a whole number from {least} to {most:,}",
            fix="change --picture-size, or leave it out",
        )


def _named(wishes: Wishes) -> Iterator[tuple[str, str]]:
    lists = (("--text", wishes.text), ("--categorical", wishes.categorical), ("--numeric", wishes.numeric))
    for option, names in (*lists, ("--picture", wishes.picture), ("--drop", wishes.drop)):
        for name in names:
            yield option, name
    for option, single in _single(wishes):
        if single is not None:
            yield option, single


def _single(wishes: Wishes) -> tuple[tuple[str, str | None], ...]:
    return (
        ("--group", wishes.group),
        ("--sequence", wishes.sequence),
        ("--weight", wishes.weight),
        ("--time-column", wishes.time),
    )
