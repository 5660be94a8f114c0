"""Rows that families are tried on: made up, with a target of each form, told in part by columns of every kind."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, IntArray, Pixels
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema
from assay.tasks._base import Asked, Form, Task
from assay.tasks.binary import Binary
from assay.tasks.multiclass import Multiclass
from assay.tasks.multilabel import Multilabel
from assay.tasks.regression import Regression
from assay.tasks.tagging import Tagging

ALL = ("number", "flag", "category", "date", "text", "picture")
_SHAPE = (16, 16, 1)
_KINDS = {
    "number": Kind.NUMERIC,
    "flag": Kind.BOOLEAN,
    "category": Kind.CATEGORICAL,
    "date": Kind.DATETIME,
    "text": Kind.TEXT,
    "picture": Kind.PICTURE,
}


@dataclass(frozen=True)
class Example:
    """Rows with a known target ``y``, of which ``train`` are learned from and the others are the fold's rest."""

    data: Dataset
    task: Task
    y: AnyArray
    train: IntArray

    @property
    def valid(self) -> IntArray:
        """The other rows."""
        return np.setdiff1d(np.arange(len(self.y)), self.train)


def example(n_classes: int = 2, *, rows: int = 160, columns: tuple[str, ...] = ALL, seed: int = 0) -> Example:
    """Rows whose classes ``number``, ``category``, ``text`` and ``picture`` each tell for three rows in four."""
    draw = np.random.default_rng(seed)
    y = np.arange(rows) % n_classes
    told = [np.where(draw.random(rows) < 0.75, y, draw.integers(0, n_classes, rows)) for _ in range(4)]
    start = datetime(2021, 3, 1)
    words = draw.choice(["you", "and", "the", "now"], (rows, 3))
    values: dict[str, list[Any]] = {
        "number": (3.0 * told[0] + draw.normal(0, 0.5, rows)).tolist(),
        "flag": (draw.random(rows) < 0.5).tolist(),
        "category": [f"level {value}" for value in told[1]],
        "date": [start + timedelta(hours=float(hour)) for hour in draw.integers(0, 9_999, rows)],
        "text": [f"{' '.join(row)} word{value}" for row, value in zip(words, told[2], strict=True)],
        "picture": list(_pictures(told[3], draw)),
    }
    types: dict[str, Any] = {"number": pl.Float64, "flag": pl.Boolean, "date": pl.Datetime("us")}
    types["picture"] = pl.Array(pl.UInt8, _SHAPE)
    series = [
        pl.Series(name, [None if gap else cell for cell, gap in zip(values[name], gaps, strict=True)], types.get(name))
        for name, gaps in ((name, draw.random(rows) < 0.05) for name in columns)
    ]
    schema = Schema(tuple(map(_column, columns)))
    kind = Binary if n_classes == 2 else Multiclass
    task = kind.from_target(pl.Series("label", [f"class {value}" for value in range(n_classes)]))
    return Example(Dataset(pl.DataFrame(series), schema), task, y, np.arange(rows)[draw.permutation(rows) % 4 > 0])


def _column(name: str) -> Column:
    return Column(name, _KINDS[name], Role.FEATURE, "made up", _SHAPE if name == "picture" else ())


def _pictures(classes: AnyArray, draw: np.random.Generator) -> Pixels:
    """A bright square in a place that the class decides, on noise."""
    pixels = draw.integers(0, 60, (len(classes), *_SHAPE))
    for picture, number in zip(pixels, classes.tolist(), strict=True):
        row, column = 8 * (number // 2 % 2) + 1, 8 * (number % 2) + 1
        picture[row : row + 6, column : column + 6] += 160
    return pixels.astype(np.uint8)


def case(name: str) -> Example:
    """An example by what it asks for: one of `CASES`."""
    return CASES[name][1]()


def cases(forms: Collection[Form]) -> tuple[str, ...]:
    """Names of the cases that ask for one of some forms."""
    return tuple(name for name, (form, _) in CASES.items() if form in forms)


def numbers(
    *, rows: int = 160, columns: tuple[str, ...] = ALL, seed: int = 0, interval: float | None = None
) -> Example:
    """The rows of four classes, with a number that rises with the class as the target."""
    given = example(4, rows=rows, columns=columns, seed=seed)
    y = 100.0 + 10.0 * given.y + np.random.default_rng(seed + 1).normal(0, 2, rows)
    task = Regression.from_target(pl.Series("size", y), Asked(interval=interval))
    return replace(given, task=task, y=y)


def labels(*, rows: int = 160, columns: tuple[str, ...] = ALL, seed: int = 0) -> Example:
    """The rows of four classes, with a label for each half of them and one for the last; one cell in twenty unknown."""
    given = example(4, rows=rows, columns=columns, seed=seed)
    y = np.stack([given.y >= 2, given.y % 2 == 1, given.y == 3], axis=1).astype(np.float64)
    y[np.random.default_rng(seed + 1).random(y.shape) < 0.05] = np.nan
    return replace(given, task=Multilabel(("upper", "odd", "last")), y=y)


def steps(*, rows: int = 160, columns: tuple[str, ...] = ALL, seed: int = 0) -> Example:
    """The rows of four classes as tags, in sequences of one step to seven."""
    given = example(4, rows=rows, columns=columns, seed=seed)
    lengths = np.random.default_rng(seed + 1).integers(1, 8, rows)
    sequence = np.repeat(np.arange(rows), lengths)[:rows]
    schema = Schema((*given.data.schema.columns, Column("sequence", Kind.CATEGORICAL, Role.SEQUENCE, "made up")))
    table = given.data.table.with_columns(pl.Series("sequence", sequence).cast(pl.String))
    train = np.flatnonzero(sequence % 4 > 0)
    y = np.stack([given.y, sequence], axis=1)
    return Example(Dataset(table, schema), Tagging(tuple(f"tag {value}" for value in range(4))), y, train)


CASES: Mapping[str, tuple[Form, Callable[..., Example]]] = {
    "two classes": (Form.CLASSES, example),
    "four classes": (Form.CLASSES, partial(example, 4)),
    "three labels": (Form.LABELS, labels),
    "numbers": (Form.NUMBERS, numbers),
    "steps": (Form.TAGS, steps),
    "numbers with an interval": (Form.NUMBERS, partial(numbers, interval=0.8)),
}


def gaps_only() -> Example:
    """Sixty rows without a value."""
    given = example(rows=60, columns=("number", "category", "text", "picture"))
    table = given.data.table.select(pl.lit(None, dtype).alias(name) for name, dtype in given.data.table.schema.items())
    return replace(given, data=Dataset(pl.concat([table] * 60), given.data.schema))


def no_columns() -> Example:
    """Rows of a table without columns."""
    return replace(example(), data=Dataset(pl.DataFrame(), Schema(())))
