"""From a raw table to a `Dataset`: for training by inference and wishes, for prediction by a schema."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from assay.core.errors import DataError, did_you_mean, listed
from assay.data._infer import infer_kind
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema

_TYPES: Mapping[Kind, pl.DataType | type[pl.DataType]] = {
    Kind.NUMERIC: pl.Float64,
    Kind.BOOLEAN: pl.Boolean,
    Kind.DATETIME: pl.Datetime("us"),
    Kind.TEXT: pl.String,
    Kind.CATEGORICAL: pl.String,
}


@dataclass(frozen=True)
class Wishes:
    """What a person says about columns; all else is found out.

    Attributes:
        target: The column to predict.
        text, categorical, numeric: Columns whose kind is given.
        drop: Columns that are not to be used.
        group, weight, time: The column with that role.
    """

    target: str
    text: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    group: str | None = None
    weight: str | None = None
    time: str | None = None


def prepare(table: pl.DataFrame, wishes: Wishes) -> Dataset:
    """The dataset to learn from."""
    _check(table, wishes)
    columns = [_column(table[name], wishes) for name in table.columns]
    schema = Schema(tuple(columns))
    if not schema.features():
        raise DataError(
            f"no column to learn from: {listed(f'{c.name} ({c.reason})' for c in columns if c.name != wishes.target)}",
            expected="at least one column whose values differ from row to row",
            fix="add columns, or say what they are with --numeric, --categorical or --text",
        )
    return Dataset(table.select(_typed(table[column.name], column) for column in columns), schema)


def conform(
    table: pl.DataFrame, schema: Schema, *, labelled: bool, fill_missing_columns: bool = False
) -> tuple[Dataset, tuple[str, ...]]:
    """New rows in the form that a model was trained on, and notices."""
    target = schema.named(Role.TARGET)
    needed = [column for column in schema.columns if column.role is Role.FEATURE]
    absent = [column.name for column in needed if column.name not in table.columns]
    if absent and not fill_missing_columns:
        raise DataError(f"no column {listed(map(repr, absent))}", expected="the columns of training", fix="add them")
    if labelled and target not in table.columns:
        raise DataError(f"no column {target!r}", expected="labels", fix="add it")
    series = [_typed(table[c.name], c) if c.name in table.columns else pl.Series(c.name, [None] * table.height, dtype=_TYPES[c.kind]) for c in needed]
    for role in (Role.TARGET, Role.WEIGHT):
        name = schema.named(role)
        if name is not None and name in table.columns:
            series.append(_typed(table[name], schema[name]))
    return Dataset(pl.DataFrame(series), schema), ()


def _check(table: pl.DataFrame, wishes: Wishes) -> None:
    if wishes.target not in table.columns:
        raise DataError(
            f"no column {wishes.target!r}",
            expected=f"one of: {listed(table.columns)}",
            fix=f"{did_you_mean(wishes.target, table.columns)}name the target with --target",
        )
    if table.height == 0:
        raise DataError("a table with a header and no rows", expected="rows", fix="add rows")


def _column(values: pl.Series, wishes: Wishes) -> Column:
    name = values.name
    if name == wishes.target:
        return Column(name, Kind.CATEGORICAL, Role.TARGET, "the target")
    if name in wishes.drop:
        return Column(name, infer_kind(values)[0], Role.DROPPED, "dropped as asked")
    for kind, names in ((Kind.TEXT, wishes.text), (Kind.CATEGORICAL, wishes.categorical), (Kind.NUMERIC, wishes.numeric)):
        if name in names:
            return Column(name, kind, Role.FEATURE, "as asked")
    kind, reason = infer_kind(values)
    for role, other in ((Role.GROUP, wishes.group), (Role.WEIGHT, wishes.weight), (Role.TIME, wishes.time)):
        if name == other:
            return Column(name, kind, role, f"the {role.value} column, as asked")
    dropped = kind in (Kind.IDENTIFIER, Kind.CONSTANT)
    return Column(name, kind, Role.DROPPED if dropped else Role.FEATURE, reason)


def _typed(values: pl.Series, column: Column) -> pl.Series:
    if column.role is Role.TARGET or column.role is Role.DROPPED:
        return values
    wanted = _TYPES.get(column.kind, pl.String)
    typed = values if values.dtype == wanted else values.cast(wanted, strict=False)
    return typed.fill_nan(None) if wanted == pl.Float64 else typed
