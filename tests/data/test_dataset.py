"""Columns in the form that encoders need."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest

from assay.data import dataset
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema

TABLE = pl.DataFrame(
    {
        "x": [1.5, None, 3.0],
        "b": [True, None, False],
        "d": [datetime(1970, 1, 1, 0, 0, 1), None, datetime(1970, 1, 2)],
        "c": ["red", None, "red"],
        "w": [1.0, 2.0, 0.0],
    }
)
SCHEMA = Schema(
    (
        Column("x", Kind.NUMERIC, Role.FEATURE, ""),
        Column("b", Kind.BOOLEAN, Role.FEATURE, ""),
        Column("d", Kind.DATETIME, Role.FEATURE, ""),
        Column("c", Kind.CATEGORICAL, Role.FEATURE, ""),
        Column("w", Kind.NUMERIC, Role.WEIGHT, ""),
    )
)


def test_views_of_columns() -> None:
    data = Dataset(TABLE, SCHEMA)
    assert data.numbers("x") == pytest.approx([1.5, np.nan, 3.0], nan_ok=True)
    assert data.numbers("b") == pytest.approx([1.0, np.nan, 0.0], nan_ok=True)
    assert data.seconds("d") == pytest.approx([1.0, np.nan, 86_400.0], nan_ok=True)
    assert data.texts("c") == ["red", "", "red"]
    assert data.levels("c").names == ("red",)
    assert data.levels("c").codes.tolist() == [0, -1, 0]
    assert data.weights().tolist() == [1.0, 2.0, 0.0]


def test_levels_are_the_same_for_few_rows_and_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    column = pl.DataFrame({"c": ["b", None, "a", "b", "c"]})
    few = Dataset(column, SCHEMA).levels("c")
    monkeypatch.setattr(dataset, "_FEW", 0)
    many = Dataset(column, SCHEMA).levels("c")
    assert few.names == many.names == ("b", "a", "c")
    assert few.codes.tolist() == many.codes.tolist() == [0, -1, 1, 0, 2]


def test_what_is_kept_is_made_once() -> None:
    data, calls = Dataset(TABLE, SCHEMA), []
    for _ in range(2):
        assert data.kept("key", lambda: calls.append(1) or 7) == 7
    assert calls == [1]


def test_some_rows_are_a_dataset_of_their_own() -> None:
    some = Dataset(TABLE, SCHEMA).rows(np.array([2, 0]))
    assert len(some) == 2
    assert some.numbers("x").tolist() == [3.0, 1.5]


def test_without_a_weight_column_rows_count_alike() -> None:
    assert Dataset(TABLE.drop("w"), SCHEMA).weights().tolist() == [1.0, 1.0, 1.0]
    assert Dataset(TABLE, SCHEMA).column(Role.GROUP) is None
