"""What `assay inspect` says of nets."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import assay
from assay.cli import _networks as networks
from assay.cli._screen import Screen
from assay.fitting.evidence import Trial
from tests.cli.conftest import made_table

SOUND = {
    "code": "healthy", "title": "nothing is wrong", "severity": "none", "measure": "share", "value": 0.5,
    "threshold": 0.0, "layers": [], "remedy": "nothing",
}  # fmt: skip
ILL = {
    "code": "dead-units", "title": "units that never speak", "severity": "fault", "measure": "share of dead units",
    "value": 0.8123, "threshold": 0.5, "layers": ["0", "2"], "remedy": "lower the rate",
}  # fmt: skip
TRIAL = Trial("mlp", "mlp", {}, "fitted", 1.0, training=({"findings": [SOUND]}, {"findings": [ILL, SOUND]}))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    """A fitted net."""
    out = tmp_path_factory.mktemp("net") / "run"
    return assay.fit(made_table(), "label", out=out, families=["mlp"], folds=2, threads=1, time=0)


def test_healthy_folds_are_counted_and_faults_come_with_their_cure() -> None:
    assert networks.health(TRIAL) == [
        "training: 1 of 2 folds healthy",
        "dead-units in 1 fold: units that never speak (0, 2); share of dead units 0.812, the bound is 0.5. "
        "Next: lower the rate",
    ]


def test_a_model_that_is_no_net_has_no_layers() -> None:
    assert networks.layers(replace(TRIAL, training=())) == []
    assert networks.object_of(TRIAL)["layers"] == []


def test_the_screen_has_a_line_for_each_layer(run: assay.Run) -> None:
    stream = io.StringIO()
    Screen(Console(file=stream, width=120)).inspected(run)
    told = stream.getvalue()
    for part in ("mlp: layers, before training", "NtkLinear", "hidden.0.linear", "training: 2 of 2 folds healthy"):
        assert part in told


def test_json_has_shapes_parameters_and_findings(typed: Callable[..., Any], run: assay.Run, here: Path) -> None:
    told, other = json.loads(typed("inspect", run.path, "--json").stdout)["networks"]
    assert (told["name"], other["name"]) == ("mlp", "mlp-2")
    assert told["layers"][0]["name"] == "scale"
    assert told["totals"]["trainable"] == sum(layer["trainable"] for layer in told["layers"])
    assert [fold[0]["code"] for fold in told["findings"]] == ["healthy", "healthy"]


def test_event_files_lie_in_the_run(run: assay.Run) -> None:
    folds = sorted(path.name for path in (run.path / "training" / "mlp").iterdir())
    assert folds == ["fold-1", "fold-2"]
