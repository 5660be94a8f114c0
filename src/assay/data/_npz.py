"""NumPy archives (.npz) with a stack of pictures and their labels."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray
from assay.core.errors import DataError, listed
from assay.data._folder import LABEL, PICTURE
from assay.data._stacks import pixels_of

_PICTURES = ("x", "images", "image", "pictures", "picture", "data")
_LABELS = ("y", "labels", "label", "targets", "target")


def read_npz(path: Path) -> pl.DataFrame:
    """Pictures as a table: ``picture``, ``label`` if there are labels, and other arrays of one value per picture.

    The pictures are the array of that name (x, images, ...) or the only one of the shape (n, height, width) or
    (n, height, width, channels); the labels likewise, of the shape (n,) or (n, 1).

    Raises:
        DataError: No array of pictures, or more than one; arrays of Python objects; pixels out of range.
    """
    arrays = _arrays(path)
    stacks = {name: array for name, array in arrays.items() if array.ndim in (3, 4) and array.dtype.kind in "buif"}
    name = _chosen(stacks, _PICTURES)
    if name is None:
        raise _unclear(path, arrays)
    pictures = pixels_of(stacks[name], f"the array {name!r} in {path}")
    columns = {PICTURE: pl.Series(pictures)}
    rows = {other: _flat(array) for other, array in arrays.items() if _is_column(array, len(pictures))}
    label = _chosen(rows, _LABELS)
    if label is not None:
        columns[LABEL] = pl.Series(rows.pop(label))
    return pl.DataFrame(
        {**columns, **{other: pl.Series(array) for other, array in rows.items() if other not in columns}}
    )


def _arrays(path: Path) -> Mapping[str, AnyArray]:
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        found = {}
        for name in archive.files:
            try:
                found[name] = archive[name]
            except ValueError as error:
                if "pickle" not in str(error):
                    raise
                raise DataError(
                    f"Python objects in the array {name!r} of {path}, which could run code when they are opened",
                    expected="arrays of numbers or texts",
                    fix="save the pictures as one array of a single shape, and the labels as numbers or texts",
                ) from error
    return found


def _chosen(arrays: Mapping[str, AnyArray], known: tuple[str, ...]) -> str | None:
    """The first of the known names that an array has, otherwise the only array."""
    lowered = {name.lower(): name for name in arrays}
    for name in known:
        if name in lowered:
            return lowered[name]
    return next(iter(arrays)) if len(arrays) == 1 else None


def _is_column(array: AnyArray, rows: int) -> bool:
    return array.shape in ((rows,), (rows, 1)) and array.dtype.kind in "buifU"


def _flat(array: AnyArray) -> AnyArray:
    return array.reshape(len(array))


def _unclear(path: Path, arrays: Mapping[str, AnyArray]) -> DataError:
    there = listed((f"{name} {array.dtype} {array.shape}" for name, array in arrays.items()), 20)
    return DataError(
        f"no telling which array holds the pictures in {path}: {there or 'it holds none'}",
        expected="one array x or images of the shape (n, height, width) or (n, height, width, channels), and y or "
        "labels of (n,)",
        fix="save each part of the data in a file of its own: numpy.savez_compressed('train.npz', x=..., y=...)",
    )
