"""Files that know their types."""

import gzip
from contextlib import suppress
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data._columnar import read_arrow, read_excel, read_json, read_json_lines, read_parquet

TABLE = pl.DataFrame({"n": [1, 2, None], "t": ["a", "b\nc", None], "x": [0.5, 1.0, 2.0]})


def test_parquet_and_arrow_in_both_formats(tmp_path: Path) -> None:
    TABLE.write_parquet(tmp_path / "t.parquet")
    TABLE.write_ipc(tmp_path / "t.arrow")
    TABLE.write_ipc_stream(tmp_path / "s.arrow")
    assert read_parquet(tmp_path / "t.parquet").equals(TABLE)
    assert read_arrow(tmp_path / "t.arrow").equals(TABLE)
    assert read_arrow(tmp_path / "s.arrow").equals(TABLE)


def test_the_index_of_pandas_is_no_column(tmp_path: Path) -> None:
    pd.DataFrame({"n": [1, 2]}, index=[7, 5]).to_parquet(tmp_path / "t.parquet")
    assert read_parquet(tmp_path / "t.parquet").columns == ["n"]


@pytest.mark.parametrize(("suffix", "read"), [("parquet", read_parquet), ("arrow", read_arrow)])
@given(place=st.integers(8, 2_000), byte=st.integers(0, 255), cut=st.booleans())
def test_damage_never_passes_as_a_panic(  # type: ignore[no-untyped-def]
    tmp_path_factory: pytest.TempPathFactory, suffix: str, read, place: int, byte: int, cut: bool
) -> None:
    path = tmp_path_factory.mktemp("damage") / f"t.{suffix}"
    (TABLE.write_parquet if suffix == "parquet" else TABLE.write_ipc)(path)
    content = bytearray(path.read_bytes())
    place %= len(content)
    content[place] = byte
    path.write_bytes(content[:place] if cut else content)
    with suppress(Exception):  # a panic of Polars is none
        read(path)


def _text_with_a_wild_gap() -> pa.Array:
    """Three texts by views, of which the second is a gap whose view points beyond every buffer."""
    one = (1).to_bytes(4, "little") + b"a" + bytes(11)
    wild = (36).to_bytes(4, "little") + b"\xff" * 12
    return pa.Array.from_buffers(pa.string_view(), 3, [pa.py_buffer(b"\x05"), pa.py_buffer(one + wild + one)], 1)


@pytest.mark.parametrize(
    ("wrap", "cells"),
    [
        (lambda texts: texts, ["a", None, "a"]),
        (lambda texts: pa.DictionaryArray.from_arrays([0, 1, 2], texts), ["a", None, "a"]),
        (lambda texts: pa.ListArray.from_arrays([0, 1, 2, 3], texts), [["a"], [None], ["a"]]),
        (lambda texts: pa.StructArray.from_arrays([texts], ["t"]), [{"t": "a"}, {"t": None}, {"t": "a"}]),
    ],
    ids=["text", "category", "list", "record"],
)
def test_a_gap_that_points_into_the_void_is_a_gap(tmp_path: Path, wrap, cells: list[object]) -> None:  # type: ignore[no-untyped-def]
    table = pa.table({"c": wrap(_text_with_a_wild_gap())})
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as stream, pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    assert b"\xff" * 12 in (tmp_path / "t.arrow").read_bytes()
    assert read_arrow(tmp_path / "t.arrow")["c"].to_list() == cells


def test_categories_and_enums(tmp_path: Path) -> None:
    table = TABLE.select(c=pl.col("t").cast(pl.Categorical), e=pl.col("t").cast(pl.Enum(["a", "b\nc"])))
    table.write_ipc(tmp_path / "t.arrow")
    table.write_parquet(tmp_path / "t.parquet")
    for found in (read_arrow(tmp_path / "t.arrow"), read_parquet(tmp_path / "t.parquet")):
        assert found.cast(pl.String).to_dict(as_series=False) == {"c": ["a", "b\nc", None], "e": ["a", "b\nc", None]}


