"""CoNLL-U files, and what can be wrong with them."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data._conllu import read_conllu
from assay.data.read import read_table

TEXT = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=6)
SENTENCES = st.lists(
    st.lists(st.tuples(TEXT, st.sampled_from(["NOUN", "VERB", "PUNCT"])), min_size=1, max_size=5), min_size=1
)


def word(number: str, form: str, tag: str = "_") -> str:
    return "\t".join([number, form, "_", tag, *"______"])


def written(folder: Path, *lines: str) -> Path:
    path = folder / "some.conllu"
    path.write_bytes("\n".join([*lines, ""]).encode())
    return path


def test_words_are_read_and_all_else_is_passed_over(tmp_path: Path) -> None:
    lines = ["# sent_id = 1", word("1-2", "vámonos"), word("1", "vamos", "VERB"), word("2", "nos", "PRON")]
    lines += [word("2.1", "elided", "VERB"), "", "", "# text = #", word("1", "#", "SYM") + "\r", ""]
    assert read_table(written(tmp_path, *lines)).to_dict(as_series=False) == {
        "sequence": [0, 0, 1],
        "token": ["vamos", "nos", "#"],
        "tag": ["VERB", "PRON", "SYM"],
    }


def test_words_without_tags_are_to_be_tagged(tmp_path: Path) -> None:
    table = read_conllu(written(tmp_path, word("1", "fly"), word("2", "home"), ""))
    assert table.columns == ["sequence", "token"]


def test_a_tag_that_is_not_said_is_a_gap(tmp_path: Path) -> None:
    table = read_conllu(written(tmp_path, word("1", "fly", "VERB"), word("2", "home"), ""))
    assert table["tag"].to_list() == ["VERB", None]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2\thome\tNOUN", r"3 columns parted by tabs in line 2 of [\s\S]*10 columns, from ID to MISC"),
        (word("2", "home").replace("\t", " "), "one column parted by tabs in line 2"),
        (word("two", "home"), r"the number 'two' of a word in line 2[\s\S]*1, 1-2 or 8\.1"),
    ],
)
def test_a_broken_line_is_told(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_conllu(written(tmp_path, word("1", "fly"), line, ""))


def test_comments_alone_are_no_words(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no word in"):
        read_conllu(written(tmp_path, "# nothing", ""))


@given(SENTENCES)
def test_what_is_written_is_read(sentences: list[list[tuple[str, str]]]) -> None:
    lines: list[str] = []
    for sentence in sentences:
        lines += [word(str(number), *pair) for number, pair in enumerate(sentence, 1)] + [""]
    with tempfile.TemporaryDirectory() as folder:
        found = read_conllu(written(Path(folder), *lines))
    expected = [(number, *pair) for number, sentence in enumerate(sentences) for pair in sentence]
    assert list(found.iter_rows()) == expected
