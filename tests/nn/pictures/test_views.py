"""Scores over views, held against views that NumPy makes."""

import numpy as np
import pytest
import torch
from torch import nn

from assay.nn.pictures.views import Viewed, reflected


def net(columns: int = 0, **views: int) -> Viewed:
    torch.manual_seed(0)
    made = Viewed(nn.Sequential(nn.Flatten(), nn.Linear(30, 7), nn.Tanh()), 7, columns=columns, outputs=3).eval()
    made.mirror, made.shift = bool(views.get("mirror", 0)), views.get("shift", 0)
    return made


def moved(pictures: np.ndarray, by: int) -> np.ndarray:
    padded = np.pad(pictures, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="reflect")
    return padded[:, :, 1 - by : 1 - by + 5, 1 - by : 1 - by + 6]


@pytest.mark.parametrize("rows", [1, 4, 100])
def test_the_picture_in_its_place_counts_as_much_as_the_moved_ones_together(rows: int) -> None:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        made = net(mirror=1, shift=1)
        given = np.random.default_rng(0).random((rows, 1, 5, 6)).astype(np.float32)
        expected = np.zeros((rows, 3))
        for flipped in (given, given[:, :, :, ::-1]):
            for by, weight in ((0, 0.5), (1, 0.25), (-1, 0.25)):
                expected += weight / 2 * made(torch.from_numpy(moved(flipped, by).copy())).numpy()
        np.testing.assert_allclose(made.over_views(torch.from_numpy(given)).numpy(), expected, atol=1e-6)
        assert made.views == 6


def test_without_views_scores_are_those_of_the_net() -> None:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        made, given = net(), torch.rand(4, 1, 5, 6)
        assert made.views == 1
        torch.testing.assert_close(made.over_views(given), made(given))


@pytest.mark.parametrize("rows", [2, 70])
def test_other_columns_go_with_every_view(rows: int) -> None:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        made, given, columns = net(columns=2, mirror=1), torch.rand(rows, 1, 5, 6), torch.rand(rows, 2)
        expected = (made(given, columns) + made(given.flip(3), columns)) / 2
        torch.testing.assert_close(made.over_views(given, columns), expected)


def test_places_beyond_an_end_are_counted_back() -> None:
    assert reflected(torch.arange(-2, 6), 4).tolist() == [2, 1, 0, 1, 2, 3, 2, 1]
    assert reflected(torch.tensor([-1, 0, 1]), 1).tolist() == [0, 0, 0]
