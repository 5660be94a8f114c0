"""Folders of pictures as tables."""

from pathlib import Path

import pytest

from assay.core.errors import DataError
from assay.data.read import read_table


def lay(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(file.encode())
    return folder


def test_folders_are_classes_however_deep(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "dog/2.PNG",
        "cat/1.jpg",
        "cat/old/more/3.webp",
        "lone.png",
        "cat/notes.txt",
        ".x/4.png",
        "dog/._5.png",
    )
    table = read_table(tmp_path)
    assert table.columns == ["file", "picture", "label"]
    assert table["file"].to_list() == ["cat/1.jpg", "cat/old/more/3.webp", "dog/2.PNG", "lone.png"]
    assert table["picture"].to_list() == [name.encode() for name in table["file"]]
    assert table["label"].to_list() == ["cat", "cat", "dog", None]


def test_a_flat_folder_has_no_labels(tmp_path: Path) -> None:
    assert read_table(str(lay(tmp_path, "b.png", "a.gif"))).columns == ["file", "picture"]


def test_a_link_that_leads_back_ends(tmp_path: Path) -> None:
    lay(tmp_path, "cat/1.png")
    (tmp_path / "cat" / "up").symlink_to(tmp_path)
    assert read_table(tmp_path)["file"].to_list() == ["cat/1.png"]


def test_parts_of_a_data_set_are_no_classes(tmp_path: Path) -> None:
    lay(tmp_path, "train/cat/1.png", "test/cat/2.png")
    with pytest.raises(DataError, match=r"holds test, train[\s\S]*give one part at a time, e.g. \S+train"):
        read_table(tmp_path)
    assert read_table(tmp_path / "train")["label"].to_list() == ["cat"]


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    lay(tmp_path, "cat/notes.txt")
    with pytest.raises(
        DataError, match=r"with no picture in it[\s\S]*those of each class in a folder[\s\S]*check the path"
    ):
        read_table(tmp_path)
    lay(tmp_path, "table.csv")
    with pytest.raises(DataError, match=r"a folder, not a file[\s\S]*name one of its files: table.csv"):
        read_table(tmp_path)
