import math

import pytest
import torch
from torch import Tensor, nn

from assay.core.errors import PlanError
from assay.nn.losses._members import OfMembers
from assay.nn.losses.cross_entropy import CrossEntropy
from assay.nn.tabm import Adapter, QuickDropout, TabM


def made(**wanted: object) -> TabM:
    torch.manual_seed(3)
    given = {"members": 4, "width": 8, "depth": 2, "drop_prob": 0.0, "bins": 4, "embedding": 2, **wanted}
    net = TabM(2, 3, 5, **given)  # type: ignore[arg-type]
    net.begin(rows(50), torch.zeros(5))
    return net


def rows(n: int = 7) -> Tensor:
    return torch.randn(n, 5, generator=torch.Generator().manual_seed(n))


def alone(net: TabM, member: int, x: Tensor) -> Tensor:
    """Scores (n, k) of one member as a plain net, in the paper's words."""
    assert net.embed is not None
    x = torch.cat([net.embed(x[:, :2]), x[:, 2:]], 1) * net.adapter.factor[member]
    for layer in net.hidden:
        if isinstance(layer, nn.Linear):
            x = torch.relu(x @ layer.weight.T + layer.bias)
    return x @ net.heads.weight[member] + net.heads.bias[member]


def test_in_training_it_gives_what_each_member_alone_would() -> None:
    net, x = made(), rows()
    found = net.train()(x)
    wanted = torch.stack([alone(net, member, x) for member in range(4)], 1)
    assert found.shape == (7, 20)
    assert torch.allclose(found.view(7, 4, 5), wanted, atol=1e-5)


def test_in_evaluation_softmax_gives_the_mean_of_their_probabilities() -> None:
    net, x = made(), rows()
    found = net.eval()(x).softmax(1)
    wanted = torch.stack([alone(net, member, x).softmax(1) for member in range(4)]).mean(0)
    assert torch.allclose(found, wanted, atol=1e-6)


def test_the_gradient_is_that_of_the_mean_of_the_members_losses() -> None:
    net, x, y = made(), rows(), torch.tensor([0, 1, 2, 3, 4, 0, 1])
    OfMembers(CrossEntropy(), 4)(net.train()(x), y).mean().backward()
    found = [parameter.grad.clone() for parameter in net.parameters() if parameter.grad is not None]
    net.zero_grad()
    torch.stack([nn.functional.cross_entropy(alone(net, member, x), y) for member in range(4)]).mean().backward()
    wanted = [parameter.grad for parameter in net.parameters()]
    assert len(found) == len(wanted)
    assert all(torch.allclose(one, two, atol=1e-6) for one, two in zip(found, wanted, strict=True))


def test_members_begin_with_signs_of_their_own() -> None:
    factor = Adapter(8, 20).factor
    assert set(factor.flatten().tolist()) == {-1.0, 1.0}
    assert len({tuple(row) for row in factor.tolist()}) == 8


def test_it_begins_near_the_scores_that_it_is_given() -> None:
    net = made(width=32)
    prior = torch.tensor([0.9, 0.025, 0.025, 0.025, 0.025])
    net.heads.weight.data.zero_()
    net.heads.bias.data.zero_()
    net.begin(rows(50), prior.log())
    assert torch.allclose(net.eval()(rows()).softmax(1), prior.expand(7, 5), atol=1e-6)


@pytest.mark.parametrize("embedding", [0, 3])
def test_tables_without_numbers_and_nets_without_embeddings(embedding: int) -> None:
    net = TabM(0, 4, 2, members=2, width=4, embedding=embedding)
    net.begin(rows(9)[:, :4], torch.tensor([0.5, 0.5]))
    assert net.embed is None
    assert net.eval()(rows(9)[:, :4]).shape == (9, 2)
    assert TabM(3, 1, 2, embedding=embedding).adapter.factor.shape[1] == 3 * max(1, embedding) + 1


def test_many_rows_are_told_as_a_few_are() -> None:
    net = made().eval()
    many = rows(2_500)
    assert torch.allclose(net(many)[1_020:1_030], net(many[1_020:1_030]), atol=1e-6)


@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_dropout_leaves_out_as_many_as_told_and_keeps_the_mean(probability: float) -> None:
    torch.manual_seed(0)
    layer = QuickDropout(probability)
    x = torch.ones(401, 333)
    found = layer(x.clone())
    share = float((found == 0).float().mean())
    assert share == pytest.approx(round(probability * 256) / 256, abs=0.004)
    assert float(found.mean()) == pytest.approx(1, abs=0.01)
    assert len(found.unique()) == 2
    assert torch.equal(layer.eval()(x.clone()), x)


def test_dropout_is_drawn_anew_for_each_value() -> None:
    torch.manual_seed(0)
    dropped = QuickDropout(0.5)(torch.ones(2_000, 64)) == 0
    together = (dropped[:, :-1] & dropped[:, 1:]).float().mean()
    assert float(together) == pytest.approx(0.25, abs=0.01)
    assert math.isclose(float((dropped[:-1] & dropped[1:]).float().mean()), 0.25, abs_tol=0.01)


def test_a_probability_out_of_range_is_refused() -> None:
    with pytest.raises(PlanError, match="drop_prob = 1"):
        TabM(2, 0, 2, drop_prob=1.0)
