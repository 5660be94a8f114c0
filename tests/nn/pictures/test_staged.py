import pytest
import torch
from torch import nn

from assay.core.errors import PlanError
from assay.nn.pictures._staged import Side, Staged, at_least, one_of


def made(*, pooled: bool = True) -> Staged:
    stages = [nn.Conv2d(1, 2, 3), nn.Sequential(nn.ReLU(), nn.Conv2d(2, 3, 3))]
    return Staged(stages, 3, pooled=pooled)


def test_stages_follow_each_other_and_maps_are_averaged() -> None:
    net, x = made(), torch.rand(4, 1, 9, 7)
    maps = net.stages[1](net.stages[0](x))
    assert torch.allclose(net(x), maps.mean((2, 3)), atol=1e-6)
    assert made(pooled=False)(x).shape == (4, 3, 5, 3)


def test_patterns_name_the_parameters_of_a_stage() -> None:
    net = made()
    assert net.stage_patterns() == [["stages.0.*"], ["stages.1.*"]]
    assert all(name.startswith("stages.") for name, _ in net.named_parameters())


def test_first_weights_have_the_variance_that_relu_needs() -> None:
    torch.manual_seed(0)
    net = Staged([nn.Conv2d(64, 256, 3)], 256, pooled=True)
    net.begin()
    weight = net.stages[0].weight
    assert weight.var().item() == pytest.approx(2 / (64 * 9), rel=0.02)
    assert not net.stages[0].bias.any()


def test_first_weights_come_from_the_global_generator() -> None:
    nets = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        net = made()
        net.begin()
        nets.append(net.stages[0].weight)
    assert torch.equal(nets[0], nets[1])
    assert not torch.equal(nets[0], nets[2])


def test_on_the_meta_device_nothing_is_drawn() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    with torch.device("meta"):
        made().begin()
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(("side", "kernel", "stride", "padding"), [(224, 11, 4, 2), (55, 3, 2, 0), (15, 3, 2, 1)])
def test_a_side_shrinks_as_a_window_shrinks_maps(side: int, kernel: int, stride: int, padding: int) -> None:
    counted = Side(side)
    assert counted.shrinks(kernel, stride=stride, padding=padding)
    assert counted.side == nn.Conv2d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, side, side)).shape[2]


def test_a_side_of_three_stays() -> None:
    side = Side(3)
    assert not side.shrinks(2)
    assert side.side == 3
    assert [Side(63).large, Side(64).large] == [False, True]


def test_numbers_out_of_range_are_refused() -> None:
    one_of("layers", 13, (11, 13))
    at_least("width", 1, 1)
    with pytest.raises(PlanError, match=r"layers = 12.*\n.*one of: 11, 14.*\n.*set layers to 11"):
        one_of("layers", 12, (14, 11))
    with pytest.raises(PlanError, match=r"width = 0.*\n.*1 or more"):
        at_least("width", 0, 1)
