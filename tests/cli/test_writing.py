"""Predictions into files of every form."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from assay.cli._writing import check_output, print_table, write_table
from assay.core.errors import OutputError

TABLE = pl.DataFrame({"text": ['a "quoted", b', "line\nbreak", None], "n": [1, 2, 3]})
READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    "csv": pl.read_csv,
    "tsv": lambda path: pl.read_csv(path, separator="\t"),
    "parquet": pl.read_parquet,
    "arrow": pl.read_ipc,
    "feather": pl.read_ipc,
    "jsonl": pl.read_ndjson,
    "ndjson": pl.read_ndjson,
}


@pytest.mark.parametrize("suffix", READERS)
def test_the_suffix_says_the_form(suffix: str, tmp_path: Path) -> None:
    place = tmp_path / "new" / f"out.{suffix.upper()}"
    check_output(place, "in.csv")
    write_table(TABLE, place)
    assert READERS[suffix](place).equals(TABLE)
    assert [file.name for file in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize("name", ["out.cvs", "out", "out.pkl"])
def test_other_suffixes_are_refused(name: str) -> None:
    with pytest.raises(OutputError, match=r"Expected: one of: \.csv, \.tsv"):
        check_output(Path(name), "in.csv")


def test_a_near_suffix_is_guessed() -> None:
    with pytest.raises(OutputError, match=r"did you mean '\.csv'\?"):
        check_output(Path("out.cvs"), "in.csv")


def test_the_input_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "in.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "in.csv")
    for name in ("in.csv", "link.csv", "./in.csv"):
        with pytest.raises(OutputError, match="the input itself"):
            check_output(tmp_path / name, str(tmp_path / "in.csv"))


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(OutputError, match="a folder at"):
        check_output(tmp_path / "out.csv", "in.csv")


def test_an_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    place = tmp_path / "out.csv"
    place.write_text("old")
    with pytest.raises(OutputError, match=r"Next: write Parquet"):
        write_table(pl.DataFrame({"lists": [[1, 2]]}), place)
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_stdout_is_csv(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(TABLE)
    assert capsys.readouterr().out.startswith('text,n\n"a ""quoted"", b",1\n')
    with pytest.raises(OutputError, match="CSV cannot hold"):
        print_table(pl.DataFrame({"lists": [[1, 2]]}))
