import torch

from assay.nn.pictures._dense import dense_stages


def test_maps_are_averaged_flattened_and_seen_by_two_layers() -> None:
    first, second = dense_stages(3, 2, 5, 0.0)
    x = torch.rand(4, 3, 4, 4)
    quarters = x.reshape(4, 3, 2, 2, 2, 2).mean((3, 5)).reshape(4, 12)
    hidden = torch.relu(quarters @ first[2].weight.T + first[2].bias)
    seen = torch.relu(hidden @ second[1].weight.T + second[1].bias)
    assert torch.allclose(second(first(x)), seen, atol=1e-6)


def test_dropout_stands_between_them() -> None:
    torch.manual_seed(0)
    first, second = dense_stages(3, 1, 400, 0.5)
    hidden = first(torch.rand(1, 3, 4, 4))
    assert torch.equal(first(torch.ones(2, 3, 1, 1)), first(torch.ones(2, 3, 1, 1)))
    assert not torch.equal(second(hidden), second(hidden))
    assert torch.equal(second.eval()(hidden), second(hidden))
