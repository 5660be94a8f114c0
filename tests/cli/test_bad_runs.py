"""Run folders that are not what they should be: refused by every command, and nothing in them is executed."""

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

Command = Callable[..., Any]


class Trap:
    """Leaves a mark when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("trapped"),)


def _flip(file: Path, place: int = -1) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(bytes(content))


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _newer(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "version": 99}))


def _trap(file: Path) -> None:
    file.write_bytes(pickle.dumps(Trap()))


def _smuggle(folder: Path, name: str) -> None:
    """A pickle that the manifest vouches for."""
    _trap(folder / name)
    content = (folder / name).read_bytes()
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


SPOILED: dict[str, tuple[Callable[[Path], None], str]] = {
    "not there": (lambda run: rmtree(run), "no folder"),
    "a file": (lambda run: (rmtree(run), run.touch())[1], "a file, not a folder"),
    "another folder": (lambda run: (run / "plan.toml").unlink(), "no plan.toml"),
    "empty": (lambda run: [rmtree(run), run.mkdir()][1], "no plan.toml"),
    "unfinished": (lambda run: rmtree(run / "model"), "did not finish"),
    "no manifest": (lambda run: (run / "model/manifest.json").unlink(), "no manifest.json"),
    "manifest of something else": (lambda run: (run / "model/manifest.json").write_text("{}") and None, "format"),
    "manifest cut": (lambda run: _cut(run / "model/manifest.json"), "not JSON"),
    "arrays cut": (lambda run: _cut(run / "model/arrays.safetensors"), "the manifest says"),
    "state cut": (lambda run: _cut(run / "model/state.json"), "the manifest says"),
    "arrays gone": (lambda run: (run / "model/arrays.safetensors").unlink(), "is missing"),
    "arrays changed": (lambda run: _flip(run / "model/arrays.safetensors"), "was changed"),
    "state changed": (lambda run: _flip(run / "model/state.json"), "was changed"),
    "newer": (lambda run: _newer(run / "model"), "version 99"),
    "a pickle in model": (lambda run: _trap(run / "model/extra.pkl"), "no place in a model"),
    "a pickle under an allowed name": (lambda run: _trap(run / "model/text-9.txt"), "no place in a model"),
    "a pickle that the manifest names": (lambda run: _smuggle(run / "model", "weights.pkl"), "no place in a model"),
    "a pickle in the place of arrays": (
        lambda run: _smuggle(run / "model", "arrays.safetensors"),
        "no place in a model",
    ),
    "a pickle in the place of the state": (lambda run: _smuggle(run / "model", "state.json"), "no place in a model"),
    "a pickle at the top": (lambda run: _trap(run / "notes.pkl"), "a pickle in a run folder"),
    "a pickle as data.json": (lambda run: _trap(run / "data.json"), "a pickle in a run folder"),
    "a pickle in a plain coat": (lambda run: _trap(run / "notes.txt"), "a pickle in a run folder"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_run_is_refused(how: str, refused: Command, run: Path, mail: Path) -> None:
    spoil, says = SPOILED[how]
    spoil(run)
    refused("predict", run, mail, "-o", "out.csv", says=says)
    refused("inspect", run, says=says)
    assert not Path("trapped").exists()


@pytest.mark.parametrize("command", [("evaluate", "run", "mail.csv"), ("report", "run"), ("inspect", "run", "--json")])
def test_every_command_looks(command: tuple[str, ...], refused: Command, run: Path, mail: Path) -> None:
    _flip(run / "model" / "arrays.safetensors")
    refused(*command, says="was changed")


@pytest.mark.parametrize("command", [("inspect", "run"), ("report", "run")])
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda run: _flip(run / "evidence/arrays.safetensors"), "was changed"),
        (lambda run: rmtree(run / "evidence"), "evidence"),
        (lambda run: _trap(run / "evidence/extra.pkl"), "no place in a model"),
        (lambda run: (run / "data.json").write_text("{"), "data.json"),
        (lambda run: (run / "data.json").write_text("{}"), "data.json"),
        (lambda run: (run / "data.json").unlink(), "data.json"),
        (lambda run: (run / "plan.toml").write_text("a ="), "not TOML"),
    ],
)
def test_what_tells_of_the_fit_is_checked_too(
    spoil: Callable[[Path], object], says: str, command: tuple[str, ...], refused: Command, run: Path
) -> None:
    spoil(run)
    refused(*command, says=says)
    assert not Path("trapped").exists()


def _cut_off(typed: Command, mail: Path) -> tuple[str | Path, ...]:
    """A fit that was killed before its model was written; gives the words that go on with it."""
    words = ("fit", mail, "--target", "label", "--out", "stopped", "--families", "linear", "--folds", "3")
    assert typed(*words).exit_code == 0
    rmtree("stopped/model")
    return "fit", mail, "--out", "stopped", "--resume"


def test_units_that_are_not_whole_are_fitted_again(typed: Command, mail: Path) -> None:
    words = _cut_off(typed, mail)
    unit = Path("stopped/checkpoint/unit-linear-0")
    unit.mkdir(parents=True)
    _trap(unit / "state.json")
    result = typed(*words)
    assert result.exit_code == 0, result.stderr
    assert not Path("trapped").exists()


@pytest.mark.parametrize("journal", ["{", "[]", '{"spent": "long", "given_up": {}}'])
def test_a_spoiled_journal_is_refused(journal: str, typed: Command, refused: Command, mail: Path) -> None:
    words = _cut_off(typed, mail)
    Path("stopped/checkpoint").mkdir()
    Path("stopped/checkpoint/journal.json").write_text(journal)
    refused(*words)
