"""The net in the airbench manner: sizes, layout, first weights."""

import pytest
import torch
from torch import nn

from assay.nn.pictures.fast import Fast


@pytest.mark.parametrize(
    ("channels", "size"), [(1, (8, 8)), (3, (32, 32)), (1, (28, 28)), (3, (128, 96)), (2, (5, 40)), (4, (1, 1))]
)
def test_pictures_of_any_size_give_features(channels: int, size: tuple[int, int]) -> None:
    net = Fast(channels, size, (8, 12, 16))
    seen = net(torch.rand(3, channels, *size))
    assert seen.shape == (3, 16) == (3, net.features)
    seen.sum().backward()
    assert [name for name, parameter in net.named_parameters() if parameter.grad is None] == []


def test_the_first_map_of_a_large_picture_is_about_as_large_as_that_of_a_small_one() -> None:
    sides = []
    for side in (32, 64, 128, 200):
        net = Fast(3, (side, side), (8,))
        net.whiten.register_forward_hook(lambda layer, given, seen: sides.append(seen.shape[3]))
        net(torch.rand(1, 3, side, side))
    assert all(28 <= side <= 33 for side in sides)


@pytest.mark.parametrize("channels", [1, 3])
def test_channels_lie_innermost_all_the_way(channels: int) -> None:
    net, seen = Fast(channels, (32, 32), (8, 16)), []
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(
                lambda layer, given, out: seen.append(out.is_contiguous(memory_format=torch.channels_last))
            )
    net(torch.rand(2, 32, 32, channels).permute(0, 3, 1, 2))
    assert seen == [True] * 4


def test_parameters_lie_in_the_usual_order_so_that_fused_steps_are_right() -> None:
    net = Fast(3, (32, 32), (8, 16))
    net(torch.rand(2, 3, 32, 32).contiguous(memory_format=torch.channels_last)).sum().backward()
    assert all(p.is_contiguous() and p.grad.is_contiguous() for p in net.parameters() if p.grad is not None)


def test_filters_begin_as_the_identity_on_as_many_channels_as_there_are() -> None:
    net = Fast(3, (32, 32), (40,))
    conv = net.groups[0].conv2
    maps = torch.rand(2, 40, 6, 6)
    torch.testing.assert_close(conv(maps), maps)
    first = net.groups[0].conv1
    maps = torch.rand(2, 24, 6, 6)
    torch.testing.assert_close(first(maps)[:, :24], maps)
    assert float(first(maps)[:, 24:].detach().std()) > 0
