"""From a raw table to a `Dataset`: for training by inference and wishes, for prediction by a schema."""

from collections.abc import Mapping

import polars as pl

from assay.core.errors import DataError, did_you_mean, listed
from assay.data._checks import check_groups, check_numbers, check_one_type, check_table, check_time, check_weights
from assay.data._infer import infer_kind
from assay.data._wishes import Wishes as Wishes
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema

_TYPES: Mapping[Kind, pl.DataType | type[pl.DataType]] = {
    Kind.NUMERIC: pl.Float64,
    Kind.BOOLEAN: pl.Boolean,
    Kind.DATETIME: pl.Datetime("us"),
    Kind.TEXT: pl.String,
    Kind.CATEGORICAL: pl.String,
}
_UNUSED = (Kind.IDENTIFIER, Kind.CONSTANT)
_CHECKS = {Role.GROUP: check_groups, Role.WEIGHT: check_weights, Role.TIME: check_time}


def prepare(table: pl.DataFrame, wishes: Wishes) -> Dataset:
    """The dataset to learn from: kinds and roles found out, each with its reason, and columns in their types.

    Raises:
        DataError: No such column, no rows, nothing to learn from, infinity, mixed types, unusable weights.
        PlanError: A column is named for two purposes.
    """
    check_table(table, wishes)
    plain = table.with_columns(_plain(column) for column in table)
    columns = [_column(column, wishes) for column in plain]
    schema = Schema(tuple(columns))
    if not schema.features():
        shown = listed((f"{c.name} ({c.reason})" for c in columns if c.role is not Role.TARGET), 6)
        raise DataError(
            f"no column to learn from: {shown or 'the target is the only column'}",
            expected="at least one column whose values differ from row to row",
            fix="add columns, or say what they are with --numeric, --categorical or --text",
        )
    return Dataset(plain.select(_typed(plain[column.name], column) for column in columns), schema)


def conform(
    table: pl.DataFrame, schema: Schema, *, labelled: bool, fill_missing_columns: bool = False
) -> tuple[Dataset, tuple[str, ...]]:
    """New rows in the form that a model was trained on, and what the person should know about them.

    Columns that training did not have are ignored. Values that do not read as the kind of training become missing.

    Raises:
        DataError: Columns of training are missing (unless they are to be filled), or the target is, or all rows.
    """
    _check_columns(table, schema, labelled=labelled, fill=fill_missing_columns)
    notices: list[str] = []
    columns = []
    for column in schema.columns:
        if column.role is Role.DROPPED or (column.role is not Role.FEATURE and column.name not in table.columns):
            continue
        if column.name not in table.columns:
            columns.append(pl.Series(column.name, [None] * table.height, dtype=_TYPES[column.kind]))
            notices.append(f"column {column.name!r} is not there: taken as missing in all rows")
            continue
        columns.append(_conformed(table[column.name], column, notices))
    extra = [name for name in table.columns if name not in schema]
    if extra:
        notices.append(f"columns that training did not have are ignored: {listed(extra, 6)}")
    return Dataset(pl.DataFrame({column.name: column for column in columns}), schema), tuple(notices)


def _check_columns(table: pl.DataFrame, schema: Schema, *, labelled: bool, fill: bool) -> None:
    target = schema.named(Role.TARGET)
    if labelled and target not in table.columns:
        raise DataError(
            f"no column {target!r} with the labels",
            expected=f"the target column among: {listed(table.columns)}",
            fix=f"{did_you_mean(target or '', table.columns)}add it, or use `assay predict` for rows without labels",
        )
    absent = [name for name in schema.features() if name not in table.columns]
    if absent and not fill:
        hints = "".join(did_you_mean(name, set(table.columns) - set(schema.features())) for name in absent[:1])
        raise DataError(
            f"no column {listed(map(repr, absent), 6)}",
            expected=f"the columns of training: {listed(schema.features())}",
            fix=f"{hints}add the column, or take it as missing in all rows with --fill-missing-columns",
        )
    if table.height == 0:
        raise DataError("a table with no rows", expected="one row or more", fix="check how the file was written")


