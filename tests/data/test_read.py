"""From whatever a person has to a table, or to a message that says what is wrong with it."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data.read import _READERS, read_table

TABLE = pl.DataFrame({"n": [1, 2], "t": ["a", None]})


@pytest.mark.parametrize(
    "source",
    [
        TABLE,
        TABLE.lazy(),
        TABLE.to_arrow(),
        pd.DataFrame({"n": [1, 2], "t": ["a", None]}),
        pd.DataFrame({"n": pd.array([1, 2], dtype="Int64"), "t": pd.Categorical(["a", None])}),
        {"n": [1, 2], "t": ["a", None]},
        [{"n": 1, "t": "a"}, {"n": 2}],
        pa.table({"n": [1, 2], "t": ["a", None]}),
    ],
    ids=lambda source: type(source).__module__.split(".")[0] + type(source).__name__,
)
def test_frames_of_all_kinds(source: object) -> None:
    found = read_table(source)
    assert found["n"].to_list() == [1, 2]
    assert found["t"].cast(pl.String).to_list() == ["a", None]


def test_dates_with_a_zone(tmp_path: Path) -> None:
    frame = pd.DataFrame({"d": pd.to_datetime(["2024-01-01", None]).tz_localize("Europe/Berlin")})
    assert read_table(frame)["d"].null_count() == 1


@pytest.mark.parametrize("kept", [[0, 2, 3], [1]], ids=str)
def test_the_index_of_pandas_is_no_column(kept: list[int]) -> None:
    """After a split at random it is the number of the row: it leaks, and later rows do not have it."""
    frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": list("wxyz")})
    assert read_table(frame.iloc[kept]).columns == ["a", "b"]
    assert read_table(frame.set_index("b")).columns == ["a"]
    assert frame.iloc[kept].index.tolist() == kept


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".feather", ".xlsx"])
def test_files_by_suffix(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    write = {
        ".csv": TABLE.write_csv,
        ".parquet": TABLE.write_parquet,
        ".jsonl": TABLE.write_ndjson,
        ".feather": TABLE.write_ipc,
        ".xlsx": TABLE.write_excel,
    }
    write[suffix](path)
    assert read_table(path)["n"].to_list() == [1, 2]
    assert read_table(str(path))["t"].to_list() == ["a", None]


def test_a_missing_file_a_folder_and_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file [\s\S]*nothing.csv[\s\S]*check the path"):
        read_table(tmp_path / "nothing.csv")
    TABLE.write_csv(tmp_path / "inside.csv")
    with pytest.raises(DataError, match=r"a folder, not a file[\s\S]*inside.csv"):
        read_table(tmp_path)
    (tmp_path / "empty.csv").touch()
    with pytest.raises(DataError, match="an empty file"):
        read_table(tmp_path / "empty.csv")


def test_suffixes_that_lie_or_say_nothing(tmp_path: Path) -> None:
    TABLE.write_parquet(tmp_path / "t.csv")
    with pytest.raises(DataError, match=r"t.csv holds parquet[\s\S]*rename it to t.parquet"):
        read_table(tmp_path / "t.csv")
    (tmp_path / "t.docx").write_text("x")
    with pytest.raises(DataError, match=r"the suffix '.docx'[\s\S]*.parquet"):
        read_table(tmp_path / "t.docx")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.4\n1 0 obj", "a PDF document"),
        (b"\n<!DOCTYPE html><html>404</html>", "a web page"),
        (b'{"a": 1}\n', "JSON [\\s\\S]*.jsonl"),
        (b'[{"a": 1}]', "JSON [\\s\\S]*.json"),
    ],
)
def test_text_that_is_no_table(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=f"not a csv file: [\\s\\S]*t.csv holds {what}"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["x" * 5000 + ".csv", "a\0b.csv"])
def test_paths_that_the_system_refuses(name: str) -> None:
    with pytest.raises(DataError, match=r"no file|not a table that can be read"):
        read_table(name)


def test_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    TABLE.write_csv(tmp_path / "t.csv")
    assert read_table("~/t.csv").height == 2


def test_excel_without_rows(tmp_path: Path) -> None:
    TABLE.clear().write_excel(tmp_path / "header.xlsx")
    assert read_table(tmp_path / "header.xlsx").height == 0
    xlsxwriter.Workbook(tmp_path / "blank.xlsx").close()
    with pytest.raises(DataError, match=r"blank.xlsx \(empty Excel sheet\)[\s\S]*a header and rows"):
        read_table(tmp_path / "blank.xlsx")


def test_corrupt_files(tmp_path: Path) -> None:
    for suffix in (".parquet", ".arrow", ".xlsx"):
        (tmp_path / f"t{suffix}").write_bytes(b"not what it says")
        with pytest.raises(DataError, match=r"not a table that can be read[\s\S]*check how it was written"):
            read_table(tmp_path / f"t{suffix}")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TABLE.write_csv(tmp_path / "t.csv")

    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError, match=r"no permission to read [\s\S]*change its permissions"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, "x", 2.5, None], ["1", "x", "2.5", None]),
        ([1, 2.5, None], [1.0, 2.5, None]),
        ([True, "x"], ["true", "x"]),
    ],
)
def test_columns_of_several_types(values: list[object], found: list[object]) -> None:
    for source in (pd.DataFrame({"a": values}, dtype=object), {"a": values}, [{"a": value} for value in values]):
        assert read_table(source)["a"].to_list() == found


def test_a_hugging_face_dataset() -> None:
    class Dataset:
        features: ClassVar = {"n": "int64"}

        def with_format(self, name: str) -> "Rows":
            return {"arrow": Rows()}[name]

    class Rows:
        def __getitem__(self, part: slice) -> pa.Table:
            return pa.table({"n": [1, 2, 3][part]})

    assert read_table(Dataset())["n"].to_list() == [1, 2, 3]


@pytest.mark.parametrize(
    "source",
    [
        pd.DataFrame(np.ones((2, 2)), columns=["a", "a"]),
        {"a": [1, 2], "b": [1]},
        object(),
    ],
    ids=["twice", "ragged", "object"],
)
def test_frames_that_are_no_tables(source: object) -> None:
    with pytest.raises(DataError, match=r"cannot be read[\s\S]*columns of one length"):
        read_table(source)


def test_no_columns() -> None:
    with pytest.raises(DataError, match="no columns in the frame"):
        read_table({})


@pytest.mark.parametrize("suffix", [suffix for suffix in _READERS if suffix != ".xls"])
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_give_a_table_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"t{suffix}"
    path.write_bytes(content)
    try:
        assert isinstance(read_table(path), pl.DataFrame)
    except DataError as error:
        assert "Next:" in str(error)
