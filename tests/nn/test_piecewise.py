from itertools import pairwise

import numpy as np
import torch

from assay.nn.piecewise import Piecewise


def fitted(x: torch.Tensor, *, bins: int, width: int = 3) -> Piecewise:
    torch.manual_seed(0)
    module = Piecewise(x.shape[1], width, bins=bins)
    module.fit(x)
    torch.nn.init.normal_(module.steps)
    return module


def edges(module: Piecewise, column: int) -> list[float]:
    used = module.slope[column] > 0
    start, slope = module.start[column][used], module.slope[column][used]
    return [*start.tolist(), float(start[-1] + 1 / slope[-1])]


def test_a_vector_is_the_formula_of_the_paper() -> None:
    """By np.interp, which knows nothing of bins: each step is a ramp from 0 to 1 over its bin."""
    x = torch.linspace(-2, 2, 41)[:, None]
    module = fitted(x, bins=4)
    found = module(x).detach().numpy()
    ends = edges(module, 0)
    wanted = module.bias[0].detach().numpy() + x.numpy() * module.direction[0].detach().numpy()
    for number, (left, right) in enumerate(pairwise(ends)):
        ramp = np.interp(x[:, 0].numpy(), [left, right], [0, 1])
        wanted = wanted + ramp[:, None] * module.steps[0, number].detach().numpy()
    assert np.allclose(found, wanted, atol=1e-5)


def test_bins_hold_equal_shares_of_the_rows() -> None:
    x = torch.rand(4_000, 1, generator=torch.Generator().manual_seed(0)) ** 3
    ends = np.array(edges(fitted(x, bins=8), 0))
    shares = np.histogram(x[:, 0].numpy(), ends)[0] / len(x)
    assert np.abs(shares - 1 / 8).max() < 0.01
    assert ends[0] == x.min()
    assert ends[-1] == x.max()


def test_a_value_that_most_rows_have_takes_one_bin() -> None:
    """Of 90% zeros, plain quantiles would leave one bin for all other values."""
    x = torch.zeros(2_000, 1)
    x[:200, 0] = torch.linspace(1, 2, 200)
    ends = edges(fitted(x, bins=8), 0)
    assert ends[0] == 0
    assert len([end for end in ends if end > 1]) >= 6


def test_few_values_have_a_bin_between_each_two() -> None:
    x = torch.tensor([[0.0, 5.0, 1.0], [1.0, 5.0, 2.0], [0.0, 5.0, 4.0]])
    module = fitted(x, bins=4)
    assert edges(module, 0) == [0, 1]
    assert edges(module, 2) == [1, 2, 4]
    assert not module.slope[1].any()
    assert torch.isfinite(module(x)).all()


def test_it_begins_as_straight_lines_and_columns_stand_one_after_the_other() -> None:
    torch.manual_seed(0)
    module = Piecewise(2, 3, bins=5)
    x = torch.randn(50, 2)
    module.fit(x)
    found = module(x).view(50, 2, 3)
    assert torch.allclose(found, module.bias + x[:, :, None] * module.direction)


def test_beyond_the_rows_that_it_was_fitted_on_a_vector_goes_on_straight() -> None:
    module = fitted(torch.linspace(0, 1, 30)[:, None], bins=4)
    far = module(torch.tensor([[2.0], [3.0], [4.0]])).detach()
    assert torch.allclose(far[1] - far[0], far[2] - far[1], atol=1e-6)
    assert torch.allclose(far[1] - far[0], module.direction[0], atol=1e-6)
