"""Columns of pictures: recognised, brought to one shape, and turned into pixels."""

import polars as pl

from assay.data.schema import Column, Kind, Role


def holds_pictures(values: pl.Series) -> bool:
    """Whether the cells are pictures: arrays of whole numbers from 0 to 255."""
    kind = values.dtype
    return isinstance(kind, pl.Array) and kind.inner.base_type() in (pl.Array, pl.UInt8) and len(kind.shape) in (2, 3)


def picture_column(values: pl.Series) -> Column:
    """What a column of pictures is: its shape, and how it was found."""
    height, width, *rest = values.dtype.shape  # type: ignore[attr-defined]
    shape = (height, width, rest[0] if rest else 1)
    tone = "grey" if shape[2] == 1 else "colour"
    return Column(values.name, Kind.PICTURE, Role.FEATURE, f"{tone} pictures of {width} by {height}", shape)


def as_pixels(values: pl.Series, shape: tuple[int, ...]) -> pl.Series:
    """A column of pictures as arrays (height, width, channels) of 8-bit numbers."""
    wanted = pl.Array(pl.UInt8, shape)
    if values.dtype == wanted:
        return values
    return pl.Series(values.name, values.to_numpy().reshape(len(values), *shape))
