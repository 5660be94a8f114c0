"""Rows made up for families: classes are told by columns, not by chance, and gaps are there."""

import numpy as np
import polars as pl

from assay.testing._examples import ALL, example, gaps_only, no_columns


def test_a_word_tells_the_class_for_three_rows_in_four() -> None:
    given = example(4, rows=400)
    words = given.data.table["text"].str.extract(r"word(\d)").cast(pl.Int64)
    there = words.is_not_null().to_numpy()
    right = words.to_numpy()[there] == given.y[there]
    assert 0.72 < right.mean() < 0.9  # three in four, and by chance one in four of the others


def test_a_bright_place_tells_the_class() -> None:
    given = example(4, rows=400)
    corners = given.data.pictures("picture")[..., 0].reshape(-1, 2, 8, 2, 8).mean(axis=(2, 4)).reshape(-1, 4)
    assert 0.7 < (corners.argmax(1) == given.y).mean() < 0.9


def test_every_column_has_gaps_and_the_same_seed_gives_the_same_rows() -> None:
    one, two = example(seed=5), example(seed=5)
    assert one.data.table.equals(two.data.table)
    assert not one.data.table.equals(example(seed=6).data.table)
    assert all(0 < one.data.table[name].null_count() < 40 for name in ALL)
    assert not set(one.train) & set(one.valid)
    assert len(one.train) + len(one.valid) == 160


def test_rows_without_values_and_tables_without_columns() -> None:
    empty = gaps_only()
    assert len(empty.data) == 60
    assert all(empty.data.table[name].null_count() == 60 for name in empty.data.table.columns)
    assert np.array_equal(no_columns().data.table.columns, [])
