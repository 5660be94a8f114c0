import pytest
import torch
from torch import nn

from assay.core.errors import PlanError
from assay.nn.pictures.inception import Inception, Module


def on_meta(shape: tuple[int, int, int], **settings: object) -> Inception:
    with torch.device("meta"):
        return Inception(shape, **settings)


def test_it_has_the_weights_that_are_published() -> None:
    """6,998,552 with 1000 classes: the sum that is given for the authors' net without its two further heads."""
    net = on_meta((224, 224, 3), norm="none")
    assert sum(weight.numel() for weight in net.parameters()) + 1000 * (net.features + 1) == 6_998_552


def test_outputs_are_as_wide_as_in_the_papers_table() -> None:
    net = on_meta((224, 224, 3))
    widths = [module.channels for module in net.modules() if isinstance(module, Module)]
    assert widths == [256, 480, 512, 512, 512, 528, 832, 832, 1024]


@pytest.mark.parametrize("layers", [10, 16, 22])
def test_it_is_as_deep_as_it_says(layers: int) -> None:
    """Modules are two layers deep; the head is one."""
    net = on_meta((32, 32, 3), layers=layers)
    stem = [module for module in net.stages[0].modules() if isinstance(module, nn.Conv2d)]
    modules = [module for module in net.modules() if isinstance(module, Module)]
    assert len(stem) + 2 * len(modules) + 1 == layers


def test_a_module_lays_its_ways_behind_each_other() -> None:
    module, x = Module(3, (1, 2, 3, 2, 4, 5), "none"), torch.rand(2, 3, 7, 6)
    seen = module(x)
    assert seen.shape == (2, 13, 7, 6)
    conv = module.ways[0][0]
    assert torch.allclose(seen[:, :1], torch.relu(nn.functional.conv2d(x, conv.weight, conv.bias)), atol=1e-6)
    conv = module.ways[3][1][0]
    pooled = nn.functional.max_pool2d(x, 3, 1, 1)
    assert torch.allclose(seen[:, 8:], torch.relu(nn.functional.conv2d(pooled, conv.weight, conv.bias)), atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "sides"), [((224, 224, 3), [28, 28, 14, 7]), ((32, 32, 3), [32, 32, 16, 8]), ((4, 4, 1), [4, 4, 2, 2])]
)
def test_maps_shrink_from_stage_to_stage(shape: tuple[int, int, int], sides: list[int]) -> None:
    x, found = torch.zeros(1, shape[2], *shape[:2]), []
    for stage in Inception(shape, layers=10, width=2).eval().stages:
        x = stage(x)
        found.append(x.shape[2])
    assert found == sides


def test_a_narrow_net_is_narrower_throughout() -> None:
    widths = [
        [module.out_channels for module in on_meta((32, 32, 3), width=width).modules() if isinstance(module, nn.Conv2d)]
        for width in (64, 16)
    ]
    assert [wide // 4 for wide in widths[0]] == widths[1]
    assert min(widths[1]) == 4


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"layers": 12}, "set layers to 10"), ({"width": 0}, "width = 0"), ({"norm": "bach"}, "did you mean 'batch'")],
    ids=str,
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        on_meta((32, 32, 3), **settings)
