"""All or nothing: whatever stops a write, the old file stands whole and nothing is left beside it."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.core.errors import OutputError
from assay.core.files import explained, write_bytes, write_json, write_text, written, written_folder

REFUSALS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "no space left on the disk",
    errno.EACCES: "no permission to write",
    errno.EPERM: "no permission to write",
    errno.EROFS: "no permission to write",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands at",
    errno.ENOENT: "a place where nothing can be made",
    errno.ENAMETOOLONG: "a name that the file system does not take",
}


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_new_file_is_written_with_its_folders(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b" / "c.txt", "größer\n")
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == "größer\n".encode()
    assert names(tmp_path / "a" / "b") == ["c.txt"]


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")
    with written(path) as beside:
        beside.write_bytes(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_writer_that_raises_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")
    with pytest.raises(error, match="stop"), written(path) as beside:
        beside.write_bytes(b"half of the ne")
        raise error("stop")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_writer_that_raises_leaves_the_old_folder(tmp_path: Path, error: type[BaseException]) -> None:
    with written_folder(tmp_path / "run") as beside:
        (beside / "old").touch()
    with pytest.raises(error, match="stop"), written_folder(tmp_path / "run") as beside:
        (beside / "new").touch()
        raise error("stop")
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["old"]


def test_a_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    for name in ("old", "new"):
        with written_folder(tmp_path / "run") as beside:
            (beside / "inner").mkdir()
            (beside / "inner" / name).write_text(name)
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run" / "inner") == ["new"]


def test_the_old_folder_comes_back_if_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").touch()
    _refuse(monkeypatch, errno.ENOSPC)
    with pytest.raises(OutputError, match="no space left"), written_folder(tmp_path / "run") as beside:
        (beside / "new").touch()
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["old"]


WRITER = """
import sys, time
from pathlib import Path
from assay.core.files import written, written_folder
path = Path(sys.argv[1])
if sys.argv[2] == "file":
    with written(path) as beside:
        beside.write_bytes(b"half of the ne")
        print("writing", flush=True)
        time.sleep(60)
with written_folder(path) as beside:
    (beside / "new").write_bytes(b"half of the ne")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_writer_that_is_killed_leaves_the_old_state(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "goal"
    if kind == "file":
        path.write_bytes(b"old")
    else:
        path.mkdir()
        (path / "old").touch()
    process = subprocess.Popen([sys.executable, "-c", WRITER, path, kind], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    assert path.read_bytes() == b"old" if kind == "file" else names(path) == ["old"]
    assert all(name == "goal" or name.startswith(".goal.") for name in names(tmp_path))


def _refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def replace(source: object, goal: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.replace", replace)


@pytest.mark.parametrize("number", REFUSALS, ids=lambda number: errno.errorcode[number])
def test_a_refusal_of_the_system_is_told_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    _refuse(monkeypatch, number)
    with pytest.raises(OutputError, match=REFUSALS[number]):
        write_text(tmp_path / "file", "text")
    assert names(tmp_path) == []


def test_a_fault_that_is_not_the_users_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output error"), explained(tmp_path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_disk_that_is_really_full_is_told(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(OutputError, match="no space left on the disk of /dev/full"):
        write_text(Path("/dev/full"), "text")


def test_a_file_system_without_room_for_files_is_told() -> None:
    if not Path("/proc/self").exists():
        pytest.skip("this system has no /proc")
    with pytest.raises(OutputError, match="a place where nothing can be made: /proc/run/file"):
        write_text(Path("/proc/run/file"), "text")


def test_a_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert pipe.is_fifo()
    assert names(tmp_path) == ["pipe"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "old").touch()
    (tmp_path / "link").symlink_to("real")
    with written_folder(tmp_path / "link") as beside:
        (beside / "new").touch()
    assert (tmp_path / "link").is_symlink()
    assert names(tmp_path / "real") == ["new"]


def test_a_link_to_itself_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match=r"a name that the file system does not take|a file stands where"):
        write_text(tmp_path / "loop" / "file", "text")


def test_a_file_where_a_folder_is_needed_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="a file stands where a folder is needed"):
        write_text(tmp_path / "file" / "below", "text")
    with pytest.raises(OutputError, match="a file stands where a folder is needed"), written_folder(tmp_path / "file"):
        pass
    assert names(tmp_path) == ["file"]


def test_a_folder_where_a_file_is_to_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="a folder stands at"):
        write_text(tmp_path / "folder", "text")
    assert names(tmp_path) == ["folder"]


def test_the_persons_umask_is_kept(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_text(tmp_path / "file", "text")
        with written_folder(tmp_path / "folder") as beside:
            (beside / "inner").touch()
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("file", "folder")] == [0o600, 0o700]


def test_json_is_the_same_bytes_for_the_same_value(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": [1, 0.1], "a": "ü"})
    time.sleep(0.01)
    write_json(tmp_path / "b.json", {"b": [1, 0.1], "a": "ü"})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert "ü" in (tmp_path / "a.json").read_text(encoding="utf-8")
