"""Convolutions over words, and their maximum over a text.

Kim 2014, "Convolutional Neural Networks for Sentence Classification".
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from assay.nn.texts.words import Reader, Words


class TextCnn(Reader):
    """Filters over runs of words; of each, the largest answer in a text, and zero if none is above it.

    A window stands around each word of a text, with zeros beyond its ends, so that a text may be shorter than a filter.
    Windows around what fills up short rows do not count.

    Args:
        words: How many numbers of words there are.
        vector: Numbers of a word's vector.
        widths: Words that filters see.
        filters: How many of each width.
        drop_words, drop_inputs: As `Words` has them.
    """

    def __init__(
        self,
        words: int,
        *,
        vector: int = 128,
        widths: Sequence[int] = (3, 4, 5),
        filters: int = 100,
        drop_words: float = 0.0,
        drop_inputs: float = 0.0,
    ) -> None:
        super().__init__()
        self.features = filters * len(widths)
        self.words = Words(words, vector, drop_words=drop_words, drop_prob=drop_inputs)
        layers = [nn.Conv1d(vector, filters, width) for width in widths]
        self.filters = nn.ModuleList(layers)
        for layer in layers:
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def read(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """The largest answers."""
        there = (torch.arange(ids.shape[1], device=ids.device) < lengths[:, None])[:, None]
        vectors = self.words(ids).transpose(1, 2).masked_fill(ids[:, None] == 0, 0.0)
        layers = (layer for layer in self.filters if isinstance(layer, nn.Conv1d))
        return torch.cat([_largest(layer, vectors, there) for layer in layers], 1)


def _largest(layer: nn.Conv1d, vectors: Tensor, there: Tensor) -> Tensor:
    """Of word vectors (n, d, t), the largest of a filter's answers at words that are ``there`` (n, 1, t), (n, f)."""
    width = layer.kernel_size[0]
    answers = layer(pad(vectors, ((width - 1) // 2, width // 2)))
    largest: Tensor = answers.masked_fill(~there, -torch.inf).amax(2).relu()
    return largest
