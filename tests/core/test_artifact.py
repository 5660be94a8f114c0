"""An artifact reads back as it was written; a hostile one is refused with a reason, and none of its code runs."""

import hashlib
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.artifact import FORMAT, VERSION, load_artifact, looks_like_pickle, save_artifact
from assay.core.errors import OutputError, RunError
from assay.core.state import Text

STATE = {"name": "linear", "coef": np.arange(6, dtype=np.float32).reshape(2, 3), "trees": Text("tree\n" * 9)}


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    save_artifact(folder, STATE)
    return folder


def edit_manifest(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    edit(manifest)
    file.write_text(json.dumps(manifest))


def forge(folder: Path, name: str, content: bytes) -> None:
    """Put a file in place with a manifest that vouches for it, as one who knows the format would."""
    (folder / name).write_bytes(content)
    entry = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    edit_manifest(folder, lambda manifest: manifest["files"].__setitem__(name, entry))


def test_what_is_saved_is_loaded(model: Path) -> None:
    state = load_artifact(model)
    assert state["name"] == "linear"
    assert state["trees"] == STATE["trees"]
    np.testing.assert_array_equal(state["coef"], STATE["coef"])


def test_the_folder_holds_plain_files_and_a_manifest_of_all_of_them(model: Path) -> None:
    assert {file.name for file in model.iterdir()} == {
        "manifest.json",
        "state.json",
        "arrays.safetensors",
        "text-0.txt",
    }
    manifest = json.loads((model / "manifest.json").read_text())
    assert (manifest["format"], manifest["version"]) == (FORMAT, VERSION)
    for name, entry in manifest["files"].items():
        content = (model / name).read_bytes()
        assert entry == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_saving_again_replaces_the_whole_folder(model: Path) -> None:
    save_artifact(model, {"name": "prior"})
    assert load_artifact(model) == {"name": "prior"}
    assert not (model / "text-0.txt").exists()
    assert [file.name for file in model.parent.iterdir()] == ["model"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="a file stands where a folder is needed"):
        save_artifact(tmp_path / "file" / "model", STATE)


def test_arrays_that_begin_like_a_pickle_are_none(tmp_path: Path) -> None:
    # A safetensors file begins with the length of its header, and 640 bytes begin like a pickle of protocol 2.
    heads = set()
    for length in range(500, 640, 4):
        save_artifact(tmp_path / "model", {"x" * length: np.ones(1)})
        assert load_artifact(tmp_path / "model")
        heads.add((tmp_path / "model" / "arrays.safetensors").read_bytes()[:2])
    assert b"\x80\x02" in heads


@given(st.binary(max_size=200), st.integers(0, 5))
def test_every_pickle_is_known_as_one(tmp_path_factory: pytest.TempPathFactory, content: bytes, protocol: int) -> None:
    file = tmp_path_factory.mktemp("pickles") / "file"
    file.write_bytes(pickle.dumps({"a": content}, protocol=protocol))
    assert looks_like_pickle(file) == (protocol >= 2)


def test_archives_that_could_hold_a_pickle_are_known(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "weights.txt", "w") as archive:
        archive.writestr("data.pkl", b"\x80\x04.")
    assert looks_like_pickle(tmp_path / "weights.txt")


@pytest.mark.parametrize("name", ["model.pkl", "notes.txt", "text-1.txt", "STATE.JSON", ".hidden", "state.json.bak"])
def test_a_file_that_was_added_is_refused(model: Path, name: str) -> None:
    (model / name).write_bytes(b"anything")
    with pytest.raises(RunError, match=f"a file that has no place in a model: .*{name}"):
        load_artifact(model)


def test_a_folder_that_was_added_is_refused(model: Path) -> None:
    (model / "text-1.txt").mkdir()
    (model / "text-1.txt" / "x.pkl").write_bytes(b"anything")
    with pytest.raises(RunError, match=r"a file that has no place in a model: .*text-1.txt"):
        load_artifact(model)


@pytest.mark.parametrize("name", ["model.pkl", "state.json", "text-0.txt", "arrays.safetensors", "text-1.txt"])
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_that_the_manifest_vouches_for_is_refused_and_not_run(
    model: Path, tmp_path: Path, name: str, protocol: int
) -> None:
    trace = tmp_path / "trace"
    forge(model, name, pickle.dumps(Bomb(trace), protocol=protocol))
    if protocol == 0 and name.startswith("text-"):
        assert isinstance(load_artifact(model)["trees"], Text)  # protocol 0 is text, and is read as text
    else:
        with pytest.raises(RunError, match=r"has no place in a model|damaged files in"):
            load_artifact(model)
    assert not trace.exists()


@pytest.mark.parametrize(
    "name",
    ["../outside.txt", "/etc/passwd", "a/state.json", "..", ".", "", "text-0.txt/../../x", "state.json\n", "text-.txt"],
)
def test_names_that_lead_elsewhere_are_refused(model: Path, name: str) -> None:
    edit_manifest(model, lambda manifest: manifest["files"].__setitem__(name, {"bytes": 0, "sha256": ""}))
    with pytest.raises(RunError, match="a file that has no place in a model"):
        load_artifact(model)


def test_a_truncated_file_is_told_with_its_sizes(model: Path) -> None:
    file = model / "arrays.safetensors"
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(RunError, match=f"arrays.safetensors has {size - 5} bytes, the manifest says {size}"):
        load_artifact(model)


@given(place=st.floats(0, 0.999), flip=st.integers(1, 255))
def test_no_changed_byte_passes(tmp_path_factory: pytest.TempPathFactory, place: float, flip: int) -> None:
    folder = tmp_path_factory.mktemp("changed") / "model"
    save_artifact(folder, STATE)
    for name in ("state.json", "arrays.safetensors", "text-0.txt"):
        whole = (folder / name).read_bytes()
        at = int(place * len(whole))
        (folder / name).write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
        with pytest.raises(RunError, match=r"was changed: its SHA-256|has no place in a model"):
            load_artifact(folder)
        (folder / name).write_bytes(whole)


@given(content=st.binary(max_size=60) | st.text(alphabet='{}[]":,0a', max_size=40).map(str.encode))
def test_no_bytes_for_a_manifest_do_harm(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("forged") / "model"
    save_artifact(folder, STATE)
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(RunError, match="damaged files in"):
        load_artifact(folder)


@pytest.mark.parametrize("name", ["state.json", "arrays.safetensors", "text-0.txt"])
def test_a_file_that_is_gone_is_told(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(RunError, match=f"{name} is missing"):
        load_artifact(model)


def test_a_file_that_the_manifest_forgot_is_refused(model: Path) -> None:
    edit_manifest(model, lambda manifest: manifest["files"].pop("text-0.txt"))
    with pytest.raises(RunError, match=r"a file that has no place in a model: .*text-0.txt"):
        load_artifact(model)


@pytest.mark.parametrize("name", ["state.json", "manifest.json"])
def test_a_link_is_refused_even_to_the_right_content(model: Path, tmp_path: Path, name: str) -> None:
    (model / name).rename(tmp_path / name)
    (model / name).symlink_to(tmp_path / name)
    with pytest.raises(RunError, match=f"{name} is (not a plain file|a link)"):
        load_artifact(model)


def test_a_pipe_is_refused_without_waiting_on_it(model: Path) -> None:
    (model / "text-0.txt").unlink()
    os.mkfifo(model / "text-0.txt")
    with pytest.raises(RunError, match=r"text-0.txt is not a plain file"):
        load_artifact(model)


def test_a_newer_version_says_to_install_a_newer_assay(model: Path) -> None:
    edit_manifest(model, lambda manifest: manifest.update(version=VERSION + 1))
    with pytest.raises(RunError, match=rf"format version {VERSION + 1} in(.|\n)*install a newer Assay"):
        load_artifact(model)


@pytest.mark.parametrize("version", [None, "1", 0, -1, 1.0, []])
def test_a_version_that_is_none_is_refused(model: Path, version: object) -> None:
    edit_manifest(model, lambda manifest: manifest.update(version=version))
    with pytest.raises(RunError, match="the manifest has no version"):
        load_artifact(model)


@pytest.mark.parametrize("files", [None, [], "state.json", {"state.json": None}, {"state.json": {}}, {}])
def test_a_list_of_files_that_is_none_is_refused(model: Path, files: object) -> None:
    edit_manifest(model, lambda manifest: manifest.update(files=files))
    with pytest.raises(RunError, match=r"damaged files in|has no place in a model"):
        load_artifact(model)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "manifest.json is not JSON"),
        (b"[" * 200_000, "manifest.json is not JSON"),
        (b"\xff\xfe\x00", "manifest.json is not JSON"),
        (b'{"version": ' + b"9" * 5000 + b"}", "manifest.json is not JSON"),
        (b"[]", "not of the format 'assay-model'"),
        (b'{"format": "other", "version": 1, "files": {}}', "not of the format 'assay-model'"),
    ],
    ids=["empty", "deep", "not utf-8", "long number", "list", "other format"],
)
def test_a_manifest_that_is_none_is_refused(model: Path, content: bytes, says: str) -> None:
    (model / "manifest.json").write_bytes(content)
    with pytest.raises(RunError, match=says):
        load_artifact(model)


def test_a_manifest_of_absurd_length_is_not_read(model: Path) -> None:
    with (model / "manifest.json").open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(RunError, match=r"manifest.json is a link or of absurd length"):
        load_artifact(model)


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000 + b"]" * 200_000, b'{"coef": {"$array": "/gone"}}', b'{"coef": {"$array": {}}}', b"null"],
    ids=["deep", "no such array", "no reference", "no object"],
)
def test_a_forged_state_is_refused(model: Path, content: bytes) -> None:
    forge(model, "state.json", content)
    with pytest.raises(RunError, match="damaged files in"):
        load_artifact(model)


@pytest.mark.parametrize("place", ["nowhere", "empty", "file"])
def test_what_is_no_model_says_so(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=rf"no manifest.json in .*{place}(.|\n)*--resume"):
        load_artifact(tmp_path / place)


def test_files_that_may_not_be_read_are_told(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Path.open

    def refuse(self: Path, *arguments: Any, **options: Any) -> Any:
        if self.name == "state.json":
            raise PermissionError(13, "Permission denied", str(self))
        return plain(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(RunError, match=r"PermissionError: .*Permission denied"):
        load_artifact(model)
