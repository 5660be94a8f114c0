"""The model on disk: the same answers, and no trust in what was not written by it."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.core.errors import RunError
from assay.data.dataset import Dataset
from assay.fitting.assembly import Outcome
from assay.fitting.model import Model
from tests.fitting.conftest import made_table, made_work


@pytest.fixture(scope="module")
def saved(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model on disk."""
    folder = tmp_path_factory.mktemp("saved") / "model"
    outcome.model.save(folder)
    return folder


@pytest.fixture
def copied(saved: Path, tmp_path: Path) -> Path:
    """One that may be spoiled."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def _data(rows: int = 240) -> Dataset:
    return made_work(made_table()).data.rows(np.arange(rows))


def _forge(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the state as someone would who also mends the manifest."""
    state = json.loads((folder / "state.json").read_text())
    change(state)
    content = json.dumps(state).encode()
    (folder / "state.json").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["state.json"] = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_model_that_was_saved_gives_the_same_outputs(outcome: Outcome, saved: Path) -> None:
    assert np.array_equal(Model.load(saved).outputs(_data()), outcome.model.outputs(_data()))


def test_outputs_are_probabilities(outcome: Outcome) -> None:
    outputs = outcome.model.outputs(_data())
    assert outputs.shape == (240, 2)
    assert outputs.sum(axis=1) == pytest.approx(np.ones(240))
    assert (outputs > 0).all()


def test_batches_and_single_rows_give_what_all_rows_give(outcome: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outcome.model.outputs(_data())
    monkeypatch.setattr("assay.fitting.model._BATCH", 7)
    assert outcome.model.outputs(_data()) == pytest.approx(whole, abs=1e-7)
    assert outcome.model.outputs(_data(1)) == pytest.approx(whole[:1], abs=1e-7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("members"), "'members' is NoneType"),
        (lambda s: s["members"][0].update(family="os"), "no family named 'os'"),
        (lambda s: s["members"][0]["parts"][0].update(encoding=99), "encoders that are not there"),
        (lambda s: s["members"][0]["parts"].clear(), "encoders that are not there"),
        (lambda s: s["task"].update(name="../binary"), r"no task named '../binary'"),
        (lambda s: s["encodings"][0]["encoders"][0].update(name="_base"), "no encoder named '_base'"),
        (lambda s: s.update(calibration=["hot"]), "'calibration' is str"),
        (lambda s: s["schema"]["columns"][0].update(kind="code"), "'code' is not a valid Kind"),
        (lambda s: s.update(schema=[1]), "'schema' is list"),
    ],
)
def test_a_forged_state_is_refused(copied: Path, change: Callable[[dict[str, Any]], None], message: str) -> None:
    _forge(copied, change)
    with pytest.raises((RunError, ValueError), match=message) as refusal:
        Model.load(copied)
    assert "Next:" in str(refusal.value)


def test_trees_do_not_load_torch(saved: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from assay.fitting.model import Model;"
        f"Model.load(Path({str(saved)!r})); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
