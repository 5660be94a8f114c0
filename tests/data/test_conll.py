"""CoNLL files, and what can be wrong with them."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data._conll import read_conll, write_conll
from assay.data.read import read_table


def written(folder: Path, text: str) -> Path:
    path = folder / "some.conll"
    path.write_bytes(text.encode())
    return path


def test_blank_lines_part_sequences_and_comments_are_passed_over(tmp_path: Path) -> None:
    text = "# sent_id = 1\nI\tO\nfly\tO\n\n\n-DOCSTART-\tO\n\nto\tO\r\nRome\tB-city\r\n"
    table = read_table(written(tmp_path, text))
    assert table.to_dict(as_series=False) == {
        "sequence": [0, 0, 1, 1],
        "token": ["I", "fly", "to", "Rome"],
        "tag": ["O", "O", "O", "B-city"],
    }


def test_a_number_sign_can_be_a_token(tmp_path: Path) -> None:
    assert read_conll(written(tmp_path, "#\tO\n1\tO\n"))["token"].to_list() == ["#", "1"]


def test_further_columns_are_kept(tmp_path: Path) -> None:
    table = read_conll(written(tmp_path, "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n"))
    assert table.columns == ["sequence", "token", "column 2", "column 3", "tag"]
    assert table["column 2"].to_list() == ["NNP", "VBZ"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("I\tO\nfly\nto\tO\n", r"one column in line 2 of .*'fly'[\s\S]*2 columns, as in the lines before"),
        ("I\tO\nfly O\n", r"blanks instead of tabs in line 2"),
        ("I O\nfly V O\n", r"3 columns in line 2"),
        ("\n\n", r"no step in"),
        ("alone\n", r"one column in line 1[\s\S]*a token and its tag"),
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


TOKENS = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=6)


@given(rows=st.lists(st.lists(TOKENS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("conll") / "some.conll"
    steps = [(number, token, "O") for number, row in enumerate(rows) for token in row]
    table = pl.DataFrame(steps, schema=["sequence", "token", "tag"], orient="row")
    write_conll(table, path)
    assert read_conll(path).equals(table)
