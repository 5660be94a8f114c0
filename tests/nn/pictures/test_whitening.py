"""Filters that make the numbers of a patch independent."""

import numpy as np
import pytest
import torch

from assay.nn.pictures.whitening import Whitening


def pictures(channels: int, n: int = 200, side: int = 12) -> torch.Tensor:
    """Smooth noise: neighbours are alike, and channels share a part."""
    draw = np.random.default_rng(0)
    noise = draw.normal(size=(n, channels, side + 2, side + 2)) + 0.5 * draw.normal(size=(n, 1, side + 2, side + 2))
    smooth = sum(noise[:, :, i : i + side, j : j + side] for i in range(3) for j in range(3)) / 3
    return torch.from_numpy(np.asarray(smooth + 0.7, np.float32))


@pytest.mark.parametrize(("channels", "kernel"), [(3, 2), (1, 3)])
def test_what_it_gives_is_independent_and_of_variance_one(channels: int, kernel: int) -> None:
    layer, given = Whitening(channels, kernel), pictures(channels)
    layer.fit(given, epsilon=0.0)
    # The same patches that it was made of: side by side, cut out by hand.
    seen = layer(given)[:, :, ::kernel, ::kernel].detach().permute(0, 2, 3, 1).reshape(-1, len(layer.bias)).numpy()
    half = channels * kernel**2
    assert seen.shape[1] == 2 * half
    np.testing.assert_allclose(np.cov(seen[:, :half].T), np.eye(half), atol=0.01)
    np.testing.assert_allclose(seen.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(seen[:, half:], -seen[:, :half], atol=1e-4)


def test_of_many_directions_the_main_ones_are_kept() -> None:
    layer, given = Whitening(1, 3, most=2), pictures(1)
    layer.fit(given, epsilon=0.0)
    patches = given.unfold(2, 3, 3).unfold(3, 3, 3).reshape(-1, 9).numpy()
    values, vectors = np.linalg.eigh(np.cov(patches.T))
    found = layer.weight[:2].reshape(2, 9).numpy()
    for row, value, vector in zip(found, values[::-1], vectors.T[::-1], strict=False):
        assert abs(row @ vector) == pytest.approx(value**-0.5, rel=1e-3)
        assert np.linalg.norm(row) == pytest.approx(value**-0.5, rel=1e-3)


def test_only_the_bias_is_learned_and_all_is_saved() -> None:
    layer = Whitening(3, 2)
    assert [name for name, _ in layer.named_parameters()] == ["bias"]
    assert set(layer.state_dict()) == {"weight", "bias"}


def test_before_it_is_fitted_it_hands_pixels_on_with_both_signs() -> None:
    seen = Whitening(1, 2)(torch.arange(9.0).view(1, 1, 3, 3))
    assert seen[0, :, 0, 0].tolist() == [0, 1, 3, 4, 0, -1, -3, -4]


def test_pictures_of_one_colour_give_finite_filters() -> None:
    layer = Whitening(3, 2)
    layer.fit(torch.ones(10, 3, 6, 6))
    assert bool(torch.isfinite(layer.weight).all())
    assert float(layer(torch.ones(1, 3, 6, 6)).detach().abs().max()) < 1e-3


@pytest.mark.parametrize("channels", [1, 3])
def test_channels_lie_innermost_in_what_it_gives(channels: int) -> None:
    seen = Whitening(channels, 2, stride=2)(torch.rand(4, channels, 8, 8))
    assert seen.shape[2:] == (4, 4)
    assert seen.is_contiguous(memory_format=torch.channels_last)