_CELLS = {
    "n": st.integers(-(2**63), 2**63 - 1),
    "x": st.floats(allow_nan=False, allow_infinity=False),
    "t": st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    "b": st.booleans(),
    "d": st.datetimes(),
}
_ROWS = st.lists(st.fixed_dictionaries({name: st.none() | cell for name, cell in _CELLS.items()}), max_size=6)
_TYPES = {"n": pl.Int64, "x": pl.Float64, "t": pl.String, "b": pl.Boolean, "d": pl.Datetime("us")}


@given(rows=_ROWS)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> None:
    folder = tmp_path_factory.mktemp("round")
    table = pl.DataFrame(rows, schema=_TYPES)
    table.write_parquet(folder / "t.parquet")
    table.write_ipc(folder / "t.arrow")
    assert read_parquet(folder / "t.parquet").equals(table)
    assert read_arrow(folder / "t.arrow").equals(table)


@given(rows=_ROWS.filter(len))
def test_what_is_written_as_json_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    table = pl.DataFrame(rows, schema=_TYPES).drop("d")  # JSON knows no dates
    table.write_ndjson(folder / "t.jsonl")
    table.write_json(folder / "t.json")
    assert read_json_lines(folder / "t.jsonl").rows() == table.rows()
    assert read_json(folder / "t.json").rows() == table.rows()


def test_json_lines_with_keys_left_out(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n\n{"a": 2.5, "b": "x"}\n')
    assert read_json_lines(tmp_path / "t.jsonl").to_dict(as_series=False) == {"a": [1.0, 2.5], "b": [None, "x"]}


def test_a_json_list(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('[{"a": 1}, {"a": null}]')
    assert read_json(tmp_path / "t.json")["a"].to_list() == [1, None]


def test_excel(tmp_path: Path) -> None:
    TABLE.write_excel(tmp_path / "t.xlsx")
    found = read_excel(tmp_path / "t.xlsx")
    assert found.columns == ["n", "t", "x"]
    assert found["n"].to_list() == [1, 2, None]


def test_excel_names(tmp_path: Path) -> None:
    def write(*names: str) -> Path:
        book = xlsxwriter.Workbook(tmp_path / "n.xlsx")
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, names)
        sheet.write_row(1, 0, range(len(names)))
        book.close()
        return tmp_path / "n.xlsx"

    assert read_excel(write("a", "", " c ")).columns == ["a", "column 2", "c"]
    with pytest.raises(DataError, match=r"columns of one name in [\s\S]*n.xlsx: 'a'"):
        read_excel(write("a", "b", "a"))


def test_json_may_be_gzipped_and_hold_any_separator(tmp_path: Path) -> None:
    line = '{"t": "one\u2028two\x85three"}\n'.encode()
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress(line))
    assert read_json_lines(tmp_path / "t.jsonl.gz")["t"].to_list() == ["one\u2028two\x85three"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        ('{"a": 1}\n[1]\n', "line 2 holds list"),
        ('{"a": 1}\n{"a": [2]}\n', "values of one key differ in type"),
        ('{"a": 1}\n{"a": ' + "[" * 20_000 + "\n", "line 2 is not JSON"),
    ],
)
def test_lines_that_are_no_records(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "t.jsonl").write_text(content)
    with pytest.raises(DataError, match=f"{message}[\\s\\S]*one JSON object per line"):
        read_json_lines(tmp_path / "t.jsonl")


@pytest.mark.parametrize(
    ("content", "message"), [("{", "not JSON"), ('{"a": 1}', "it holds dict"), ("[1]", "it holds list")]
)
def test_json_that_is_no_list_of_objects(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "t.json").write_text(content)
    with pytest.raises(DataError, match=message):
        read_json(tmp_path / "t.json")
