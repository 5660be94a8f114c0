"""A fingerprint tells whether two tables are the same, not where they came from."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assay.data.fingerprint import fingerprint
from assay.data.read import read_table

TABLE = pl.DataFrame({"n": [1, 2, None], "x": [0.5, None, -1.25], "t": ["a", None, "äé"], "b": [True, False, None]})


def test_the_same_for_csv_and_parquet(tmp_path: Path) -> None:
    TABLE.write_csv(tmp_path / "t.csv")
    TABLE.write_parquet(tmp_path / "t.parquet")
    prints = {fingerprint(read_table(tmp_path / name)) for name in ("t.csv", "t.parquet")}
    assert prints == {fingerprint(TABLE)}


@pytest.mark.parametrize(
    "other",
    [
        TABLE.with_columns(n=pl.Series([1, 3, None])),
        TABLE.with_columns(n=pl.Series([1, 2, 0])),
        TABLE.with_columns(t=pl.Series(["a", "b", "äé"])),
        TABLE.with_columns(t=pl.Series(["aä", None, "é"])),
        TABLE.with_columns(pl.col("n").cast(pl.Float64)),
        TABLE.rename({"n": "m"}),
        TABLE.select("x", "n", "t", "b"),
        TABLE.reverse(),
        TABLE.head(2),
    ],
)
def test_any_change_is_seen(other: pl.DataFrame) -> None:
    assert fingerprint(other) != fingerprint(TABLE)


def test_chunks_do_not_matter() -> None:
    assert fingerprint(pl.concat([TABLE.head(1), TABLE.tail(2)], rechunk=False)) == fingerprint(TABLE)


def test_widths_and_names_of_types_do_not_matter() -> None:
    other = TABLE.with_columns(
        pl.col("n").cast(pl.Int8), pl.col("x").cast(pl.Float32), pl.col("t").cast(pl.Categorical)
    )
    assert fingerprint(other) == fingerprint(TABLE)
    assert fingerprint(TABLE.with_columns(t=pl.Series(["a", "", "äé"]))) == fingerprint(TABLE)
    days = pl.DataFrame({"d": [date(2024, 5, 31), None]})
    assert fingerprint(days) == fingerprint(days.cast(pl.Datetime("ms")))
    assert fingerprint(days) != fingerprint(days.reverse())


def test_columns_that_are_left_out_may_hold_anything() -> None:
    one, other = (pl.DataFrame({"l": [cells, [3]]}) for cells in ([1, 2], [1]))
    assert fingerprint(one) == fingerprint(one.clone()) != fingerprint(other)
