"""From whatever a person has to a table, or to a message that says what is wrong with it."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
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
    "source",
    [
        pd.DataFrame({"a": [1, "x", 2.5]}),
        pd.DataFrame(np.ones((2, 2)), columns=["a", "a"]),
        {"a": [1, 2], "b": [1]},
        object(),
    ],
    ids=["mixed", "twice", "ragged", "object"],
)
def test_frames_that_are_no_tables(source: object) -> None:
    with pytest.raises(DataError, match=r"cannot be read[\s\S]*one type per column"):
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
