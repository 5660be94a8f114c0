"""From a raw table to a `Dataset`: for training by inference and wishes, for prediction by a schema."""

import polars as pl

from assay.core.errors import DataError, did_you_mean, listed
from assay.data._checks import (
    check_groups,
    check_names,
    check_numbers,
    check_one_type,
    check_table,
    check_time,
    check_weights,
    no_number,
)
from assay.data._folder import FILE
from assay.data._infer import infer_kind
from assay.data._paths import has_addresses, name_pictures
from assay.data._pictures import as_pixels, found_pictures, holds_pictures, plain_cells
from assay.data._targets import with_one_target
from assay.data._types import TYPES, all_finite, as_kind, natural, typed
from assay.data._wishes import Wishes as Wishes
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema

_UNUSED = (Kind.IDENTIFIER, Kind.CONSTANT)
_CHECKS = {
    Role.GROUP: check_groups,
    Role.WEIGHT: check_weights,
    Role.TIME: check_time,
}


def prepare(table: pl.DataFrame, wishes: Wishes) -> Dataset:
    """The dataset to learn from: kinds and roles found out, each with its reason, and columns in their types.

    Raises:
        DataError: No such column, no rows, nothing to learn from, infinity, mixed types, unusable weights.
        PlanError: A column is named for two purposes.
    """
    table = with_one_target(table, wishes.target)
    check_table(table, wishes)
    found = _pictures(table, wishes)
    plain = table.select(
        found[column.name][1]
        if column.name in found
        else column
        if column.name in wishes.drop or (column.name == wishes.target and column.dtype.is_nested())
        else natural(plain_cells(column))
        for column in table
    )
    columns = [found[column.name][0] if column.name in found else _column(column, wishes) for column in plain]
    schema = Schema(tuple(columns))
    if not schema.features():
        shown = listed((f"{c.name} ({c.reason})" for c in columns if c.role is not Role.TARGET), 6)
        raise DataError(
            f"no column to learn from: {shown or 'the target is the only column'}",
            expected="at least one column whose values differ from row to row",
            fix="add columns, or say what they are with --numeric, --categorical or --text",
        )
    data = Dataset(plain.select(_typed(plain[column.name], column) for column in columns), schema)
    for name in schema.features(Kind.NUMERIC):
        check_numbers(data.table[name])
    return data


def conform(
    table: pl.DataFrame, schema: Schema, *, labelled: bool, fill_missing_columns: bool = False
) -> tuple[Dataset, tuple[str, ...]]:
    """New rows in the form that a model was trained on, and what the person should know about them.

    Columns that training did not have are ignored. Values that do not read as the kind of training become missing;
    pictures are brought to the shape of training.

    Raises:
        DataError: Columns of training are missing (unless they are to be filled), or the target is, or all rows; or
            pictures cannot be read.
    """
    table = with_one_target(table, schema.named(Role.TARGET) or "")
    _check_columns(table, schema, labelled=labelled, fill=fill_missing_columns)
    notices: list[str] = []
    columns, there = [], set(table.columns)
    for column in schema.columns:
        if column.role is Role.DROPPED or (column.role is not Role.FEATURE and column.name not in there):
            continue
        if column.name not in there:
            columns.append(pl.Series(column.name, [None] * table.height, dtype=_type_of(column)))
            notices.append(f"column {column.name!r} is not there: taken as missing in all rows")
            continue
        columns.append(
            _conformed_pictures(table, column, notices)
            if column.kind is Kind.PICTURE and column.role is Role.FEATURE
            else _conformed(table[column.name], column, notices)
        )
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
    there = set(table.columns)
    absent = [name for name in schema.features() if name not in there]
    if absent and not fill:
        hints = "".join(did_you_mean(name, there - set(schema.features())) for name in absent[:1])
        raise DataError(
            f"no column {listed(map(repr, absent), 6)}",
            expected=f"the columns of training: {listed(schema.features())}",
            fix=f"{hints}add the column, or take it as missing in all rows with --fill-missing-columns",
        )
    if table.height == 0:
        raise DataError("a table with no rows", expected="one row or more", fix="check how the file was written")


