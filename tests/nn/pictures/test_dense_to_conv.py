"""Nets that slide: equal to scoring window by window where no layer adds a border."""

import pytest
import torch
from torch import Tensor, nn

from assay.core.errors import PlanError
from assay.nn.headed import Headed
from assay.nn.pictures.dense_to_conv import Sliding, dense_to_conv
from assay.nn.pictures.lenet import LeNet
from assay.nn.pictures.pattern import Pattern
from assay.nn.pictures.resnet import ResNet
from assay.nn.pictures.standardise import Standardise
from assay.nn.pictures.vgg import Vgg

CLASSES = 4
Shape = tuple[int, int, int]


def lively(body: nn.Module, features: int, channels: int) -> Headed:
    """A net whose norms and scales are not those that they begin with."""
    net = Headed(nn.Sequential(Standardise(channels), body), features, outputs=CLASSES, drop_prob=0.5)
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
            nn.init.normal_(layer.weight)
    return net


def by_pattern(text: str, shape: Shape) -> Headed:
    body = Pattern(text, shape, CLASSES)
    return lively(body, body.features, shape[2])


def one_by_one(net: Headed, picture: Tensor, shape: Shape, stride: tuple[int, int]) -> Tensor:
    """Scores (classes, rows, columns) of windows that are cut out."""
    (height, width, _), (down, across) = shape, stride
    tops, lefts = range(0, picture.shape[2] - height + 1, down), range(0, picture.shape[3] - width + 1, across)
    crops = torch.cat([picture[:, :, top : top + height, left : left + width] for top in tops for left in lefts])
    with torch.no_grad():
        return net.eval()(crops).view(len(tops), len(lefts), CLASSES).permute(2, 0, 1)


def picture(height: int, width: int, channels: int) -> Tensor:
    return torch.randint(0, 256, (1, channels, height, width), dtype=torch.uint8)


CASES: list[tuple[str, Shape, tuple[int, int], tuple[int, int]]] = [
    ("INPUT -> CONV(4, pad=0) -> RELU -> POOL -> FC(9) -> RELU -> FC", (16, 16, 1), (35, 41), (2, 2)),
    ("INPUT -> [CONV(4, pad=0) -> RELU]*2 -> POOL(kind=mean) -> FC", (16, 16, 1), (40, 33), (2, 2)),
    (
        "INPUT -> CONV(4, size=5, pad=0) -> NORM -> TANH -> POOL -> CONV(6, size=2, stride=2, pad=0) -> GELU -> DROP"
        " -> FC(9) -> NORM -> RELU -> DROP -> FC(5) -> RELU -> FC",
        (16, 20, 3),
        (37, 52),
        (4, 4),
    ),
    ("INPUT -> FC(9) -> RELU -> FC", (8, 8, 1), (12, 13), (1, 1)),
    ("INPUT -> FC", (5, 3, 3), (5, 3), (1, 1)),
]


@pytest.mark.parametrize(("text", "shape", "size", "stride"), CASES)
def test_scores_are_those_of_windows_one_by_one(
    text: str, shape: Shape, size: tuple[int, int], stride: tuple[int, int]
) -> None:
    net, seen = by_pattern(text, shape), picture(*size, shape[2])
    sliding = dense_to_conv(net, shape)
    assert (sliding.stride, sliding.window, sliding.padded) == (stride, shape[:2], ())
    torch.testing.assert_close(sliding(seen)[0], one_by_one(net, seen, shape, stride), rtol=0, atol=1e-5)


def test_lenet_of_its_own_size() -> None:
    shape = (32, 32, 1)
    net, seen = lively(LeNet(1), 84, 1), picture(51, 47, 1)
    sliding = dense_to_conv(net, shape)
    assert (sliding.stride, sliding.padded) == ((4, 4), ())
    torch.testing.assert_close(sliding(seen)[0], one_by_one(net, seen, shape, (4, 4)), rtol=0, atol=1e-5)


