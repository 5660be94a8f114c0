"""NumPy archives with pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from assay.core.errors import DataError
from assay.data.read import read_table
from tests.conftest import real_data

X = np.random.default_rng(0).integers(0, 256, (6, 4, 5)).astype(np.uint8)
Y = np.array([0, 1, 2, 0, 1, 2])


def read(folder: Path, **arrays: Any) -> pl.DataFrame:
    np.savez(folder / "a.npz", **arrays)
    return read_table(folder / "a.npz")


@pytest.mark.parametrize("names", [("x", "y"), ("images", "labels"), ("X", "Y"), ("arr_0", "arr_1"), ("foo", "bar")])
def test_arrays_are_found_by_name_or_shape(names: tuple[str, str], tmp_path: Path) -> None:
    table = read(tmp_path, **{names[0]: X, names[1]: Y, "class_names": np.array(["a", "b", "c"])})
    assert table.columns == ["picture", "label"]
    np.testing.assert_array_equal(table["picture"].to_numpy()[:, :, :, 0], X)
    assert table["label"].to_list() == Y.tolist()


def test_labels_may_be_missing_texts_or_a_column(tmp_path: Path) -> None:
    assert read(tmp_path, x=X).columns == ["picture"]
    assert read(tmp_path, x=X, y=Y[:, None])["label"].to_list() == Y.tolist()
    assert read(tmp_path, x=X, y=np.array(list("abcabc")))["label"].to_list() == list("abcabc")


def test_other_values_of_each_picture_are_columns(tmp_path: Path) -> None:
    table = read(tmp_path, x=X / 255, y=Y, age=np.arange(6.0))
    assert table.columns == ["picture", "label", "age"]
    np.testing.assert_array_equal(table["picture"].to_numpy()[:, :, :, 0], X)
    assert read(tmp_path, x=X, one=Y, two=Y).columns == ["picture", "one", "two"]


def test_arrays_that_leave_a_doubt_are_listed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no telling which[\s\S]*x_train uint8 \(6, 4, 5\), x_test[\s\S]*savez"):
        read(tmp_path, x_train=X, x_test=X[:2], y_train=Y)
    with pytest.raises(DataError, match=r"no telling which array holds the pictures[\s\S]*flat uint8 \(6, 20\)"):
        read(tmp_path, flat=X.reshape(6, 20))


def test_python_objects_are_never_opened(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Python objects in the array 'x' of [\s\S]*could run code"):
        read(tmp_path, x=np.array([X[0], "not a picture"], dtype=object))


def test_damaged_archives_are_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X)
    whole = (tmp_path / "a.npz").read_bytes()
    for content in (whole[:200], b"PK\x03\x04", b"text"):
        (tmp_path / "a.npz").write_bytes(content)
        with pytest.raises(DataError, match=r"not a table that can be read: [\s\S]*a.npz"):
            read_table(tmp_path / "a.npz")


def test_mnist() -> None:
    table = read_table(real_data("images/mnist/test.npz"))
    assert table.schema == {"picture": pl.Array(pl.UInt8, (28, 28, 1)), "label": pl.Int64}
    assert table.height == 10_000
