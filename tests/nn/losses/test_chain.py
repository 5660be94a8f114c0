"""The loss of a chain of tags, against all sequences of tags counted out."""

from itertools import pairwise, product

import pytest
import torch
from torch import Tensor

from assay.nn.losses._chain import Chain

K = 3


def scores(n: int, t: int, *, seed: int = 0, spread: float = 2.0) -> Tensor:
    """Outputs (n, t + k + 2, k) whose last rows are the same for all."""
    draw = torch.Generator().manual_seed(seed)
    own = torch.randn(n, t, K, generator=draw) * spread
    between = torch.randn(K + 2, K, generator=draw) * spread
    return torch.cat([own, between.expand(n, -1, -1)], 1)


def score(own: Tensor, between: Tensor, tags: tuple[int, ...]) -> Tensor:
    total = between[-2, tags[0]] + between[-1, tags[-1]]
    total = total + sum(own[t, tag] for t, tag in enumerate(tags))
    return total + sum(between[one, two] for one, two in pairwise(tags))


def counted_out(outputs: Tensor, tags: tuple[int, ...]) -> Tensor:
    own, between = outputs[: len(tags)], outputs[-K - 2 :]
    every = torch.stack([score(own, between, other) for other in product(range(K), repeat=len(tags))])
    return (torch.logsumexp(every, 0) - score(own, between, tags)) / len(tags)


def test_it_is_what_counting_out_gives_whatever_the_lengths() -> None:
    sequences = [(0, 2, 1, 1, 0), (1,), (2, 2, 0)]
    target = torch.tensor([[*tags, *[-1] * (5 - len(tags))] for tags in sequences])
    outputs = scores(3, 5)
    wanted = torch.stack([counted_out(row, tags) for row, tags in zip(outputs, sequences, strict=True)])
    assert torch.allclose(Chain()(outputs, target), wanted, atol=1e-5)


def test_without_scores_between_tags_it_is_the_cross_entropy() -> None:
    outputs = scores(4, 6)
    outputs[:, -K - 2 :] = 0
    target = torch.randint(0, K, (4, 6), generator=torch.Generator().manual_seed(1))
    plain = torch.nn.functional.cross_entropy(outputs[:, :6].transpose(1, 2), target, reduction="none").mean(1)
    assert torch.allclose(Chain()(outputs, target), plain, atol=1e-5)


def test_its_gradient_is_right() -> None:
    outputs = scores(1, 4, spread=1.0).double().requires_grad_()
    target = torch.tensor([[0, 2, 1, -1]])
    assert torch.autograd.gradcheck(lambda given: Chain()(given, target), outputs)


def test_scores_between_tags_are_the_same_for_all_sequences() -> None:
    """They are read from the first, and get the gradient of all."""
    between = torch.zeros(K + 2, K, requires_grad=True)
    own = scores(2, 2)[:, :2]
    target = torch.tensor([[0, 1], [2, 1]])
    Chain()(torch.cat([own, between.expand(2, -1, -1)], 1), target).sum().backward()
    assert between.grad is not None
    alone = torch.zeros(K + 2, K)
    for row in range(2):
        one = torch.zeros(K + 2, K, requires_grad=True)
        Chain()(torch.cat([own[row : row + 1], one[None]], 1), target[row : row + 1]).sum().backward()
        assert one.grad is not None
        alone += one.grad
    assert torch.allclose(between.grad, alone, atol=1e-6)


@pytest.mark.parametrize("spread", [60.0, 1_000.0])
def test_great_scores_stay_finite(spread: float) -> None:
    outputs = scores(2, 30, spread=spread).requires_grad_()
    loss = Chain()(outputs, torch.zeros(2, 30, dtype=torch.int64)).sum()
    loss.backward()
    assert torch.isfinite(loss)
    assert outputs.grad is not None
    assert torch.isfinite(outputs.grad).all()
