"""Delimited text: what is found out, and what is refused with the place."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data._csv import decoded, read_delimited


@pytest.fixture
def written(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Write a file and read it back as a table."""

    def read(content: str | bytes, name: str = "t.csv") -> pl.DataFrame:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return read_delimited(tmp_path / name)

    return read


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(written, delimiter: str) -> None:  # type: ignore[no-untyped-def]
    rows = ["name,size,note", 'ann,1,"a, b; c"', "bob,2,", 'cy,3,"say ""hi"""']
    table = written(
        "\n".join(row.replace(",", delimiter) if '"' not in row else row for row in rows[:1])
        + "\n"
        + "\n".join(
            delimiter.join(cells)
            for cells in (["ann", "1", f'"a{delimiter} b"'], ["bob", "2", ""], ["cy", "3", '"say ""hi"""'])
        )
        + "\n"
    )
    assert table.columns == ["name", "size", "note"]
    assert table["size"].to_list() == [1, 2, 3]
    assert table["note"].to_list() == [f"a{delimiter} b", None, 'say "hi"']


def test_a_tsv_is_split_at_tabs_whatever_else_is_in_it(written) -> None:  # type: ignore[no-untyped-def]
    assert written("a,b\tc\n1,2\t3\n", "t.tsv").columns == ["a,b", "c"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_the_encoding_is_found_out(written, encoding: str) -> None:  # type: ignore[no-untyped-def]
    text = "name,town\nJürgen,Köln\nRenée,Besançon\nÅse,Tromsø\n" + "Käthe,Düsseldorf\n" * 20
    assert written(text.encode(encoding))["town"][0] == "Köln"


def test_gzip(written) -> None:  # type: ignore[no-untyped-def]
    assert written(gzip.compress(b"a,b\n1,2\n"), "t.csv.gz")["b"].to_list() == [2]


def test_cells_with_newlines_and_a_decimal_comma(written) -> None:  # type: ignore[no-untyped-def]
    assert written('a,b\n"x\ny",1\n')["a"].to_list() == ["x\ny"]
    assert written("a;b\n1,5;2\n2,5;3\n")["a"].to_list() == [1.5, 2.5]


def test_a_quoted_empty_text_is_not_a_gap(written) -> None:  # type: ignore[no-untyped-def]
    assert written('a,b\n"",x\n,y\n')["a"].to_list() == ["", None]


def test_one_column(written) -> None:  # type: ignore[no-untyped-def]
    assert written("a\n1\n2\n")["a"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('a,b\n"x\ny",2\n1,2,3\n', r"line 4 of [\s\S]* has 3 fields[\s\S]*2 fields in every line"),
        ("a,b\n1\n", r"line 2 of [\s\S]* has 1 fields"),
        ("a,b,a\n1,2,3\n", r"columns of one name in [\s\S]*'a'[\s\S]*rename"),
        ("   \n", "an empty file"),
        (b"a,b\n1,\x002\n", "NUL bytes"),
        (b"\xff\xfea\x00,\x00b", r"utf-16|header|fields"),
        (b"\x1f\x8b\x08broken", "its gzip stream is damaged"),
        (bytes(range(1, 256)) * 4, "text in no encoding|fields|header"),
    ],
)
def test_bad_files_are_told_where(written, content: str | bytes, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=message):
        written(content)


def test_utf16_that_is_cut_off() -> None:
    with pytest.raises(DataError, match=r"it is not utf-16"):
        decoded(b"\xff\xfea\x00,", Path("t.csv"))


_CELLS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=6))
def test_what_polars_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    table = pl.DataFrame({"key": [f"k {a}" for a, _ in rows], "word": [f"w {b}" for _, b in rows]})
    table.write_csv(path)
    assert read_delimited(path).to_dict(as_series=False) == table.to_dict(as_series=False)
