"""Delimited text: what is found out, and what is refused with the place."""

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data._csv import read_delimited


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


def test_cells_with_newlines_and_a_decimal_comma(written) -> None:  # type: ignore[no-untyped-def]
    assert written('a,b\n"x\ny",1\n')["a"].to_list() == ["x\ny"]
    assert written("a;b\n1,5;2\n2,5;3\n")["a"].to_list() == [1.5, 2.5]


def test_a_quoted_empty_text_is_not_a_gap(written) -> None:  # type: ignore[no-untyped-def]
    assert written('a,b\n"",x\n,y\n')["a"].to_list() == ["", None]


def test_cells_in_single_quotes(written) -> None:  # type: ignore[no-untyped-def]
    table = written("a,b\n'x, y',1\n'it is',2\n")
    assert table["a"].to_list() == ["x, y", "it is"]
    kept = written("a,b\n'tis late,1\nrock 'n' roll,2\n")
    assert kept["a"].to_list() == ["'tis late", "rock 'n' roll"]


def test_a_quote_that_is_never_closed_swallows_no_rows(written) -> None:  # type: ignore[no-untyped-def]
    table = written('label\ttext\nham\t"Go until jurong\nspam\tFree "entry"\n')
    assert table["text"].to_list() == ['"Go until jurong', 'Free "entry"']


def test_quoted_lines_that_look_like_rows_are_none(written) -> None:  # type: ignore[no-untyped-def]
    assert written('text,label\n"Hello,\nworld",ham\n')["text"].to_list() == ["Hello,\nworld"]


def test_a_text_with_more_commas_than_the_delimiter(written) -> None:  # type: ignore[no-untyped-def]
    table = written("text;label\none, two, three;x\nfour, five, six;y\nseven, eight, nine;x\n")
    assert table.columns == ["text", "label"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(written, end: str) -> None:  # type: ignore[no-untyped-def]
    assert written(end.join(["a,b", "1,2", "", "3,4", ""])).rows() == [(1, 2), (3, 4)]


def test_names_are_stripped_and_given(written) -> None:  # type: ignore[no-untyped-def]
    assert written(" a ,,c\n1,2,3\n").columns == ["a", "column 2", "c"]
    with pytest.raises(DataError, match="columns of one name"):
        written("a, a\n1,2\n")


def test_a_ragged_line_after_a_very_long_cell(written) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=r"line 3 of [\s\S]* has 3 fields"):
        written(f"a,b\n{'x' * 200_000},1\n1,2,3\n")


def test_one_column(written) -> None:  # type: ignore[no-untyped-def]
    assert written("a\n1\n2\n")["a"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('a,b\n"x\ny",2\n1,2,3\n', r"line 4 of [\s\S]* has 3 fields[\s\S]*2 fields in every line"),
        ("a,b\n1\n", r"line 2 of [\s\S]* has 1 field\b"),
        ("a,b,a\n1,2,3\n", r"columns of one name in [\s\S]*'a'[\s\S]*rename"),
        ("   \n", "an empty file"),
        (b"\xff\xfea\x00,\x00b", r"utf-16|header|fields"),
        (bytes(range(1, 256)) * 4, "text in no encoding|fields|header"),
    ],
)
def test_bad_files_are_told_where(written, content: str | bytes, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=message):
        written(content)


_CELLS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=6))
def test_what_polars_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    table = pl.DataFrame({"key": [f"k {a}" for a, _ in rows], "word": [f"w {b}" for _, b in rows]})
    table.write_csv(path)
    assert read_delimited(path).to_dict(as_series=False) == table.to_dict(as_series=False)


_ANY_CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)


@given(rows=st.lists(st.tuples(_ANY_CELL, _ANY_CELL), min_size=1, max_size=5), delimiter=st.sampled_from(",;\t|"))
def test_quoted_cells_may_hold_anything(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    cells = [(f"k {a}", f"w {b}") for a, b in rows]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("key", "word"), *cells])
    assert read_delimited(path).rows() == cells
