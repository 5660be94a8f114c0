from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from assay.core.errors import PlanError
from assay.data.schema import Column, Kind, Role, Schema
from assay.families.lenet import Lenet
from assay.families.resnet import Resnet
from tests.families.picture_cases import learning

GIVEN = learning()
OTHER = replace(GIVEN, y=(GIVEN.y + 1) % 3, valid_y=(GIVEN.valid_y + 1) % 3)
QUICK = {**Lenet.defaults, **Lenet.small, "epochs": 3}


def weights_of(predictor: Any) -> dict[str, Any]:
    return dict(predictor.weights)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights of a net that has learned."""
    fitted = Lenet().fit(GIVEN, {**QUICK, "epochs": 12})
    path = tmp_path_factory.mktemp("weights") / "lenet.safetensors"
    save_file({name: torch.from_numpy(value) for name, value in weights_of(fitted.predictor).items()}, path)
    return str(path)


def test_a_net_goes_on_from_the_weights_of_a_file(file: str) -> None:
    settings = {**QUICK, "epochs": 1, "rate": 1e-6}
    anew, further = (Lenet().fit(GIVEN, {**settings, "weights": name}) for name in ("", file))
    right = [(fit.predictor.predict(GIVEN.valid).argmax(1) == GIVEN.valid_y).mean() for fit in (anew, further)]
    assert right[1] > 0.9 > right[0]
    assert further.notes["weights"] == file
    assert "head taken" in further.notes["transfer"]
    assert "transfer" not in anew.notes


def test_frozen_stages_keep_their_weights(file: str) -> None:
    from safetensors.numpy import load_file

    fitted = Lenet().fit(OTHER, {**QUICK, "weights": file, "stages_frozen": 2, "freeze": "*.stages.3.0.bias"})
    before, after = load_file(file), weights_of(fitted.predictor)
    moved = {name for name in before if not np.array_equal(before[name], after[name])}
    frozen = {name for name in before if ".stages.0." in name or ".stages.1." in name}
    assert len(frozen) == 4
    assert not moved & (frozen | {name for name in before if name.endswith("stages.3.0.bias")})
    assert {name for name in before if ".stages.2." in name} <= moved


def test_stages_are_released_when_the_engine_says_so(file: str) -> None:
    from safetensors.numpy import load_file

    settings = {**QUICK, "weights": file, "stages_frozen": 4, "unfreeze": 1, "best": 3}
    before, after = load_file(file), weights_of(Lenet().fit(OTHER, settings).predictor)
    assert {name for name in before if ".stages." in name and np.array_equal(before[name], after[name])} == set()


def test_another_number_of_classes_and_of_colours_is_told(file: str) -> None:
    given = learning(channels=3, classes=4)
    fitted = Lenet().fit(given, {**QUICK, "weights": file, "epochs": 1})
    assert "first filters see the mean of 3 colours" in fitted.notes["transfer"]
    assert "head begins anew: 3 classes" in fitted.notes["transfer"]
    assert fitted.predictor.predict(given.valid).shape == (24, 4)


def test_a_file_of_another_net_is_refused(file: str) -> None:
    with pytest.raises(PlanError, match="of which none fit the net"):
        Resnet().fit(GIVEN, {**Resnet.defaults, **Resnet.small, "weights": file, "strict": False})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"stages_frozen": 5}, r"stages_frozen = 5.*\n.*0 to 4.*\n.*set stages_frozen to 4"),
        ({"stages_frozen": -1}, "set stages_frozen to 0"),
        ({"weights": "nowhere.pt"}, "weights = 'nowhere.pt', which is not there"),
        ({"weights": 7}, "weights = 7 among the settings of lenet"),
        ({"strict": "no"}, "strict = 'no'"),
        ({"drop_prob": 1.0}, "drop_prob = 1.0"),
    ],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Lenet().check(settings)


def test_a_file_with_objects_is_refused_before_anything_is_fitted(tmp_path: Path) -> None:
    torch.save({"net": nn.Linear(2, 2)}, tmp_path / "net.pt")
    with pytest.raises(PlanError, match="holds Python objects"):
        Lenet().check({"weights": str(tmp_path / "net.pt")})


def test_small_pictures_get_a_smaller_net() -> None:
    few, many = (Schema((Column("p", Kind.PICTURE, Role.FEATURE, "made up", (side, 90, 3)),)) for side in (32, 64))
    assert deepcopy(Resnet().variants(few, GIVEN.task, 500)) == (dict(Resnet.for_small),)  # plans copy settings
    assert Resnet().variants(many, GIVEN.task, 500) == ({},)


class Counting(nn.Module):
    """Adds a number that it computes when it is made and does not save."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("ramp", torch.arange(3.0), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x) + self.ramp


class Ramped(Lenet):
    def net(self, facts: Any) -> nn.Module:
        return Counting(super().net(facts))


def test_what_a_net_does_not_save_is_computed_when_it_is_read() -> None:
    facts = {**Lenet().facts(Lenet.defaults, GIVEN.valid), "outputs": 3}
    plain = Lenet().net(facts)
    weights = {name: value.numpy() for name, value in plain.state_dict().items()}
    ramped = Ramped.predictor(Ramped(), facts, {f"net.{name}": value for name, value in weights.items()})
    (x,) = Lenet().inputs(GIVEN.valid, facts)
    with torch.no_grad():
        assert torch.allclose(ramped.net(x), plain.eval()(x) + torch.tensor([0.0, 1.0, 2.0]))
