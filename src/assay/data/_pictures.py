"""Columns of pictures: recognised, brought to one shape, and turned into pixels."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, BoolArray, IntArray, Pixels
from assay.core.errors import DataError, listed
from assay.data._decode import SMALL, Seen, begins_as_picture, decode, each, look, reshaped
from assay.data._stacks import pixels_of
from assay.data.schema import Column, Kind, Role

GONE = "there is no such file"
_LOOKED_AT = 16
_TONES = {1: "grey", 3: "colour"}
_PROBE = (8, 8, 1)
Names = Sequence[str | None]


def holds_pictures(values: pl.Series) -> bool:
    """Whether the cells are pictures: arrays of pixels, encoded files, or records of a file and its path."""
    kind = values.dtype
    if kind == pl.Binary:
        first = values.drop_nulls().head(_LOOKED_AT)
        return any(begins_as_picture(cell) for cell in first.to_list())
    if isinstance(kind, pl.Array):
        return len(kind.shape) in (2, 3) and _innermost(kind).is_numeric()
    return is_record(values)


def is_record(values: pl.Series) -> bool:
    """Whether the cells are records of a file's bytes and its path."""
    kind = values.dtype
    if not isinstance(kind, pl.Struct):
        return False
    fields = {entry.name: entry.dtype for entry in kind.fields}
    # A field that is empty in all rows has no type.
    return fields.pop("bytes", None) in (pl.Binary, pl.Null) and fields in ({}, {"path": pl.String}, {"path": pl.Null})


def found_pictures(values: pl.Series, names: Names | None, side: int | None) -> tuple[Column, pl.Series]:
    """What a column of pictures is, and its pixels in the one shape that all of them get.

    Pictures of one size up to 64 by 64 stay as they are. Others get the median width and height, scaled so that the
    longer is 64 or ``side``: each is scaled until it covers that, and its centre is cut out, as is usual for nets
    (Krizhevsky et al. 2012). All are grey if all came without colours, otherwise all are colour.

    Args:
        values: The column, see `holds_pictures`.
        names: The file of each row, for messages; None where a record does not say it.
        side: Pixels on the longer side; None for at most 64.

    Raises:
        DataError: Some are damaged, not pictures or not there.
    """
    there = _there(values)
    if not there.any():
        empty = pl.Series(values.name, [None] * len(values), dtype=pl.String)
        return Column(values.name, Kind.CONSTANT, Role.DROPPED, "every value is missing"), empty
    if isinstance(values.dtype, pl.Array):
        return _found_stack(values, there, side)
    cells, names = _cells(values, names)
    rows = np.flatnonzero(there)
    given = [cells[row] for row in rows]
    seen = each(_looked, given)
    if any(isinstance(one, str) for one in seen):  # count also those that begin well
        _refuse(values.name, rows, each(_probed, given), names)
    good = [one for one in seen if isinstance(one, Seen)]
    grey = [one.grey for one in good]
    shape = _shape([one.size for one in good], 1 if all(grey) else 3, side)
    tones = " and ".join([*["grey"] * any(grey), *["colour"] * (not all(grey))])
    pixels = _decoded(values.name, given, shape, rows=rows, names=names, seen=seen)
    reason = _reason(tones, [one.size for one in good], shape)
    return Column(values.name, Kind.PICTURE, Role.FEATURE, reason, shape), _series(values.name, pixels, there)


def as_pixels(values: pl.Series, shape: tuple[int, ...], names: Names | None = None) -> pl.Series:
    """A column of pictures as arrays of 8-bit numbers of a shape (height, width, channels).

    Raises:
        DataError: Some are damaged, not pictures or not there, or of other channels than grey or colour.
    """
    if values.dtype == pl.Array(pl.UInt8, shape):
        return values
    there = _there(values)
    if not there.any():
        return pl.Series(values.name, [None] * len(values), dtype=pl.Array(pl.UInt8, shape))
    if isinstance(values.dtype, pl.Array) and holds_pictures(values):
        stack = pixels_of(_numbers(values), f"column {values.name!r}")
        return _series(values.name, _stack_as(values.name, stack, shape), there)
    cells, names = _cells(values, names)
    rows = np.flatnonzero(there)
    given = [cells[row] for row in rows]
    return _series(values.name, _decoded(values.name, given, shape, rows=rows, names=names), there)


