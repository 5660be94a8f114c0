"""Columns of paths: recognised, and read from the folder of their table or from the current one."""

from pathlib import Path

import polars as pl
import pytest

from assay.data._paths import files_of, name_pictures, share_of_names, with_files


@pytest.mark.parametrize(
    ("values", "share"),
    [
        (["a.png", "b/c.JPG ", None, "d.tiff"], 1),
        (["a.png", "b.txt"], 0.5),
        (["", " ", "a.bmp"], 1),
        (["", None], 0),
        (["a", "b"], 0),
        ([None], 0),
    ],
)
def test_names_are_known_by_their_suffixes(values: list[str | None], share: float) -> None:
    column = pl.Series("p", values, dtype=pl.String)
    assert share_of_names(column) == share
    assert name_pictures(column) == (share == 1)


def test_the_folder_of_the_table_comes_before_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / "both.png").write_bytes(folder.name.encode())
    (here / "only.png").write_bytes(b"only here")
    monkeypatch.chdir(here)
    paths = pl.Series("p", ["both.png", "only.png", str(here / "both.png"), "none.png", None])
    cells = files_of(paths, there).struct.unnest()
    assert cells["bytes"].to_list() == [b"there", b"only here", b"here", None, None]
    assert cells["path"].to_list() == paths.to_list()


def test_columns_are_found_out_or_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"a")
    (tmp_path / "plain").write_bytes(b"b")
    table = pl.DataFrame({"p": ["a.png", "a.png"], "q": ["plain", "plain"], "n": [1, 2]})
    found = with_files(table, tmp_path)
    assert [kind.is_nested() for kind in found.dtypes] == [True, False, False]
    named = with_files(table, tmp_path, ["q", "n", "none"])
    assert named["q"].struct.field("bytes").to_list() == [b"b", b"b"]
    assert named["p"].dtype == pl.String


def test_addresses_and_names_beside_pictures_stay_texts(tmp_path: Path) -> None:
    addresses = pl.DataFrame({"p": ["https://a.example/1.png", "https://a.example/2.png"]})
    assert with_files(addresses, tmp_path).equals(addresses)
    beside = pl.DataFrame({"p": ["1.png"], "picture": [b"\xff\xd8\xff\xe0"]})
    assert with_files(beside, tmp_path).equals(beside)


def test_records_without_bytes_are_filled(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"a")
    cells = [{"bytes": b"x", "path": "a.png"}, {"bytes": None, "path": "a.png"}, {"bytes": None, "path": None}]
    kind = pl.Struct({"bytes": pl.Binary, "path": pl.String})
    found = with_files(pl.DataFrame({"image": pl.Series(cells, dtype=kind)}), tmp_path)
    assert found["image"].struct.field("bytes").to_list() == [b"x", b"a", None]
