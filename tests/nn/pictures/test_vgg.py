from itertools import pairwise

import pytest
import torch
from torch import nn

from assay.core.errors import PlanError
from assay.nn.pictures.vgg import Vgg

IN_A_ROW = {  # numbers of the convolutions in torchvision's `features`
    (11, "none"): [0, 3, 6, 8, 11, 13, 16, 18],
    (16, "none"): [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28],
    (16, "batch"): [0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40],
}


def on_meta(**settings: object) -> Vgg:
    with torch.device("meta"):
        return Vgg((224, 224, 3), **settings)


def count(net: nn.Module) -> int:
    return sum(weight.numel() for weight in net.parameters())


@pytest.mark.parametrize(("layers", "published"), [(11, 133), (13, 133), (16, 138), (19, 144)])
def test_it_has_the_weights_of_the_papers_table(layers: int, published: int) -> None:
    """In millions, with 1000 classes (table 2)."""
    assert round((count(on_meta(layers=layers, norm="none", dense=4096)) + 1000 * 4097) / 1e6) == published


def test_without_dense_layers_the_convolutions_are_left() -> None:
    net = on_meta(norm="none")
    widths = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    assert count(net) == sum(9 * a * b + b for a, b in pairwise(widths)) == 14_714_688
    assert net.features == 512


@pytest.mark.parametrize(("layers", "norm"), list(IN_A_ROW))
def test_published_names_find_their_layer(layers: int, norm: str) -> None:
    net = on_meta(layers=layers, norm=norm)
    own = [f"{name}.weight" for name, module in net.named_modules() if isinstance(module, nn.Conv2d)]
    assert [net.named_here(f"features.{number}.weight") for number in IN_A_ROW[layers, norm]] == own


def test_published_names_of_dense_layers_and_unknown_ones() -> None:
    net = on_meta(dense=64)
    assert net.get_parameter(net.named_here("classifier.0.weight")).shape == (64, 512 * 49)
    assert net.get_parameter(net.named_here("classifier.3.bias")).shape == (64,)
    assert [net.named_here(name) for name in ("features.99.weight", "other")] == ["features.99.weight", "other"]


def test_poolings_that_would_leave_nothing_are_left_out() -> None:
    x, sides = torch.zeros(2, 1, 16, 16), []
    for stage in Vgg((16, 16, 1), layers=11, width=2).stages:
        x = stage(x)
        sides.append(x.shape[2])
    assert sides == [8, 4, 2, 2, 2]


@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 20, 3), (64, 64, 3)])
@pytest.mark.parametrize("dense", [0, 6])
def test_pictures_of_any_size_are_seen(shape: tuple[int, ...], dense: int) -> None:
    net = Vgg(shape, layers=13, width=2, dense=dense)
    assert net(torch.rand(2, shape[2], *shape[:2])).shape == (2, net.features)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"layers": 12}, r"layers = 12.*\n.*11, 13, 16, 19.*\n.*set layers to"),
        ({"width": 0}, "width = 0"),
        ({"dense": -1}, "dense = -1"),
        ({"norm": "bach"}, "did you mean 'batch'"),
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        on_meta(**settings)