def plain_cells(values: pl.Series) -> pl.Series:
    """A column for another purpose than as pictures: the paths of records, and anything else as it is.

    Raises:
        DataError: Pictures without paths.
    """
    if not holds_pictures(values):
        return values
    if is_record(values):
        path = _paths(values)
        if not (_there(values) & path.is_null().to_numpy()).any():
            return path.alias(values.name)
    raise DataError(
        f"pictures in column {values.name!r}",
        expected="numbers, texts or dates in a column for this purpose",
        fix=f"name it with --picture {values.name}, or leave it out with --drop {values.name}",
    )


def without_pixels(table: pl.DataFrame) -> pl.DataFrame:
    """A table that can be written: paths in place of pictures, and without pictures that have none."""
    pictures = [column for column in table if holds_pictures(column)]
    paths = [_paths(column) for column in pictures if is_record(column)]
    shown = [path for path in paths if path.null_count() < len(path)]
    gone = {column.name for column in pictures} - {path.name for path in shown}
    return table.with_columns(shown).drop(gone)


def _innermost(kind: pl.DataType) -> pl.DataType:
    return _innermost(kind.inner) if isinstance(kind, pl.Array) else kind  # type: ignore[arg-type]


def _there(values: pl.Series) -> BoolArray:
    """Which rows have a picture; a record of nothing is none."""
    there: BoolArray = values.is_not_null().to_numpy()
    if is_record(values):
        there = there & (values.struct.field("bytes").is_not_null() | _paths(values).is_not_null()).to_numpy()
    return there


def _paths(records: pl.Series) -> pl.Series:
    fields = records.struct.unnest()
    path = fields["path"] if "path" in fields.columns else pl.Series([None] * len(records))
    return path.cast(pl.String).alias(records.name)


def _numbers(values: pl.Series) -> AnyArray:
    numbers: AnyArray = values.drop_nulls().to_numpy()
    return numbers


# -- arrays -----------------------------------------------------------------------------------------------------------


def _found_stack(values: pl.Series, there: BoolArray, side: int | None) -> tuple[Column, pl.Series]:
    stack = pixels_of(_numbers(values), f"column {values.name!r}")
    height, width, channels = stack.shape[1:]
    shape = _shape([(width, height)], channels, side)
    reason = _reason(_TONES.get(channels, ""), [(width, height)], shape)
    pixels = _stack_as(values.name, stack, shape)
    return Column(values.name, Kind.PICTURE, Role.FEATURE, reason, shape), _series(values.name, pixels, there)


def _stack_as(name: str, stack: Pixels, shape: tuple[int, ...]) -> Pixels:
    if stack.shape[1:] == shape:
        return stack
    if stack.shape[3] != shape[2] and not {stack.shape[3], shape[2]} <= set(_TONES):
        raise _channels(name, stack.shape[3], shape[2])
    return np.stack(each(lambda one: reshaped(one, shape), list(stack)))


def _series(name: str, pixels: Pixels, there: BoolArray) -> pl.Series:
    if there.all():
        return pl.Series(name, pixels)
    whole = np.zeros((len(there), *pixels.shape[1:]), np.uint8)
    whole[there] = pixels
    given = pl.DataFrame({name: pl.Series(whole), "there": there})
    return given.select(pl.when("there").then(pl.col(name)).alias(name))[name]


# -- files ------------------------------------------------------------------------------------------------------------


