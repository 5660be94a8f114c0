import sys
from types import ModuleType
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from assay.core.errors import PlanError
from assay.nn.pictures.timm import Timm


class Net(nn.Module):
    """A net as timm makes them: it has a classifier by name, and tells its groups."""

    default_cfg: ClassVar = {"classifier": "head.fc"}

    def __init__(self, in_chans: int, side: int) -> None:
        super().__init__()
        self.stem, self.block, self.side = nn.Conv2d(in_chans, 4, 3), nn.Conv2d(4, 6, 3), side

    def group_matcher(self, coarse: bool) -> dict[str, str]:
        return {"stem": "^stem", "blocks": "^block"} if coarse else {}

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] < self.side:
            raise RuntimeError("too small")
        seen: Tensor = self.block(self.stem(x)).mean((2, 3))
        return seen


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A package in timm's place, which keeps what it is asked for."""
    calls: list[dict[str, Any]] = []

    def create_model(name: str, **given: Any) -> Net:
        calls.append({"name": name, **given})
        return Net(given["in_chans"], 16 if name == "large" else 0)

    class Pretrained:
        fixed_input_size = False

    class Fixed:
        fixed_input_size = True

    package, models = ModuleType("timm"), ModuleType("timm.models")
    package.is_model = ["small", "large", "vit"].__contains__  # type: ignore[attr-defined]
    package.list_models = lambda: ["small", "large", "vit"]  # type: ignore[attr-defined]
    package.create_model, package.models = create_model, models  # type: ignore[attr-defined]
    models.get_pretrained_cfg = lambda name: Fixed() if name == "vit" else Pretrained()  # type: ignore[attr-defined]
    models.group_parameters = lambda net, matcher: {  # type: ignore[attr-defined]
        number: [name for name, _ in net.named_parameters() if name.startswith(start.removeprefix("^"))]
        for number, start in enumerate(matcher.values())
    }
    monkeypatch.setitem(sys.modules, "timm", package)
    monkeypatch.setitem(sys.modules, "timm.models", models)
    return calls


def test_the_net_is_made_without_head_and_without_fetching(asked: list[dict[str, Any]]) -> None:
    body = Timm((8, 8, 1), model="small")
    assert asked == [{"name": "small", "pretrained": False, "num_classes": 0, "in_chans": 1}]
    assert body.features == 6
    assert body(torch.zeros(2, 1, 8, 8)).shape == (2, 6)
    assert body.training


def test_nets_of_a_fixed_size_are_made_for_the_pictures(asked: list[dict[str, Any]]) -> None:
    Timm((8, 12, 3), model="vit")
    assert asked[0]["img_size"] == (8, 12)


def test_its_stages_are_the_groups_and_its_names_those_of_timm() -> None:
    body = Timm((8, 8, 1), model="small")
    names = {name for name, _ in body.named_parameters()}
    assert body.stage_patterns() == [
        ["stages.0.stem.weight", "stages.0.stem.bias"],
        sorted((name for name in names if "block" in name), reverse=True),
    ]
    assert body.named_here("stem.weight") in names
    assert body.heads == ("head.fc",)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(PlanError, match=r"no model of timm named 'smal'(.|\n)*did you mean 'small'"):
        Timm((8, 8, 1), model="smal")
    with pytest.raises(PlanError, match=r"'large' of timm cannot see pictures of 9 by 8 \(RuntimeError: too small\)"):
        Timm((8, 9, 1), model="large")
