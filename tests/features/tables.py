"""Small tables of one kind of column, for the tests of encoders."""

from typing import Any

import numpy as np
import polars as pl

from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema
from assay.features._base import Encoder, Target, every_row

_TYPES: dict[Kind, Any] = {Kind.NUMERIC: pl.Float64, Kind.BOOLEAN: pl.Boolean, Kind.DATETIME: pl.Datetime("us")}


def table(kind: Kind, **columns: Any) -> Dataset:
    """A dataset whose columns are all of one kind; None is a gap."""
    series = [pl.Series(name, list(values), _TYPES.get(kind, pl.String)) for name, values in columns.items()]
    return Dataset(pl.DataFrame(series), Schema(tuple(Column(name, kind, Role.FEATURE, "said so") for name in columns)))


def target(y: Any, n_classes: int = 2) -> Target:
    return Target(np.asarray(y), n_classes)


def blocks(encoder: Encoder, train: Dataset, *new: Dataset, y: Any = None) -> list[Any]:
    """Fit on all rows of a table; the blocks of its rows and of new tables, as plain arrays."""
    known = target(np.arange(len(train)) % 2 if y is None else y)
    encoder.fit(train, train.table.columns, every_row(train), known)
    found = [encoder.transform(data, every_row(data)) for data in (train, *new)]
    return [block.toarray() if hasattr(block, "toarray") else block for block in found]
