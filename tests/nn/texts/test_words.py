import numpy as np
import pytest
import torch
from torch import Tensor

from assay.nn.texts.words import Reader, Words, lengths_of, pooled

IDS = torch.tensor([[3, 4, 5], [6, 0, 0], [0, 0, 0]])


class Firsts(Reader):
    """Gives a row's first number and its length, and notes the shapes that it was given."""

    features = 2

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []

    def read(self, ids: Tensor, lengths: Tensor) -> Tensor:
        self.shapes.append(tuple(ids.shape))
        return torch.stack([ids[:, 0], lengths], 1).float()


def test_padding_has_no_vector_and_learns_none() -> None:
    words = Words(10, 4)
    vectors = words(IDS)
    assert vectors.shape == (3, 3, 4)
    assert not vectors[1, 1:].any()
    assert vectors[0].detach().abs().sum(1).min() > 0
    vectors.sum().backward()
    assert words.embedding.weight.grad is not None
    assert words.embedding.weight.grad.abs().sum(1).tolist() == [0, 0, 0, 4, 4, 4, 4, 0, 0, 0]


def test_dropped_words_are_zero_as_a_whole_and_in_training_only() -> None:
    torch.manual_seed(0)
    words = Words(10, 8, drop_words=0.25)
    ids = torch.full((40, 50), 7)
    zero = (words(ids) == 0).sum(2)
    assert set(zero.unique().tolist()) == {0, 8}
    assert (zero == 8).double().mean() == pytest.approx(0.25, abs=0.05)
    assert (words.eval()(ids) != 0).all()


def test_a_text_without_words_has_the_length_of_one() -> None:
    assert lengths_of(IDS).tolist() == [3, 1, 1]


def test_rows_are_read_in_pieces_of_like_length_but_given_as_they_stand() -> None:
    draw = torch.Generator().manual_seed(1)
    lengths = torch.randint(0, 30, (600,), generator=draw)
    ids = torch.arange(1, 601)[:, None] * (torch.arange(40) < lengths[:, None])
    reader = Firsts()
    trained = reader(ids)
    assert reader.shapes == [(600, int(lengths.max()))]
    reader.shapes.clear()
    assert torch.equal(reader.eval()(ids), trained)
    assert [rows for rows, _ in reader.shapes] == [256, 256, 88]
    assert [longest for _, longest in reader.shapes] == [int(lengths.sort().values[i]) for i in (255, 511, 599)]


def test_one_row_and_no_row_are_read() -> None:
    reader = Firsts().eval()
    assert reader(IDS[1:2]).tolist() == [[6.0, 1.0]]
    assert reader(IDS[:0]).shape == (0, 2)


@pytest.mark.parametrize("pool", ["last", "max", "mean"])
def test_pooling_looks_at_each_rows_words_alone(pool: str) -> None:
    states = torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(2))
    lengths = [6, 1, 4, 2]
    for row, length in enumerate(lengths):
        states[row, length:] = 1e9
    found = pooled(states, torch.tensor(lengths), pool).numpy()
    by_hand = {"last": lambda rows: rows[-1], "max": lambda rows: rows.max(0), "mean": lambda rows: rows.mean(0)}
    wanted = [by_hand[pool](states[row, :length].numpy()) for row, length in enumerate(lengths)]
    assert found == pytest.approx(np.array(wanted), abs=1e-6)
