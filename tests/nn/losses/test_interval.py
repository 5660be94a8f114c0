"""A prediction and the ends of an interval, each by its own loss."""

import pytest
import torch

from assay.core.errors import PlanError
from assay.nn.losses._interval import Interval
from assay.nn.losses.mse import Mse
from assay.nn.losses.quantile import Quantile
from assay.tasks.regression import LOSSES


@pytest.mark.parametrize("loss", LOSSES)
def test_without_levels_it_is_the_loss_of_the_prediction(loss: str) -> None:
    outputs, target = torch.randn(7, 1), torch.randn(7)
    found = Interval(loss=loss, levels=())
    assert found.width(1) == 1
    assert torch.allclose(found(outputs, target), found.point(outputs, target))
    assert found(outputs, target).shape == (7,)


def test_the_ends_learn_their_quantiles() -> None:
    outputs, target = torch.randn(9, 3), torch.randn(9)
    found = Interval(loss="mse", levels=(0.1, 0.9))
    wanted = Mse()(outputs[:, :1], target) + 2 * Quantile(levels=(0.1, 0.9))(outputs[:, 1:], target)
    assert torch.allclose(found(outputs, target), wanted)
    assert found.width(1) == 3


def test_other_shapes_are_refused() -> None:
    with pytest.raises(PlanError, match="3 outputs for one number"):
        Interval(loss="mse", levels=(0.1, 0.9))(torch.randn(4, 2), torch.randn(4))
