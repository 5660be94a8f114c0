import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from safetensors.torch import save_file

import assay
from assay.core.errors import PlanError, RunError
from assay.data.schema import Column, Kind, Role, Schema
from assay.families import timm as module
from assay.families.timm import Timm
from tests.families.picture_cases import learning

GIVEN = learning(channels=3)
QUICK = {**Timm.defaults, **Timm.small, "model": "test_resnet", "epochs": 2}
installed = pytest.mark.skipif(Timm().missing() is not None, reason=f"{Timm().missing()}")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No timm, wherever the tests run."""
    monkeypatch.setitem(sys.modules, "timm", None)
    module._missing.cache_clear()
    yield
    monkeypatch.undo()
    module._missing.cache_clear()


@pytest.mark.usefixtures("broken")
def test_without_the_package_it_is_said_what_to_install() -> None:
    with pytest.raises(
        PlanError, match=r"'timm' cannot be used: the package timm cannot be loaded(.|\n)*assay\[timm\]"
    ):
        Timm().check({})


@pytest.mark.usefixtures("broken")
def test_a_fit_that_names_it_stops_before_anything_is_written(tmp_path: Path) -> None:
    rows = pl.DataFrame({"label": ["a", "b"] * 30}).with_columns(pl.Series("p", np.zeros((60, 8, 8, 3), np.uint8)))
    with pytest.raises(PlanError, match=r"assay\[timm\]"):
        assay.fit(rows, target="label", time=5, families=["timm"], out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("broken")
def test_a_model_that_was_fitted_with_the_package_says_what_to_install() -> None:
    state = {"family": "timm", "facts": {}, "weights": {}}
    with pytest.raises(RunError, match=r"a model with a net, but the family 'timm' cannot be used(.|\n)*assay\[timm\]"):
        Timm.predictor.from_state(state)


def test_a_torchvision_of_another_torch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def find_spec(self, name: str, *_: Any) -> None:
            if name == "timm":
                raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.delitem(sys.modules, "timm", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    module._missing.cache_clear()
    try:
        assert "torchvision of the torch that is installed (pip install torchvision" in (Timm().missing() or "")
    finally:
        module._missing.cache_clear()


def test_the_reason_to_leave_it_out_says_when_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = Schema((Column("p", Kind.PICTURE, Role.FEATURE, "made up", (32, 32, 3)),))
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert Timm().left_out(schema, GIVEN.task, 500) == "it needs a package: pip install 'assay[timm]'"
    monkeypatch.setattr(module, "find_spec", lambda name: SimpleNamespace())
    assert "cnn" in (Timm().left_out(schema, GIVEN.task, 500) or "")


@installed
def test_a_net_of_timm_learns_and_its_file_is_read_without_asking_the_network() -> None:
    fitted = Timm().fit(GIVEN, {**QUICK, "epochs": 20, "rate": 0.003})
    assert (fitted.predictor.predict(GIVEN.valid).argmax(1) == GIVEN.valid_y).mean() > 0.8
    again = Timm.predictor.from_state(fitted.predictor.state())
    assert np.array_equal(again.predict(GIVEN.valid), fitted.predictor.predict(GIVEN.valid))


@installed
def test_published_weights_fill_the_body_and_the_first_stages_stay(tmp_path: Path) -> None:
    import timm

    giver = timm.create_model("test_resnet", pretrained=False, num_classes=1000, in_chans=3)
    save_file(giver.state_dict(), tmp_path / "net.safetensors")
    settings = {**QUICK, "weights": str(tmp_path / "net.safetensors"), "stages_frozen": 2}
    Timm().check(settings)
    fitted = Timm().fit(GIVEN, settings)
    assert "head begins anew: 1000 classes from 96 features there, 3 from 96 here" in fitted.notes["transfer"]
    for name, value in giver.state_dict().items():
        if name.startswith(("conv1.", "layer1.")) and "num_batches" not in name:
            assert np.array_equal(fitted.predictor.weights[f"body.net.stages.0.{name}"], value)
    assert not np.array_equal(
        fitted.predictor.weights["body.net.stages.0.layer2.0.conv1.weight"], giver.layer2[0].conv1.weight.detach()
    )


@installed
@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"model": "resnet81"}, "no model of timm named 'resnet81'(.|\n)*did you mean 'resnet"),
        ({"model": "hf-hub:timm/resnet18"}, "no model of timm named 'hf-hub:timm/resnet18'"),
        ({"stages_frozen": 99}, "stages_frozen = 99"),
    ],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Timm().check(settings)


@installed
def test_a_model_that_cannot_see_pictures_of_the_size_is_refused() -> None:
    Timm().check({"model": "inception_v3"})
    with pytest.raises(PlanError, match="'inception_v3' of timm cannot see pictures of 12 by 12"):
        Timm().fit(GIVEN, {**QUICK, "model": "inception_v3"})


@installed
@pytest.mark.parametrize("model", ["swin_tiny_patch4_window7_224", "test_vit"])
def test_what_a_net_does_not_save_is_computed_anew(model: str) -> None:
    facts = {"model": model, "drop_prob": 0.0, "shape": [32, 32, 3], "columns": 0, "views": [0, 0], "outputs": 3}
    net = Timm().net(facts)
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    x = torch.zeros(2, 3, 32, 32)
    read = Timm.predictor(Timm(), facts, weights).net
    with torch.no_grad():
        assert torch.equal(read(x), net.eval()(x))