def _column(values: pl.Series, wishes: Wishes) -> Column:
    name = values.name
    if name == wishes.target:
        return Column(name, Kind.CATEGORICAL, Role.TARGET, "the target")
    if name in wishes.drop:
        return Column(name, Kind.CATEGORICAL, Role.DROPPED, "left out, as asked")
    given = {Kind.TEXT: wishes.text, Kind.CATEGORICAL: wishes.categorical, Kind.NUMERIC: wishes.numeric}
    for kind, names in given.items():
        if name in names:
            return _given(values, kind)
    roles = {Role.GROUP: wishes.group, Role.WEIGHT: wishes.weight, Role.TIME: wishes.time}
    for role, other in roles.items():
        if name == other:
            _CHECKS[role](values)
            return Column(name, _role_kind(role, values), role, f"the {role.value} column, as asked")
    kind, reason = infer_kind(values)
    if kind in _UNUSED:
        return Column(name, kind, Role.DROPPED, reason)
    check_numbers(values)
    check_one_type(values)
    return Column(name, kind, Role.FEATURE, reason)


def _given(values: pl.Series, kind: Kind) -> Column:
    if values.n_unique() < 2:
        return Column(values.name, Kind.CONSTANT, Role.DROPPED, f"asked for as {kind.value}, but always the same")
    if kind is Kind.NUMERIC:
        check_numbers(values)
    return Column(values.name, kind, Role.FEATURE, f"{kind.value}, as asked")


def _role_kind(role: Role, values: pl.Series) -> Kind:
    if role is Role.WEIGHT:
        return Kind.NUMERIC
    if role is Role.TIME:
        return Kind.DATETIME if values.dtype.is_temporal() else Kind.NUMERIC
    return Kind.CATEGORICAL


def _plain(values: pl.Series) -> pl.Series:
    """Only types that the floors above know: NaN is missing, categories are texts, a date is a moment."""
    kind = values.dtype
    if kind.is_float():
        return values.fill_nan(None)
    if kind.is_numeric() or kind in (pl.String, pl.Boolean):
        return values
    if kind.is_temporal() and kind != pl.Duration and kind != pl.Time:
        return values.cast(pl.Datetime("us"))
    if kind == pl.Duration:
        return values.dt.total_seconds().cast(pl.Float64)
    if kind == pl.Null:
        return values.cast(pl.String)
    if kind.is_nested() or kind == pl.Object:
        raise DataError(
            f"values that are lists, records or objects in column {values.name!r}",
            expected="one number, text, date or true/false per cell",
            fix=f"turn it into plain columns, or leave it out of the file (column {values.name!r})",
        )
    return values.cast(pl.String)


def _typed(values: pl.Series, column: Column) -> pl.Series:
    if column.role in (Role.TARGET, Role.DROPPED):
        return values
    wanted = _TYPES[column.kind]
    return values if values.dtype == wanted else values.cast(wanted, strict=False)


def _conformed(values: pl.Series, column: Column, notices: list[str]) -> pl.Series:
    wanted = _TYPES[column.kind]
    if column.role is Role.TARGET or (values.dtype == wanted and wanted != pl.Float64):
        return values
    plain = _plain(values)
    if column.kind is Kind.NUMERIC and plain.dtype == pl.Float64:
        return plain.set(plain.is_infinite(), None) if len(plain) and plain.is_infinite().any() else plain
    typed = _cast(plain, column.kind)
    lost = typed.null_count() - plain.null_count()
    if lost:
        notices.append(
            f"{lost:,} values of column {column.name!r} do not read as {column.kind.value}: taken as missing"
        )
    return typed


def _cast(plain: pl.Series, kind: Kind) -> pl.Series:
    if kind is Kind.BOOLEAN and plain.dtype == pl.String:
        words = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
        return plain.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
    if kind is Kind.DATETIME and plain.dtype == pl.String:
        return plain.str.to_datetime(strict=False, time_unit="us")
    if kind is Kind.DATETIME and plain.dtype.is_numeric():
        return pl.Series(plain.name, [None] * len(plain), dtype=pl.Datetime("us"))
    return plain.cast(_TYPES[kind], strict=False)
