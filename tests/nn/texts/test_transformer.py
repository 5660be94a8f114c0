import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from assay.nn.texts.transformer import Transformer, sinusoids

LENGTHS = (5, 1, 3, 7)


def ids(lengths: tuple[int, ...] = LENGTHS, longest: int = 9) -> Tensor:
    drawn = torch.randint(1, 20, (len(lengths), longest), generator=torch.Generator().manual_seed(3))
    return drawn * (torch.arange(longest) < torch.tensor(lengths)[:, None])


def torchs(net: Transformer, row: Tensor) -> Tensor:
    """Torch's own encoder with the same weights, over the words of one row."""
    width = net.features
    x = net.words(row[None]) + net.place * sinusoids(len(row), width)
    for block in net.blocks:
        layer = nn.TransformerEncoderLayer(
            width, block.heads, block.wide.out_features, 0.0, nn.functional.gelu, batch_first=True, norm_first=True
        )
        own = {"into": "self_attn.in_proj_", "out": "self_attn.out_proj.", "wide": "linear1.", "narrow": "linear2."}
        own |= {"norm_1": "norm1.", "norm_2": "norm2."}
        weights = {}
        for name, value in block.state_dict().items():
            part, what = name.split(".")
            weights[own[part] + what] = value
        layer.load_state_dict(weights)
        x = layer(x)
    return net.norm(x)[0]


@pytest.mark.parametrize("pool", ["mean", "max"])
def test_words_are_read_as_by_torchs_encoder(pool: str) -> None:
    net = Transformer(20, width=8, heads=2, layers=2, hidden=12, pool=pool)
    rows = ids()
    for mode in (True, False):
        found = net.train(mode)(rows)
        for row, length in enumerate(LENGTHS):
            states = torchs(net, rows[row, :length])
            wanted = states.mean(0) if pool == "mean" else states.amax(0)
            assert torch.allclose(found[row], wanted, atol=1e-5)


def test_a_row_alone_is_as_among_longer_ones_and_without_words_too() -> None:
    net = Transformer(20, width=8, heads=2).eval()
    rows = ids((4, 0, 30), 30)
    alone = torch.cat([net(rows[:1, :4]), net(torch.zeros(1, 1, dtype=torch.int64))])
    assert torch.allclose(net(rows)[:2], alone, atol=1e-6)


def test_gradients_are_finite_and_reach_everything() -> None:
    net = Transformer(20, width=8, heads=2)
    net(ids((4, 0, 9))).square().sum().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert bool(torch.isfinite(parameter.grad).all()), name
        assert bool(parameter.grad.any()) or name == "norm.bias", name


def test_the_order_of_words_counts() -> None:
    net = Transformer(20, width=8, heads=2).eval()
    assert not torch.allclose(net(torch.tensor([[3, 4, 5]])), net(torch.tensor([[5, 4, 3]])), atol=1e-5)
    with torch.no_grad():
        net.place.zero_()
    assert torch.allclose(net(torch.tensor([[3, 4, 5]])), net(torch.tensor([[5, 4, 3]])), atol=1e-5)


def test_places_are_sines_and_cosines() -> None:
    found = sinusoids(7, 6).numpy()
    angles = [[place / 10_000 ** (2 * i / 6) for i in range(3)] for place in range(7)]
    wanted = [[*map(math.sin, row), *map(math.cos, row)] for row in angles]
    assert found == pytest.approx(np.array(wanted), abs=1e-6)
