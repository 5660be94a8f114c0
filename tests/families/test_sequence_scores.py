"""Scores of steps, laid back to where they stand."""

import numpy as np
import torch
from torch import Tensor, nn

from assay.families._sequence_scores import scores_of


class _Places(nn.Module):
    """Scores of a step are its number and the length of its sequence; those between tags are 7."""

    def forward(self, lengths: Tensor, ids: Tensor) -> Tensor:
        own = torch.stack([ids.float(), lengths[:, None].float().expand(ids.shape)], 2)
        return torch.cat([own, torch.full((len(ids), 4, 2), 7.0)], 1)


def test_each_row_gets_its_own_scores_whatever_the_batches() -> None:
    draw = np.random.default_rng(0)
    lengths = draw.integers(1, 90, 400)
    sequence = np.repeat(np.arange(400), lengths)
    rows = torch.arange(len(sequence))
    scores = scores_of(_Places(), (rows,), sequence)
    assert scores.shape == (len(sequence) + 4, 2)
    assert scores[:-4, 0].tolist() == rows.tolist()
    assert scores[:-4, 1].tolist() == lengths[sequence].tolist()
    assert (scores[-4:] == 7).all()


def test_numbers_of_sequences_may_stand_in_any_order() -> None:
    scores = scores_of(_Places(), (torch.arange(3),), np.array([9, 9, 2]))
    assert scores[:3, 1].tolist() == [2, 2, 1]
