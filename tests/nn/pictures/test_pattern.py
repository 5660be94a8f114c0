"""Nets built from patterns."""

import pytest
import torch
from torch import nn

from assay.core.errors import PlanError
from assay.nn.pictures.pattern import Pattern

USUAL = "INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*1 -> FC"


def test_the_layers_of_the_usual_pattern() -> None:
    net = Pattern(USUAL, (32, 32, 3), 10)
    assert [name for name, _ in net.named_children()][:5] == ["conv1", "relu1", "conv2", "relu2", "pool1"]
    assert [name for name, _ in net.named_children()][-4:] == ["pool3", "flat", "fc1", "relu7"]
    assert [layer.out_channels for layer in net if isinstance(layer, nn.Conv2d)] == [32, 32, 64, 64, 128, 128]
    assert net(torch.zeros(2, 3, 32, 32)).shape == (2, net.features) == (2, 128)


def test_it_computes_what_the_same_layers_compute() -> None:
    text = "INPUT -> CONV(4, size=5, pad=1) -> TANH -> POOL(kind=mean) -> FC(6) -> RELU -> FC"
    net, x = Pattern(text, (8, 8, 2), 3), torch.randn(5, 2, 8, 8)
    maps = nn.functional.conv2d(x, net.conv1.weight, net.conv1.bias, padding=1).tanh()
    pooled = maps.view(5, 4, 3, 2, 3, 2).mean((3, 5)).flatten(1)
    torch.testing.assert_close(net(x), torch.relu(pooled @ net.fc1.weight.T + net.fc1.bias))


def test_every_kind_of_layer() -> None:
    text = "INPUT -> NORM -> CONV(4) -> NORM -> GELU -> DROP(0.3) -> POOL -> FC(6) -> NORM -> SWISH -> DROP -> FC"
    net = Pattern(text, (8, 8, 1), 3)
    kinds = [type(layer).__name__ for layer in net]
    maps = ["BatchNorm2d", "Conv2d", "BatchNorm2d", "GELU", "Dropout", "MaxPool2d", "Flatten"]
    assert kinds == [*maps, "Linear", "BatchNorm1d", "SiLU", "Dropout"]
    assert net.drop1.drop_prob == 0.3 and net.drop2.drop_prob == 0.5
    assert net.conv1.bias is None and net.fc1.bias is None, "a norm has an offset of its own"


@pytest.mark.parametrize(("text", "features"), [("INPUT -> FC", 64), ("INPUT -> CONV(3) -> POOL -> FC", 48)])
def test_without_a_dense_layer_maps_are_the_features(text: str, features: int) -> None:
    net = Pattern(text, (8, 8, 1), 3)
    assert net(torch.zeros(2, 1, 8, 8)).shape == (2, features) == (2, net.features)


def test_first_weights_go_by_the_activation_that_comes_next() -> None:
    torch.manual_seed(0)
    net = Pattern("INPUT -> CONV(64) -> NORM -> RELU -> CONV(64) -> TANH -> FC(200) -> SELU -> FC", (8, 8, 16), 3)
    assert float(net.conv1.weight.detach().var()) == pytest.approx(2 / (16 * 9), rel=0.05)
    assert float(net.conv2.weight.detach().var()) == pytest.approx(1.5925**2 / (64 * 9), rel=0.05)
    assert float(net.fc1.weight.detach().var()) == pytest.approx(1 / (64 * 64), rel=0.05)
    assert not net.fc1.bias.any()


def test_first_weights_are_drawn_from_the_global_generator() -> None:
    def made(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return Pattern("INPUT -> CONV(4) -> RELU -> FC", (8, 8, 1), 3).conv1.weight

    assert torch.equal(made(1), made(1)) and not torch.equal(made(1), made(2))


def test_it_can_be_built_without_memory() -> None:
    with torch.device("meta"):
        net = Pattern(USUAL, (32, 32, 3), 10)
    assert all(weight.is_meta for weight in net.parameters())


def test_a_pattern_that_is_wrong() -> None:
    with pytest.raises(PlanError, match="no such layer"):
        Pattern("INPUT -> CUNV -> FC", (8, 8, 1), 3)
    with pytest.raises(PlanError, match="not a whole number"):
        Pattern("INPUT -> POOL -> FC", (9, 9, 1), 3)
