"""Folders of pictures: each sub-folder is a class, as most picture data sets are laid out."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import polars as pl

from assay.core.errors import DataError, listed
from assay.data._paths import SUFFIXES

FILE, PICTURE, LABEL = "file", "picture", "label"
_PARTS = frozenset({"train", "training", "test", "testing", "val", "valid", "validation", "dev"})


def picture_files(folder: Path) -> list[PurePosixPath]:
    """The picture files in a folder and all below it, relative to it and sorted; hidden ones are not seen."""
    return sorted(_walked(folder))


def read_folder(folder: Path, files: list[PurePosixPath]) -> pl.DataFrame:
    """Pictures as a table.

    Args:
        folder: Where they are.
        files: What `picture_files` gave.

    Returns:
        ``file`` with the relative path, ``picture`` with the bytes of the file, and ``label`` with the name of the
        first folder on the way to it, missing for files that lie in no folder; no ``label`` where all do.

    Raises:
        DataError: The folders are parts of a data set (train, test), not classes.
    """
    labels = [file.parts[0] if len(file.parts) > 1 else None for file in files]
    _refuse_parts(folder, files)
    columns = {
        FILE: pl.Series([str(file) for file in files], dtype=pl.String),
        PICTURE: pl.Series([(folder / file).read_bytes() for file in files], dtype=pl.Binary),
    }
    if any(labels):
        columns[LABEL] = pl.Series(labels, dtype=pl.String)
    return pl.DataFrame(columns)


def _walked(folder: Path) -> Iterator[PurePosixPath]:
    been = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in been:  # a link that leads back up
            folders.clear()
            continue
        been.add(real)
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        way = PurePosixPath(Path(place).relative_to(folder).as_posix())
        yield from (way / name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith("."))


def _refuse_parts(folder: Path, files: list[PurePosixPath]) -> None:
    """Where the folders are called train and test, their names are no labels."""
    parts = {file.parts[0] for file in files if len(file.parts) > 1}
    if not parts or not all(part.lower() in _PARTS for part in parts):
        return
    first = next((part for part in sorted(parts) if part.lower().startswith("train")), min(parts))
    raise DataError(
        f"a folder of folders that are parts of a data set, not classes: {folder} holds {listed(sorted(parts))}",
        expected="a folder for each class, with its name",
        fix=f"give one part at a time, e.g. {folder / first}",
    )
