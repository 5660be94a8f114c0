"""Pixels to numbers around zero."""

import numpy as np
import pytest
import torch

from assay.nn.pictures.standardise import Standardise, looked_at


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_each_channel_gets_mean_zero_and_variance_one(dtype: torch.dtype) -> None:
    draw = np.random.default_rng(0)
    pixels = np.stack([draw.integers(0, 100, (50, 6, 7)), draw.integers(100, 256, (50, 6, 7))], axis=1)
    layer, given = Standardise(2), torch.from_numpy(pixels).to(dtype)
    layer.fit(given)
    seen = layer(given)
    assert seen.dtype == torch.float32
    expected = (pixels - pixels.mean((0, 2, 3), keepdims=True)) / pixels.std((0, 2, 3), keepdims=True)
    np.testing.assert_allclose(seen.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_until_it_is_fitted_white_is_one() -> None:
    assert Standardise(1)(torch.tensor([[[[0, 255]]]], dtype=torch.uint8)).tolist() == [[[[0.0, 1.0]]]]


def test_a_channel_that_never_changes_is_moved_and_not_divided() -> None:
    layer = Standardise(1)
    layer.fit(torch.full((3, 1, 2, 2), 7, dtype=torch.uint8))
    assert layer(torch.full((1, 1, 1, 1), 9.0)).item() == 2.0


def test_channels_that_lie_innermost_stay_there() -> None:
    given = torch.zeros(2, 4, 4, 3, dtype=torch.uint8).permute(0, 3, 1, 2)
    assert Standardise(3)(given).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(("n", "side", "most"), [(10, 4, 10), (9_000, 4, 5_000), (3_000, 1_000, 33), (1, 10_000, 1)])
def test_as_many_pictures_are_looked_at_as_fit_into_memory(n: int, side: int, most: int) -> None:
    assert looked_at(torch.empty(n, 1, side, side, device="meta")) == most
