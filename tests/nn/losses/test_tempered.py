"""Cross-entropy that forgives too sure an answer."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from assay.nn.losses._tempered import Tempered
from assay.nn.losses.cross_entropy import CrossEntropy


def scores(n: int = 2_000) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores whose softmax is what the classes were drawn by."""
    draw = np.random.default_rng(0)
    given = draw.normal(size=(n, 4)) * 2
    shares = np.exp(given) / np.exp(given).sum(1, keepdims=True)
    y = (shares.cumsum(1) < draw.random((n, 1))).sum(1)
    return torch.from_numpy(given), torch.from_numpy(y)


@pytest.mark.parametrize("too_sure", [2.0, 3.1, 6.0])
def test_it_finds_nearly_the_best_temperature(too_sure: float) -> None:
    given, y = scores()
    numbers = given.numpy() * too_sure

    def loss(temperature: float) -> float:
        logs = numbers / temperature - np.log(np.exp(numbers / temperature).sum(1, keepdims=True))
        return float(-logs[np.arange(len(y)), y].mean())

    best = minimize_scalar(loss, bounds=(1, 8), method="bounded")
    found = Tempered()(given * too_sure, y)
    assert found.shape == (2_000,)
    assert best.fun - 1e-9 <= float(found.mean()) < best.fun * 1.005
    assert float(found.mean()) < 0.9 * loss(1.0)


def test_answers_that_are_not_sure_enough_are_left_as_they_are() -> None:
    given, y = scores()
    torch.testing.assert_close(Tempered()(given / 3, y), CrossEntropy()(given / 3, y))


def test_a_row_alone_and_half_precision_are_taken() -> None:
    found = Tempered()(torch.tensor([[1.0, 3.0]], dtype=torch.bfloat16), torch.tensor([0]))
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(np.log(1 + np.exp(2 / 8)), rel=1e-3)
