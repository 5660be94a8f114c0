"""The mean of word vectors (Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification")."""

import torch
from torch import Tensor, nn


class Bag(nn.Module):
    """Numbers of words (n, t), 0 for none, to the mean vector of a row's words (n, width).

    A text without words gives zeros. Vectors begin small and uniform, as in fastText.
    """

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=0)
        nn.init.uniform_(self.embedding.weight, -1 / width, 1 / width)
        with torch.no_grad():
            self.embedding.weight[0] = 0

    def forward(self, ids: Tensor) -> Tensor:
        """The mean over each row's words."""
        there = (ids != 0).sum(1, keepdim=True).clamp(min=1)
        mean: Tensor = self.embedding(ids).sum(1) / there
        return mean