def test_with_a_border_inside_windows_are_seen_within_the_picture() -> None:
    """What is computed is the dense part on windows of the maps of the whole picture, and not that of cut windows."""
    shape = (16, 16, 1)
    net = by_pattern("INPUT -> [CONV(4) -> RELU -> POOL]*2 -> FC(9) -> RELU -> FC", shape)
    seen, sliding = picture(28, 24, 1), dense_to_conv(net, shape)
    assert (sliding.stride, sliding.padded) == ((4, 4), ("body.1.conv1", "body.1.conv2"))
    layers = [net.body[0], *net.body[1]]
    before, after = nn.Sequential(*layers[:7]), nn.Sequential(*layers[7:])
    with torch.no_grad():
        maps = before(seen)
        assert maps.shape[2:] == (7, 6)
        windows = torch.cat([maps[:, :, row : row + 4, column : column + 4] for row in range(4) for column in range(3)])
        within = net.head(after(windows)).view(4, 3, CLASSES).permute(2, 0, 1)
    torch.testing.assert_close(sliding(seen)[0], within, rtol=0, atol=1e-5)
    assert not torch.allclose(sliding(seen)[0], one_by_one(net, seen, shape, (4, 4)), rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("net", "shape"),
    [(LeNet(1), (28, 28, 1)), (Vgg((32, 32, 1), layers=11, width=2), (32, 32, 1))],
    ids=["lenet with its border", "vgg"],
)
def test_borders_of_other_nets_are_told(net: LeNet | Vgg, shape: Shape) -> None:
    sliding = dense_to_conv(lively(net, net.features, 1), shape)
    assert sliding.padded
    assert sliding(picture(64, 48, 1)).shape[2:] == one_by_one_places(sliding, (64, 48))


def one_by_one_places(sliding: Sliding, size: tuple[int, int]) -> tuple[int, ...]:
    entries = zip(size, sliding.window, sliding.stride, strict=True)
    return tuple((side - window) // step + 1 for side, window, step in entries)


def test_a_pooling_over_the_whole_map_slides_by_single_places() -> None:
    body = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    net, seen = lively(body, 3, 1), picture(12, 11, 1)
    sliding = dense_to_conv(net, (8, 8, 1))
    assert sliding.stride == (1, 1)
    torch.testing.assert_close(sliding(seen)[0], one_by_one(net, seen, (8, 8, 1), (1, 1)), rtol=0, atol=1e-5)


def test_weights_are_those_of_the_net() -> None:
    net = by_pattern("INPUT -> CONV(4, pad=0) -> RELU -> FC(9) -> RELU -> FC", (8, 8, 1))
    sliding = dense_to_conv(net, (8, 8, 1))
    assert {w.data_ptr() for w in sliding.net.parameters()} == {w.data_ptr() for w in net.parameters()}
    seen = picture(8, 8, 1)
    before = sliding(seen)
    nn.init.zeros_(net.head.weight)
    assert not torch.equal(sliding(seen), before)


def test_a_training_net_stays_one() -> None:
    net = by_pattern("INPUT -> NORM -> DROP -> FC", (8, 8, 1)).train()
    sliding = dense_to_conv(net, (8, 8, 1))
    one = sliding(picture(9, 9, 1))
    assert net.training and all(layer.training for layer in net.modules())
    assert one.shape == (1, CLASSES, 2, 2) and not one.requires_grad


@pytest.mark.parametrize(
    ("net", "shape", "says"),
    [
        (lively(ResNet((16, 16, 1), layers=20, width=2), 8, 1), (16, 16, 1), r"a layer of the kind Block \(body"),
        (lively(LeNet(1), 84, 1), (40, 40, 1), "a pooling of maps of 14 by 14 to 5 by 5"),
        (Headed(nn.Sequential(nn.Flatten()), 9, columns=2, outputs=3), (3, 3, 1), "a head that reads other columns"),
        (lively(nn.Sequential(nn.Flatten(), nn.LayerNorm(9)), 9, 1), (3, 3, 1), "LayerNorm after the maps"),
        (lively(nn.Sequential(nn.MaxPool2d(2, ceil_mode=True), nn.Flatten()), 4, 1), (3, 3, 1), "kind MaxPool2d"),
    ],
)
def test_nets_that_cannot_slide(net: Headed, shape: Shape, says: str) -> None:
    with pytest.raises(PlanError, match=says):
        dense_to_conv(net, shape)


def test_a_picture_that_is_too_small() -> None:
    sliding = dense_to_conv(by_pattern("INPUT -> FC", (8, 8, 1)), (8, 8, 1))
    with pytest.raises(PlanError, match="a picture of 9 by 7 pixels"):
        sliding(picture(9, 7, 1))
