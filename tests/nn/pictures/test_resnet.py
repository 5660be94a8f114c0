import pytest
import torch
from torch import nn

from assay.core.errors import PlanError
from assay.nn.pictures.resnet import Block, Fill, ResNet

LARGE, SMALL = (224, 224, 3), (32, 32, 3)


def on_meta(shape: tuple[int, int, int], **settings: object) -> ResNet:
    with torch.device("meta"):
        return ResNet(shape, **settings)


def count(net: nn.Module) -> int:
    return sum(weight.numel() for weight in net.parameters())


@pytest.mark.parametrize(("layers", "published"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_nets_of_three_stages_have_the_weights_of_the_paper(layers: int, published: float) -> None:
    """In millions (table 6), and as a sum over layers with two numbers of each norm's map."""
    n = (layers - 2) // 6
    maps = 16 * 27 + 32 + 2 * n * (9 * 16**2 + 32)
    for wide in (32, 64):
        maps += 9 * wide * wide // 2 + 2 * wide + (2 * n - 1) * (9 * wide**2 + 2 * wide)
    assert count(on_meta(SMALL, layers=layers)) == maps
    assert maps + 650 == pytest.approx(published * 1e6, rel=0.02)


@pytest.mark.parametrize(("layers", "published"), [(18, 11.7), (34, 21.8), (50, 25.6), (101, 44.5), (152, 60.2)])
def test_nets_of_four_stages_have_the_weights_that_are_published(layers: int, published: float) -> None:
    net = on_meta(LARGE, layers=layers)
    assert (count(net) + 1000 * (net.features + 1)) / 1e6 == pytest.approx(published, abs=0.06)


def test_resnet_18_to_the_last_weight() -> None:
    assert count(on_meta(LARGE, layers=18)) + 1000 * 513 == 11_689_512


@pytest.mark.parametrize(("shape", "layers"), [(SMALL, 20), (SMALL, 56), (LARGE, 18), (LARGE, 50)])
def test_it_is_as_deep_as_it_says(shape: tuple[int, int, int], layers: int) -> None:
    convs = [name for name, module in on_meta(shape, layers=layers).named_modules() if isinstance(module, nn.Conv2d)]
    assert len([name for name in convs if "shortcut" not in name]) + 1 == layers


def test_the_plain_twin_has_the_same_layers_without_shortcuts() -> None:
    net, twin = on_meta(SMALL, layers=32), on_meta(SMALL, layers=32, skip=False)
    shapes, same = ({name: w.shape for name, w in each.named_parameters()} for each in (net, twin))
    assert shapes == same
    assert not [name for name, _ in twin.named_modules() if "shortcut" in name]


def block(*, skip: bool = True, stride: int = 1, bottleneck: bool = False, project: bool = True) -> Block:
    return Block(4, 4, stride, norm="batch", skip=skip, bottleneck=bottleneck, project=project).eval()


def test_a_block_adds_what_it_sees_to_what_it_is_given() -> None:
    with_skip, x = block(), torch.randn(2, 4, 6, 6)
    without = block(skip=False)
    without.load_state_dict(with_skip.state_dict())
    assert torch.allclose(with_skip(x), torch.relu(with_skip.path(x) + x))
    assert torch.allclose(without(x), torch.relu(with_skip.path(x)))


@pytest.mark.parametrize("bottleneck", [False, True])
def test_a_block_halves_maps(bottleneck: bool) -> None:
    made = block(stride=2, bottleneck=bottleneck)
    assert made(torch.rand(2, 4, 6, 6)).shape == (2, made.channels, 3, 3)
    assert made.channels == (16 if bottleneck else 4)


def test_filling_up_leaves_out_pixels_and_adds_zeros() -> None:
    x = torch.rand(1, 2, 4, 4)
    filled = Fill(2, 3)(x)
    assert filled.shape == (1, 5, 2, 2)
    assert torch.equal(filled[:, :2], x[:, :, [0, 2]][:, :, :, [0, 2]])
    assert not filled[:, 2:].any()


def test_with_zero_init_blocks_begin_by_passing_on() -> None:
    net, x = ResNet((8, 8, 1), width=4, zero_init=True), torch.rand(2, 4, 8, 8)
    assert torch.equal(net.stages[1](x), x)
    assert not torch.equal(ResNet((8, 8, 1), width=4).stages[1](x), x)


@pytest.mark.parametrize(
    ("shape", "settings", "sides"),
    [
        (SMALL, {"layers": 20}, [32, 32, 16, 8]),
        (SMALL, {"layers": 18, "width": 4}, [32, 32, 16, 8, 4]),
        (SMALL, {"layers": 18, "width": 4, "stem": "large"}, [8, 8, 4, 2, 2]),
        ((8, 8, 1), {"layers": 18, "width": 4}, [8, 8, 4, 2, 2]),
        (LARGE, {"layers": 18, "width": 1}, [56, 56, 28, 14, 7]),
        ((64, 96, 3), {"layers": 18, "width": 1, "stem": "small"}, [64, 64, 32, 16, 8]),
    ],
    ids=str,
)
def test_maps_shrink_from_stage_to_stage(
    shape: tuple[int, int, int], settings: dict[str, object], sides: list[int]
) -> None:
    x, found = torch.zeros(1, shape[2], *shape[:2]), []
    net = ResNet(shape, **settings).eval()
    for stage in net.stages:
        x = stage(x)
        found.append(x.shape[2])
    assert found == sides


@pytest.mark.parametrize(
    ("published", "here"),
    [
        ("conv1.weight", "stages.0.0.weight"),
        ("bn1.running_var", "stages.0.1.running_var"),
        ("layer1.0.conv1.weight", "stages.1.0.path.0.weight"),
        ("layer4.2.bn3.bias", "stages.4.2.path.7.bias"),
        ("layer2.0.downsample.0.weight", "stages.2.0.shortcut.0.weight"),
        ("layer3.0.downsample.1.weight", "stages.3.0.shortcut.1.weight"),
    ],
)
def test_published_names_find_their_layer(published: str, here: str) -> None:
    net = on_meta(LARGE, layers=50)
    assert net.named_here(published) == here
    assert here in net.state_dict()
    assert net.named_here("tail.weight") == "tail.weight"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"layers": 21}, r"layers = 21.*\n.*18, 20, 32.*\n.*set layers to 20"),
        ({"width": -1}, "width = -1"),
        ({"norm": "bach"}, "did you mean 'batch'"),
        ({"stem": "larg"}, "did you mean 'large'"),
        ({"zero_init": True, "norm": "none"}, "zero_init with norm = 'none'"),
        ({"zero_init": True, "skip": False}, "skip = false"),
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        on_meta(SMALL, **settings)
