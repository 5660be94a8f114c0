import pytest
import torch

from assay.nn.sequences.context import CONTEXTS, BothWays, Convolved


@pytest.mark.parametrize("name", CONTEXTS)
@pytest.mark.parametrize("layers", [1, 2])
def test_what_is_behind_an_end_does_not_matter(name: str, layers: int) -> None:
    torch.manual_seed(0)
    net = CONTEXTS[name](6, 8, layers).eval()
    lengths = torch.tensor([5, 2, 1])
    x = torch.randn(3, 5, 6)
    together = net(x, lengths)
    assert together.shape == (3, 5, net.features)
    for row, length in enumerate(lengths.tolist()):
        alone = net(x[row : row + 1, :length], lengths[row : row + 1])[0]
        assert torch.allclose(alone, together[row, :length], atol=1e-6)


def test_an_lstm_sees_the_whole_sequence_and_a_convolution_its_neighbours() -> None:
    torch.manual_seed(0)
    x, lengths = torch.randn(1, 9, 4), torch.tensor([9])
    changed = x.clone()
    changed[0, 8] += 1

    def moved(net: BothWays | Convolved) -> list[bool]:
        return ((net(x, lengths) - net(changed, lengths)).abs() > 1e-7).any(2)[0].tolist()

    assert all(moved(BothWays(4, 8, 1).eval()))
    assert moved(Convolved(4, 8, 2).eval()) == [False] * 6 + [True] * 3