def _cells(values: pl.Series, names: Names | None) -> tuple[list[bytes | None], Names | None]:
    """The bytes of each row, and the name of its file."""
    if values.dtype == pl.Binary:
        return values.to_list(), names
    if is_record(values):
        paths = _paths(values)
        return values.struct.field("bytes").to_list(), names if paths.null_count() == len(paths) else paths.to_list()
    raise DataError(
        f"no pictures in column {values.name!r}, but values such as {str(values.drop_nulls()[0])[:40]!r}",
        expected="encoded pictures, paths of picture files, or arrays of pixels",
        fix="give the column that holds the pictures, or leave --picture out",
    )


def _looked(cell: bytes | None) -> Seen | str:
    return GONE if cell is None else look(cell)


def _probed(cell: bytes | None) -> Pixels | str:
    return GONE if cell is None else decode(cell, _PROBE)


def _decoded(
    name: str,
    cells: Sequence[bytes | None],
    shape: tuple[int, ...],
    *,
    rows: IntArray,
    names: Names | None,
    seen: Sequence[Seen | str] = (),
) -> Pixels:
    """All cells in one shape; those that were decoded when they were looked at are not decoded again."""
    if shape[2] not in _TONES:
        raise _channels(name, 3, shape[2])

    def one(place: int) -> Pixels | str:
        cell, before = cells[place], seen[place] if seen else None
        if isinstance(before, Seen) and before.pixels is not None:
            return reshaped(before.pixels, shape)
        return GONE if cell is None else decode(cell, shape)

    found = each(one, range(len(cells)))
    _refuse(name, rows, found, names)
    return np.stack(found)


def _refuse(name: str, rows: IntArray, found: Sequence[object], names: Names | None) -> None:
    """Tell of all cells that are no pictures, naming the first."""
    wrong = [(row, one) for row, one in zip(rows, found, strict=True) if isinstance(one, str)]
    if not wrong:
        return
    shown = listed((_named(int(row), why, names) for row, why in wrong[:3]), 3)
    gone = all(why == GONE for _, why in wrong)
    raise DataError(
        f"{len(wrong):,} of {len(found):,} pictures in column {name!r} that cannot be read: {shown}",
        expected="paths from the folder of the table or from the current folder"
        if gone
        else "whole pictures, as PNG, JPEG, GIF, BMP, WebP or TIFF; an empty cell where there is none",
        fix=f"mend these rows or take them out, or leave the column out with --drop {name}",
    )


def _named(row: int, why: str, names: Names | None) -> str:
    file = names[row] if names is not None else None
    return f"row {row + 1:,}{f', {file}' if file else ''} ({why})"


def _channels(name: str, found: int, wanted: int) -> DataError:
    return DataError(
        f"pictures of {found} channels in column {name!r}",
        expected=f"pictures of {wanted} channels, as in training",
        fix="give pictures of the same kind",
    )


# -- shapes -----------------------------------------------------------------------------------------------------------


def _shape(sizes: Sequence[tuple[int, int]], channels: int, side: int | None) -> tuple[int, ...]:
    width, height = (float(one) for one in np.median(sizes, axis=0))
    longer = max(width, height)
    scale = (side or min(longer, SMALL)) / longer
    return max(1, round(height * scale)), max(1, round(width * scale)), channels


def _reason(tones: str, sizes: Sequence[tuple[int, int]], shape: tuple[int, ...]) -> str:
    """``"grey and colour pictures of 14 sizes, taken as colour of 48 by 64"``."""
    height, width, channels = shape
    different = set(sizes)
    size = sizes[0]
    came = f"{len(different)} sizes" if len(different) > 1 else f"{size[0]} by {size[1]}"
    tone = "colour" if " and " in tones else ""
    taken = f"of {width} by {height}" if different != {(width, height)} else ""
    goal = " ".join(part for part in (tone, taken) if part)
    what = f"{tones} pictures" if tones else "pictures"
    depth = "" if channels in _TONES else f" and {channels} channels"
    return f"{what} of {came}{depth}" + (f", taken as {goal.removeprefix('of ')}" if goal else "")
