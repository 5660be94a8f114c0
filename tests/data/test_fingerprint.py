"""A fingerprint tells whether two tables are the same, not where they came from."""

from datetime import date
from pathlib import Path

import numpy as np
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


def test_pictures_are_known_by_their_bytes() -> None:
    cells = [b"\x89PNG\r\n\x1a\n1", None, b"\x89PNG\r\n\x1a\n22"]
    plain = pl.DataFrame({"p": cells})
    kind = pl.Struct({"bytes": pl.Binary, "path": pl.String})
    records = pl.Series("p", [{"bytes": cell, "path": cell and "a.png"} for cell in cells], dtype=kind).to_frame()
    assert fingerprint(records) == fingerprint(plain)
    assert fingerprint(plain) != fingerprint(plain.reverse())
    assert fingerprint(plain) != fingerprint(pl.DataFrame({"p": [cells[0] + b"2", None, cells[2][:-1]]}))  # type: ignore[operator,index]
    gone = [
        pl.Series("p", [{"bytes": None, "path": path}], dtype=kind).to_frame() for path in ("a.png", "b.png", "a.png")
    ]
    assert fingerprint(gone[0]) == fingerprint(gone[2]) != fingerprint(gone[1])


def test_stacks_of_pictures_are_known_by_their_pixels() -> None:
    stack = np.arange(24).reshape(2, 3, 4).astype(np.uint8)
    one, same, other = (pl.DataFrame({"p": pixels}) for pixels in (stack, stack.copy(), stack[::-1].copy()))
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)


def test_bytes_that_are_texts_are_texts_and_others_are_bytes() -> None:
    texts = pl.DataFrame({"t": ["a", None, "\u00e4"]})
    assert fingerprint(texts.cast(pl.Binary)) == fingerprint(texts)
    one, other = (pl.DataFrame({"t": [cell]}) for cell in (b"\xff\x00", b"\xff\x01"))
    assert fingerprint(one) != fingerprint(other)
