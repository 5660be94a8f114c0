import pytest
import torch
from torch.nn import functional

from assay.nn.pictures.lenet import LeNet


def test_it_has_the_weights_of_the_paper() -> None:
    """60,000 trainable ones by the paper; 61,706 with full connections in place of its table and a head of ten."""
    net = LeNet(1)
    assert sum(weight.numel() for weight in net.parameters()) + 10 * (net.features + 1) == 61_706


def test_it_computes_what_the_paper_draws() -> None:
    net, x = LeNet(1), torch.rand(2, 1, 32, 32)
    conv1, conv2 = net.stages[0][0], net.stages[1][0]
    maps = functional.max_pool2d(torch.relu(functional.conv2d(x, conv1.weight, conv1.bias)), 2)
    maps = functional.max_pool2d(torch.relu(functional.conv2d(maps, conv2.weight, conv2.bias)), 2)
    dense1, dense2 = net.stages[2][1], net.stages[3][0]
    seen = torch.relu(maps.reshape(2, 400) @ dense1.weight.T + dense1.bias)
    assert torch.allclose(net(x), torch.relu(seen @ dense2.weight.T + dense2.bias), atol=1e-6)


def test_small_pictures_get_a_border_of_zeros() -> None:
    net, digits = LeNet(1), torch.rand(2, 1, 28, 28)
    assert torch.equal(net(digits), net(functional.pad(digits, (2, 2, 2, 2))))


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 16, 16), (3, 31, 45), (3, 224, 224)])
def test_pictures_of_any_size_are_seen(shape: tuple[int, ...]) -> None:
    assert LeNet(shape[0])(torch.rand(2, *shape)).shape == (2, 84)
