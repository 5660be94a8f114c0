"""The data sets of the benchmark, found in a folder, with the columns that must stay unseen."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.core.errors import DataError, PlanError, did_you_mean
from contest.systems import KINDS, ROOT

TARGET = "label"
MANY = 20_000
OTHERS = ("images", "tagging", "tabular_multilabel", "text_multilabel", "regression")


@dataclass(frozen=True)
class DataSet:
    """One table, split once into two files.

    Attributes:
        name, kind, folder: Of the set.
        drop: Columns that nobody may see.
        target: The column to be told, or a pattern of such.
        shift: Whether the test rows are known to be of another kind than those to learn from.
        rows: How many are predicted at once for the sake of time; 0 for none.
    """

    name: str
    kind: str
    folder: Path
    drop: tuple[str, ...] = ()
    target: str = TARGET
    shift: bool = False
    rows: int = 0

    def make(self) -> None:
        """See to it that the files are there, as those that were found are."""

    @property
    def train(self) -> Path:
        """The rows to learn from."""
        return self._file("train")

    @property
    def test(self) -> Path:
        """The rows to be scored on."""
        return self._file("test")

    def _file(self, part: str) -> Path:
        """A Parquet file, a stack of pictures, or tagged sentences."""
        others = (self.folder / f"{part}.{ending}" for ending in ("npz", "conll"))
        return next((file for file in others if file.is_file()), self.folder / f"{part}.parquet")

    @property
    def text(self) -> tuple[str, ...]:
        """Columns that hold running text, for peers that have to be told."""
        return ("text",) if self.kind.startswith("text") else ()

    @property
    def size(self) -> int:
        """Bytes of the training file, by which sets are put in order."""
        return self.train.stat().st_size


def data_folder() -> Path:
    """Where the sets are: the folder that ``ASSAY_DATA`` names, or the one beside the checkout."""
    return Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))


def discover(root: Path, exceptions: Path) -> list[DataSet]:
    """Find all sets under ``root/tabular`` and ``root/text``, the smallest first.

    Args:
        root: Folder with one folder per kind, in it one per set.
        exceptions: TOML file with a ``drop`` list, a ``target``, a ``shift`` or ``rows`` per set that needs one.

    Raises:
        DataError: There is no set under ``root``.
    """
    sets = _found(root, KINDS, exceptions)
    if not sets:
        raise DataError(
            f"no data set under {root}",
            expected="tabular/NAME/train.parquet and test.parquet, or the same under text/",
            fix="set ASSAY_DATA to the folder that holds the data",
        )
    return sorted(sets, key=lambda each: (each.size, each.name))


def discover_others(root: Path, exceptions: Path) -> list[DataSet]:
    """Find all sets of `OTHERS` under ``root``, kind by kind and by name; none if there are no such folders."""
    return _found(root, OTHERS, exceptions)


def _found(root: Path, kinds: Sequence[str], exceptions: Path) -> list[DataSet]:
    told = tomllib.loads(exceptions.read_text())
    folders = [(kind, folder) for kind in kinds for folder in sorted((root / kind).glob("*"))]
    sets = [
        DataSet(folder.name, kind, folder, **_given(told.get(folder.name, {}), MANY if kind in KINDS else 0))
        for kind, folder in folders
    ]
    return [data for data in sets if data.train.is_file() and data.test.is_file()]


def _given(own: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """What is said of a set, and how many rows are predicted at once where nothing is said."""
    return {"rows": rows, **own, "drop": tuple(own.get("drop", ()))}


def names_in(text: str) -> list[str]:
    """Names out of a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def chosen(names: Sequence[str], known: Sequence[str], option: str) -> list[str]:
    """Return the ``known`` names that were asked for, all if none was.

    Raises:
        PlanError: A name is not known.
    """
    for name in names:
        if name not in known:
            raise PlanError(
                f"{name!r} after {option}",
                expected=f"names out of {', '.join(known)}",
                fix=f"{did_you_mean(name, known)}choose from the list, separated by commas",
            )
    return [name for name in known if not names or name in names]
