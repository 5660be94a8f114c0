import torch

from assay.nn.sequences.context import BothWays
from assay.nn.sequences.spelled import Spelled
from assay.nn.sequences.tagger import Tagger

LENGTHS = torch.tensor([3, 1])


def net(*, chain: bool = True, words: bool = True) -> Tagger:
    torch.manual_seed(0)
    spelled = Spelled(1, traits=2, rows=20, vector=4, filters=3) if words else None
    inputs = (spelled.features if spelled else 0) + 2
    return Tagger(spelled, BothWays(inputs, 4, 1), outputs=3, chain=chain)


def test_scores_between_tags_stand_behind_those_of_steps() -> None:
    tagger = net()
    with torch.no_grad():
        tagger.between.copy_(torch.arange(15.0).view(5, 3))
    scores = tagger(LENGTHS, torch.ones(2, 3, 7, dtype=torch.int32), torch.zeros(2, 3, 2))
    assert scores.shape == (2, 3 + 3 + 2, 3)
    assert torch.equal(scores[0, 3:], scores[1, 3:])
    assert scores[0, 3:].tolist() == torch.arange(15.0).view(5, 3).tolist()


def test_without_a_chain_nothing_between_tags_is_learned() -> None:
    assert "between" in dict(net().named_parameters())
    assert "between" not in dict(net(chain=False).named_parameters())
    assert "between" in net(chain=False).state_dict()


def test_numbers_alone_are_enough() -> None:
    scores = net(words=False)(LENGTHS, torch.zeros(2, 3, 0, dtype=torch.int32), torch.randn(2, 3, 2))
    assert torch.isfinite(scores).all()


def test_it_begins_with_the_scores_that_it_is_told() -> None:
    tagger = net().eval()
    tagger.start_at(torch.tensor([1.0, 2.0, 3.0]))
    with torch.no_grad():
        tagger.head.weight.zero_()
    scores = tagger(LENGTHS, torch.ones(2, 3, 7, dtype=torch.int32), torch.zeros(2, 3, 2))
    assert scores[1, 0].tolist() == [1.0, 2.0, 3.0]
