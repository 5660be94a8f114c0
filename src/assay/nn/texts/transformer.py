"""A small transformer over words (Vaswani et al. 2017), with the norms before its parts (Xiong et al. 2020)."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from assay.nn.texts.words import Reader, Words, pooled


class Transformer(Reader):
    """Word vectors with their places, ``layers`` blocks, a norm, and the mean or maximum over a row's words.

    All but attention is computed for words alone, not for what fills up short rows.

    Args:
        words: How many numbers of words there are.
        width: Of a word's vector, even, and ``heads`` times a whole number.
        heads, layers: How many.
        hidden: Width of the layer inside of each block.
        pool: ``"max"`` or ``"mean"``.
        drop_words, drop_inputs: As `Words` has them; the second also behind each part of a block.
    """

    def __init__(
        self,
        words: int,
        *,
        width: int = 128,
        heads: int = 4,
        layers: int = 2,
        hidden: int = 256,
        pool: str = "mean",
        drop_words: float = 0.0,
        drop_inputs: float = 0.0,
    ) -> None:
        super().__init__()
        self.pool, self.features = pool, width
        self.words = Words(words, width, drop_words=drop_words, drop_prob=drop_inputs)
        self.place = nn.Parameter(torch.full((1,), 0.1))
        self.blocks = nn.ModuleList(_Block(width, heads, hidden, drop_inputs) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def read(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """The words' vectors after all blocks, pooled."""
        n, t = ids.shape
        there = torch.arange(t, device=ids.device) < lengths[:, None]
        at = there.flatten().nonzero().squeeze(1)
        vectors = self.words(ids)
        vectors = vectors + self.place * sinusoids(t, self.features, device=ids.device)
        x = vectors.flatten(0, 1).index_select(0, at)
        for block in self.blocks:
            x = block(x, at, there)
        return pooled(_filled(self.norm(x), at, n, t), lengths, self.pool)


class _Block(nn.Module):
    """``x + attention(norm(x))``, then ``x + perceptron(norm(x))``."""

    def __init__(self, width: int, heads: int, hidden: int, drop_prob: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.into, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.dropout = nn.Dropout(drop_prob)
        for layer in (self.into, self.out, self.wide, self.narrow):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, at: Tensor, there: Tensor) -> Tensor:
        """Words (m, width), which stand at the places ``at`` (m,) of the rows that ``there`` (n, t) shows."""
        x = x + self.dropout(self.out(self._attended(self.into(self.norm_1(x)), at, there)))
        made: Tensor = x + self.dropout(self.narrow(gelu(self.wide(self.norm_2(x)))))
        return made

    def _attended(self, x: Tensor, at: Tensor, there: Tensor) -> Tensor:
        """Queries, keys and values of the words (m, 3 width) to (m, width): each row attends to its own words."""
        n, t = there.shape
        parts = _filled(x, at, n, t).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=there[:, None, None, :])
        return seen.transpose(1, 2).reshape(n * t, -1).index_select(0, at)


def sinusoids(length: int, width: int, *, device: torch.device | None = None) -> Tensor:
    """Places as sines, then cosines, of wavelengths from 2 pi to 10,000 times that, (length, width)."""
    rates = torch.exp(torch.arange(0, width, 2, device=device) * (-math.log(10_000.0) / width))
    angles = torch.arange(length, device=device)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], 1)


def _filled(x: Tensor, at: Tensor, n: int, t: int) -> Tensor:
    """Words (m, d) at their places among n rows of t, with zeros between, (n, t, d)."""
    return x.new_zeros(n * t, x.shape[1]).index_copy(0, at, x).view(n, t, -1)
