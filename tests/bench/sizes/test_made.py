"""Made tables: the same every time, with something to learn in them."""

from pathlib import Path

import numpy as np
import polars as pl
from sizes.made import Made, made


def test_a_table_is_the_same_every_time_and_another_one_by_another_seed() -> None:
    one, two = made(500, 12), made(500, 12)
    assert one.equals(two)
    assert not one.equals(made(500, 12, seed=1))


def test_columns_are_of_each_kind() -> None:
    table = made(2000, 40)
    kinds = [dtype for _, dtype in list(table.schema.items())[:-1]]
    assert kinds.count(pl.String) == 8
    assert kinds.count(pl.Float64) == 32
    assert table["x4"].n_unique() == 4
    assert table["x19"].n_unique() > 150
    assert 30 < table["x10"].null_count() < 90
    assert table["x11"].null_count() == 0


def test_both_classes_are_common_and_the_first_columns_tell_them_apart() -> None:
    table = made(20_000, 25)
    second = table["label"].to_numpy() == 1
    assert 0.3 < second.mean() < 0.7
    shown, nothing = (abs(np.corrcoef(table[name].to_numpy(), second)[0, 1]) for name in ("x8", "x23"))
    assert shown > 0.1 > nothing


def test_files_are_written_once(tmp_path: Path) -> None:
    data = Made("toy", "tabular", tmp_path / "toy", height=300, width=6)
    data.make()
    before = data.train.stat().st_mtime_ns
    data.make()
    assert data.train.stat().st_mtime_ns == before
    train, test = pl.read_parquet(data.train), pl.read_parquet(data.test)
    assert train.shape == (300, 7)
    assert test.shape == (5000, 7)
