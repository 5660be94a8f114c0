"""CoNLL files, and what can be wrong with them."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data._conll import line_of, read_conll, untagged, write_conll
from assay.data.read import read_table


def written(folder: Path, text: str) -> Path:
    path = folder / "some.conll"
    path.write_bytes(text.encode())
    return path


def test_blank_lines_part_sequences_and_comments_are_passed_over(tmp_path: Path) -> None:
    text = "# sent_id = 1\nI\tO\nfly\tO\n\n\n-DOCSTART-\tO\n\nto\tO\r\nRome\tB-city\r\n"
    table = read_table(written(tmp_path, text))
    assert table.to_dict(as_series=False) == {
        "sequence": ["line 2", "line 2", "line 8", "line 8"],
        "token": ["I", "fly", "to", "Rome"],
        "tag": ["O", "O", "O", "B-city"],
    }


def test_a_number_sign_can_be_a_token(tmp_path: Path) -> None:
    assert read_conll(written(tmp_path, "#\tO\n1\tO\n"))["token"].to_list() == ["#", "1"]


def test_a_number_sign_is_a_token_between_blanks_too(tmp_path: Path) -> None:
    table = read_conll(written(tmp_path, "# sent_id = 1\n# O\nfoo O\n"))
    assert table["token"].to_list() == ["#", "foo"]


def test_tokens_alone_are_to_be_tagged(tmp_path: Path) -> None:
    table = read_conll(written(tmp_path, "fly\nhome\n\nnow\n"))
    assert table.to_dict(as_series=False) == {
        "sequence": ["line 1", "line 1", "line 4"],
        "token": ["fly", "home", "now"],
    }


def test_what_would_part_columns_is_written_as_an_underscore(tmp_path: Path) -> None:
    table = pl.DataFrame({"sequence": [0, 0, 0], "token": ["a\tb", "", "c d"], "tag": ["O", "O", "O"]})
    write_conll(table, tmp_path / "out.conll")
    assert read_conll(tmp_path / "out.conll")["token"].to_list() == ["a_b", "_", "c_d"]


def test_a_gzipped_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "some.conll.gz"
    path.write_bytes(gzip.compress(b"fly\tO\n" * 500)[:30])
    with pytest.raises(DataError, match="cut off or is none"):
        read_conll(path)


def test_further_columns_are_kept(tmp_path: Path) -> None:
    table = read_conll(written(tmp_path, "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n"))
    assert table.columns == ["sequence", "token", "column 2", "column 3", "tag"]
    assert table["column 2"].to_list() == ["NNP", "VBZ"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("I\tO\nfly\nto\tO\n", r"one column in line 2 of .*'fly'[\s\S]*2 columns, as in the other lines"),
        ("I\tO\nfly O\n", r"blanks instead of tabs in line 2"),
        ("I O\nfly V O\n", r"3 columns in line 2"),
        ("\n\n", r"no step in"),
        ("alone\nwith O\n", r"2 columns in line 2[\s\S]*tokens alone, as in the other lines"),
    ],
)
def test_what_is_wrong_is_shown_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        read_conll(written(tmp_path, text))


def test_other_encodings_are_told(tmp_path: Path) -> None:
    path = tmp_path / "some.conll"
    path.write_bytes("ab\tO\nZürich\tB-x\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"no UTF-8 in line 2"):
        read_conll(path)


def test_a_step_knows_its_line_and_other_sequences_have_none() -> None:
    assert line_of("line 8", 2) == 10
    assert line_of("8", 2) is None
    assert line_of("line of sight", 2) is None


def test_a_last_column_is_a_tag_only_if_the_others_are_enough(tmp_path: Path) -> None:
    table = read_conll(written(tmp_path, "fly VB\nhome RB\n"))
    assert untagged(table, ("token", "column 2")).columns == ["sequence", "token", "column 2"]
    assert untagged(table, ("token",)).columns == ["sequence", "token", "tag"]
    assert untagged(table, ("token", "column 2", "column 3")).columns == ["sequence", "token", "tag"]


TOKENS = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=6)


@given(rows=st.lists(st.lists(TOKENS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("conll") / "some.conll"
    starts = [1 + sum(len(before) + 1 for before in rows[:at]) for at in range(len(rows))]
    steps = [(f"line {start}", token, "O") for start, row in zip(starts, rows, strict=True) for token in row]
    table = pl.DataFrame(steps, schema=["sequence", "token", "tag"], orient="row")
    write_conll(table, path)
    assert read_conll(path).equals(table)