def _pictures(table: pl.DataFrame, wishes: Wishes) -> dict[str, tuple[Column, pl.Series]]:
    """The columns of pictures, each with its pixels; decoding is the long part, so it is done once."""
    roles = (wishes.target, wishes.group, wishes.weight, wishes.time, wishes.sequence)
    others = {*wishes.text, *wishes.categorical, *wishes.numeric, *wishes.drop, *roles}
    return {
        column.name: found_pictures(column, _files(table), wishes.picture_size)
        for column in table
        if column.name in wishes.picture or (column.name not in others and holds_pictures(column))
    }


def _files(table: pl.DataFrame) -> list[str | None] | None:
    """The files of the rows, where a table tells them."""
    return table[FILE].to_list() if FILE in table.columns and table[FILE].dtype == pl.String else None


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
    roles = {
        Role.GROUP: wishes.group,
        Role.WEIGHT: wishes.weight,
        Role.TIME: wishes.time,
        Role.SEQUENCE: wishes.sequence,
    }
    for role, other in roles.items():
        if name == other:
            read = typed(values) if values.dtype == pl.String else values
            _CHECKS.get(role, lambda _: None)(read)
            return Column(name, _role_kind(role, read), role, f"the {role.value} column, as asked")
    if values.dtype == pl.String:
        if name_pictures(values):
            what = "addresses of pictures, which are not fetched" if has_addresses(values) else "names of picture files"
            return Column(name, Kind.IDENTIFIER, Role.DROPPED, what)
        check_names(values)
    kind, reason = infer_kind(values)
    if kind in _UNUSED:
        return Column(name, kind, Role.DROPPED, reason)
    if kind in (Kind.CATEGORICAL, Kind.TEXT):
        check_one_type(values)
    return Column(name, kind, Role.FEATURE, reason)


def _given(values: pl.Series, kind: Kind) -> Column:
    if values.n_unique() < 2:
        return Column(values.name, Kind.CONSTANT, Role.DROPPED, f"asked for as {kind.value}, but always the same")
    lost = as_kind(values, kind).null_count() - values.null_count()
    if lost == values.len() - values.null_count():
        raise no_number(values)
    gaps = f"; {lost:,} other values are taken as missing" if lost else ""
    return Column(values.name, kind, Role.FEATURE, f"{kind.value}, as asked{gaps}")


def _role_kind(role: Role, values: pl.Series) -> Kind:
    if role is Role.WEIGHT:
        return Kind.NUMERIC
    if role is Role.TIME:
        return Kind.DATETIME if values.dtype.is_temporal() else Kind.NUMERIC
    return Kind.CATEGORICAL


def _typed(values: pl.Series, column: Column) -> pl.Series:
    if column.role in (Role.TARGET, Role.DROPPED) or column.kind is Kind.PICTURE:
        return values
    return as_kind(values, column.kind)


def _type_of(column: Column) -> pl.DataType | type[pl.DataType]:
    return pl.Array(pl.UInt8, column.shape) if column.kind is Kind.PICTURE else TYPES[column.kind]


def _conformed(given: pl.Series, column: Column, notices: list[str]) -> pl.Series:
    if column.role is Role.TARGET and given.dtype.is_nested():
        return given
    values = natural(plain_cells(given))
    if column.role is Role.TARGET:
        return values
    if column.role is Role.WEIGHT:
        check_weights(values)
    read = as_kind(values, column.kind)
    if column.kind is Kind.NUMERIC:
        read = _finite(read)
    lost = read.null_count() - values.null_count()
    if lost > 0:
        said = "value is" if lost == 1 else "values are"
        notices.append(f"column {column.name!r}: {lost:,} {said} not {column.kind.value}, taken as missing")
    return read


def _conformed_pictures(table: pl.DataFrame, column: Column, notices: list[str]) -> pl.Series:
    pixels = as_pixels(table[column.name], column.shape, _files(table))
    gaps = pixels.null_count()
    if gaps:
        said = "1 picture is" if gaps == 1 else f"{gaps:,} pictures are"
        notices.append(f"column {column.name!r}: {said} missing, taken as black")
    return pixels


def _finite(numbers: pl.Series) -> pl.Series:
    return numbers if all_finite(numbers) else numbers.set(numbers.is_infinite(), None)
