import torch
from torch import nn

from assay.nn.losses._members import OfMembers
from assay.nn.losses.cross_entropy import CrossEntropy
from assay.nn.losses.mse import Mse


def test_it_is_the_mean_of_the_losses_of_the_members() -> None:
    torch.manual_seed(0)
    outputs, y = torch.randn(6, 3, 4), torch.tensor([0, 1, 2, 3, 0, 1])
    found = OfMembers(CrossEntropy(), 3)(outputs.flatten(1), y)
    each = [nn.functional.cross_entropy(outputs[:, member], y, reduction="none") for member in range(3)]
    assert torch.allclose(found, torch.stack(each).mean(0))


def test_targets_of_several_numbers_stay_together() -> None:
    torch.manual_seed(0)
    outputs, target = torch.randn(5, 2, 3), torch.randn(5, 3)
    found = OfMembers(Mse(), 2)(outputs.flatten(1), target)
    assert torch.allclose(found, ((outputs - target[:, None]) ** 2).mean((1, 2)), atol=1e-6)


def test_it_wants_what_its_loss_wants_for_each_member() -> None:
    loss = OfMembers(CrossEntropy(), 8)
    assert loss.target == "class"
    assert loss.width(3) == 24


def test_the_constants_of_its_loss_go_with_it() -> None:
    inner = CrossEntropy()
    inner.register_buffer("counts", torch.ones(2))
    assert OfMembers(inner, 2).double().loss.counts.dtype == torch.float64
