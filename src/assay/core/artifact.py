"""A folder of files with a manifest, that can be trusted: allow-listed names, sizes and hashes, checked before reading.

``manifest.json`` holds the format's name and version and each file's size and SHA-256. The loader decides what may
stand in such a folder; a file that the manifest or the allow-list does not name is refused, and so is one that they
name and that is not there. Nothing is unpickled, imported or executed on the word of a file.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from assay.core.errors import RunError
from assay.core.files import written_folder
from assay.core.state import State, damaged, read_state, write_state

FORMAT = "assay-model"
VERSION = 4
_ALLOWED = re.compile(r"state\.json|arrays\.safetensors|text-\d{1,6}\.txt")
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04", b"\x1f\x8b")
_LARGEST = 8 * 2**30
_LONGEST_MANIFEST = 64 * 2**20


def save_artifact(folder: Path, state: State, *, small: bool = False) -> None:
    """Write a state with its manifest into ``folder``, all or nothing; ``small`` as in `assay.core.state.write_state`.

    Raises:
        OutputError: The place cannot be written to.
    """
    with written_folder(folder) as beside:
        write_state(beside, state, small=small)
        files = {file.name: _entry(file) for file in sorted(beside.iterdir())}
        manifest = {"format": FORMAT, "version": VERSION, "files": files}
        (beside / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def load_artifact(folder: Path) -> State:
    """Check a folder against its manifest and the allow-list, then read its state.

    Raises:
        RunError: Not an artifact, unreadable, truncated, tampered with, of a newer format, or with a file that has no
            place in it.
    """
    try:
        _check(folder)
    except OSError as error:
        raise damaged(folder, f"{type(error).__name__}: {error}") from error
    return read_state(folder)


def looks_like_pickle(file: Path) -> bool:
    """Whether a file begins as a pickle or as an archive that could hold one (zip, gzip) does."""
    with file.open("rb") as stream:
        head = stream.read(9)
    is_safetensors = head[8:] == b"{"  # eight bytes of length, which may be any, then its header
    return head.startswith(_PICKLES) and not is_safetensors


def _check(folder: Path) -> None:
    manifest = _manifest(folder)
    _check_version(folder, manifest)
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise damaged(folder, "the manifest lists no files")
    _check_names(folder, files)
    for name, entry in files.items():
        _check_file(folder / name, entry)


def _entry(file: Path) -> dict[str, Any]:
    return {"bytes": file.stat().st_size, "sha256": _digest(file)}


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / "manifest.json"
    if not file.is_file():
        raise RunError(
            f"no manifest.json in {folder}",
            expected="a model folder that Assay wrote",
            fix="give the run folder that `assay fit --out` made; if its fit was cut off, repeat it with --resume",
        )
    if file.is_symlink() or file.stat().st_size > _LONGEST_MANIFEST:
        raise damaged(folder, "manifest.json is a link or of absurd length")
    try:
        manifest = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise damaged(folder, f"manifest.json is not JSON: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise damaged(folder, f"manifest.json is not of the format {FORMAT!r}")
    return manifest


def _check_version(folder: Path, manifest: dict[str, Any]) -> None:
    version = manifest.get("version")
    if not isinstance(version, int) or version < 1:
        raise damaged(folder, f"the manifest has no version, but {version!r}")
    if version < VERSION:
        raise RunError(
            f"a model of format version {version} in {folder}",
            expected=f"version {VERSION}, which this Assay reads",
            fix="fit again with this Assay",
        )
    if version > VERSION:
        raise RunError(
            f"a model of format version {version} in {folder}",
            expected=f"version {VERSION}, which this Assay reads",
            fix="install a newer Assay (pip install --upgrade assay), or fit again with this one",
        )


def _check_names(folder: Path, files: dict[str, Any]) -> None:
    present = {file.relative_to(folder).as_posix() for file in folder.rglob("*")} - {"manifest.json"}
    for name in sorted(present | set(files)):
        if _ALLOWED.fullmatch(name) is None:
            raise _foreign(folder, name)
    for name in sorted(present - set(files)):
        raise _foreign(folder, name)
    for name in sorted(set(files) - present):
        raise damaged(folder, f"{name} is missing")


def _foreign(folder: Path, name: str) -> RunError:
    return RunError(
        f"a file that has no place in a model: {folder / name}",
        expected="only manifest.json, state.json, arrays.safetensors and text-N.txt (Assay never reads pickles)",
        fix="do not trust this folder unless you know who wrote that file; remove it, or fit again",
    )


def _check_file(file: Path, entry: Any) -> None:
    if file.is_symlink() or not file.is_file() or not isinstance(entry, dict):
        raise damaged(file.parent, f"{file.name} is not a plain file")
    size = file.stat().st_size
    if size != entry.get("bytes") or size > _LARGEST:
        raise damaged(file.parent, f"{file.name} has {size} bytes, the manifest says {entry.get('bytes')}")
    if looks_like_pickle(file):
        raise _foreign(file.parent, file.name)
    if _digest(file) != entry.get("sha256"):
        raise damaged(file.parent, f"{file.name} was changed: its SHA-256 is not the one in the manifest")
