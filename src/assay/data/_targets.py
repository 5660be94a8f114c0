"""Several columns of yes and no as one target: `label_*` names them all."""

from fnmatch import fnmatchcase

import polars as pl

from assay.core.errors import DataError

_YES, _NO = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no")


def is_pattern(target: str) -> bool:
    """Whether a target names several columns."""
    return any(sign in target for sign in "*?")


def matching(target: str, names: list[str]) -> list[str]:
    """The columns that a target names."""
    return [name for name in names if fnmatchcase(name, target)] if is_pattern(target) else []


def with_one_target(table: pl.DataFrame, target: str) -> pl.DataFrame:
    """The table with the columns that ``target`` names as one record of booleans under that name.

    The table itself where the target is a column, or names none.

    Raises:
        DataError: A value is neither yes nor no.
    """
    if target in table.columns or not (names := matching(target, table.columns)):
        return table
    read = pl.DataFrame([_yes_or_no(table[name]) for name in names])
    return table.drop(names).with_columns(read.to_struct(target))


def _yes_or_no(column: pl.Series) -> pl.Series:
    texts = column.cast(pl.String).str.strip_chars().str.to_lowercase().replace("", None)
    if column.dtype.is_float():
        texts = texts.replace("nan", None)
    known = texts.is_in([*_YES, *_NO]) | texts.is_null()
    if not known.all():
        row = int((~known).arg_max() or 0)
        raise DataError(
            f"{str(column[row])[:40]!r} in the target column {column.name!r}, row {row + 1:,}",
            expected="0 or 1 (or true and false, yes and no) in each column of a target with several labels, or a gap",
            fix="mend the column, or name the columns of labels more narrowly with --target",
        )
    return texts.is_in(list(_YES)).set(texts.is_null(), None).alias(column.name)
