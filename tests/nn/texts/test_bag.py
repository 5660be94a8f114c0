import numpy as np
import pytest
import torch

from assay.nn.texts.bag import PAIRS_WEIGH, Bag

IDS = torch.tensor([[3, 4, 5, 10, 11], [6, 3, 12, 0, 0], [0, 0, 0, 0, 0]])


def body(**given: float) -> Bag:
    torch.manual_seed(0)
    made = Bag(10, 4, pairs=5, **given)  # type: ignore[arg-type]
    torch.nn.init.normal_(made.pairs.weight)  # type: ignore[union-attr]
    return made


def test_it_is_the_mean_of_the_words_and_a_part_of_that_of_the_pairs() -> None:
    bag = body().eval()
    words, pairs = bag.embedding.weight.detach().numpy(), bag.pairs.weight.detach().numpy()  # type: ignore[union-attr]
    wanted = [  # number 10 is the first pair
        words[[3, 4, 5]].mean(0) + PAIRS_WEIGH * pairs[[1, 2]].mean(0),
        words[[6, 3]].mean(0) + PAIRS_WEIGH * pairs[3],
        np.zeros(4),
    ]
    assert bag(IDS).detach().numpy() == pytest.approx(np.array(wanted), abs=1e-6)


def test_what_stands_at_the_padding_counts_for_nothing_and_does_not_learn() -> None:
    bag = body().eval()
    before = bag(IDS)
    with torch.no_grad():  # noise on gradients moves it
        bag.embedding.weight[0] = 7.0
        bag.pairs.weight[0] = 7.0  # type: ignore[union-attr]
    assert torch.allclose(bag(IDS), before, atol=1e-5)
    bag(IDS).sum().backward()
    for layer in (bag.embedding, bag.pairs):
        assert layer is not None and layer.weight.grad is not None
        assert not layer.weight.grad[0].any()
        assert layer.weight.grad[3].any()


@pytest.mark.parametrize("pairs", [0, 5])
def test_a_row_alone_is_what_it_is_among_longer_ones(pairs: int) -> None:
    bag = Bag(10, 4, pairs=pairs).eval()
    ids = IDS if pairs else IDS.clamp(max=9)
    for row, length in enumerate((5, 3, 1)):
        assert torch.allclose(bag(ids[row : row + 1, :length])[0], bag(ids)[row], atol=1e-7)
    assert bag(ids[:0]).shape == (0, 4)


def test_words_are_left_out_in_training_only() -> None:
    bag = body(drop_words=0.5)
    ids = torch.arange(1, 10).repeat(400, 1)
    torch.manual_seed(1)
    dropped = bag(ids)
    assert dropped.std(0).min() > 0.01
    assert dropped.mean(0).detach().numpy() == pytest.approx(bag.eval()(ids)[0].detach().numpy(), abs=0.03)
    assert bag(ids).std(0).max().item() < 1e-6


def test_a_pair_that_was_never_seen_adds_nothing() -> None:
    bag = Bag(10, 4, pairs=5).eval()
    assert not bag(torch.tensor([[12, 13]])).any()
    assert bag.embedding.weight.abs().max() <= 1 / 4
    assert not bag.embedding.weight[0].any()
