"""Writing that is all or nothing: beside, fsync, rename. A crash leaves the old file or the new one, never half."""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assay.core.errors import OutputError


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; on a clean exit it takes the name of ``path`` at once.

    A link is followed, and a device or pipe (``/dev/stdout``) is written to as it stands.

    Raises:
        OutputError: The place cannot be written to (permission, no space, not a folder).
    """
    with explained(path):
        goal = Path(os.path.realpath(path))
        if goal.exists() and not goal.is_file() and not goal.is_dir():
            yield goal
            return
        beside = _beside(goal)
        beside.touch(exist_ok=False)
        try:
            yield beside
            _sync(beside)
            os.replace(beside, goal)
            _sync(goal.parent)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def written_folder(path: Path) -> Iterator[Path]:
    """Give a fresh folder beside ``path``; on a clean exit it takes the place of ``path``, replacing what was there.

    What was there is put aside by a rename and removed last. A crash leaves the old folder or the new one, or, between
    the two renames, none of that name; never half of one.

    Raises:
        OutputError: The place cannot be written to (permission, no space, a file of that name).
    """
    with explained(path):
        goal = Path(os.path.realpath(path))
        beside = _beside(goal)
        beside.mkdir()
        try:
            yield beside
            for file in (*beside.rglob("*"), beside):
                _sync(file)
            _take_place(beside, goal)
            _sync(goal.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file all or nothing."""
    with written(path) as beside:
        beside.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a UTF-8 file all or nothing."""
    write_bytes(path, content.encode())


def write_json(path: Path, value: Any) -> None:
    """Write JSON all or nothing, the same bytes for the same value."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals while writing ``path`` into an ``OutputError``."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0)
        if reason is None:
            raise
        raise reason(path) from error


def _beside(goal: Path) -> Path:
    """A free hidden name beside the goal, ``.NAME.`` and eight digits, in a folder that is made if need be."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    return goal.with_name(f".{goal.name}.{secrets.token_hex(4)}")


def _take_place(beside: Path, goal: Path) -> None:
    if not goal.is_dir():
        os.replace(beside, goal)
        return
    aside = _beside(goal)
    os.rename(goal, aside)
    try:
        os.replace(beside, goal)
    except BaseException:
        os.rename(aside, goal)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _no_space(path: Path) -> OutputError:
    return OutputError(
        f"no space left on the disk of {path}",
        expected="room for the run folder (some tens of megabytes)",
        fix="free some space or choose another place with --out, then repeat with --resume if a run was under way",
    )


def _no_permission(path: Path) -> OutputError:
    return OutputError(
        f"no permission to write {path}",
        expected="a place that this user may write to",
        fix="choose another place with --out, or change the permissions of the folder",
    )


def _not_a_folder(path: Path) -> OutputError:
    return OutputError(
        f"a file stands where a folder is needed for {path}",
        expected="a folder, or a name that is not taken",
        fix="choose another place with --out",
    )


def _no_such_place(path: Path) -> OutputError:
    return OutputError(
        f"a place where nothing can be made: {path}",
        expected="a folder that exists or can be made",
        fix="choose another place with --out",
    )


def _a_folder(path: Path) -> OutputError:
    return OutputError(
        f"a folder stands at {path}, where a file is to be written",
        expected="the name of a file, or a name that is not taken",
        fix="add a file name to the path",
    )


def _no_place(path: Path) -> OutputError:
    return OutputError(
        f"a place where nothing can be made: {path}",
        expected="a folder on a disk",
        fix="choose another place with --out",
    )


def _no_name(path: Path) -> OutputError:
    return OutputError(
        f"a name that the file system does not take: {str(path)[:200]}",
        expected="a path of ordinary length without loops of links",
        fix="choose a shorter name with --out",
    )


_REASONS: dict[int, Callable[[Path], OutputError]] = {
    errno.ENOSPC: _no_space,
    errno.EDQUOT: _no_space,
    errno.EACCES: _no_permission,
    errno.EPERM: _no_permission,
    errno.EROFS: _no_permission,
    errno.ENOENT: _no_such_place,
    errno.ENOENT: _no_place,
    errno.ENOTDIR: _not_a_folder,
    errno.EEXIST: _not_a_folder,
    errno.EISDIR: _a_folder,
    errno.ENAMETOOLONG: _no_name,
    errno.ELOOP: _no_name,
}
