"""Words as vectors, and what a net over words makes of a row of them: one vector, whatever the row's length."""

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout


class Words(nn.Module):
    """Numbers of words (n, t), 0 for none, to vectors (n, t, width); 0 gives zeros.

    Args:
        words: How many numbers there are.
        width: Of a vector; they begin as N(0, 0.1^2), so that what is learned soon outweighs what was drawn.
        drop_words: Share of the words whose whole vector is zero in training.
        drop_prob: Share of the numbers of the other vectors that are.
    """

    def __init__(self, words: int, width: int, *, drop_words: float = 0.0, drop_prob: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=0)
        self.drop_words, self.dropout = drop_words, nn.Dropout(drop_prob)
        with torch.no_grad():
            self.embedding.weight.normal_(std=0.1)[0] = 0

    def forward(self, ids: Tensor) -> Tensor:
        """The vectors."""
        vectors: Tensor = self.embedding(ids)
        if self.training and self.drop_words:
            vectors = vectors * dropout(vectors.new_ones(*ids.shape, 1), self.drop_words)
        dropped: Tensor = self.dropout(vectors)
        return dropped


class Reader(nn.Module):
    """A net over the words of each row, of which a row's length is the only thing that it learns about its neighbours.

    In training all rows are read at once. Otherwise they are read in pieces of rows of like length, so that many long
    rows do not fill the memory, and short ones do not wait for long ones.

    Attributes:
        features: Numbers that come out for a row.
    """

    AT_ONCE = 256
    features: int

    def read(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Numbers of words (n, t) with ``lengths`` (n,) of 1 to t to (n, features)."""
        raise NotImplementedError

    def forward(self, ids: Tensor) -> Tensor:
        """Numbers of words (n, t), 0 after a row's end, to (n, features). A row without words is one of a 0."""
        lengths = lengths_of(ids)
        if self.training or len(ids) <= 1:
            return self._trimmed(ids, lengths)
        order = lengths.argsort(stable=True)
        pieces = [self._trimmed(ids[rows], lengths[rows]) for rows in torch.split(order, self.AT_ONCE)]
        return torch.cat(pieces)[order.argsort()]

    def _trimmed(self, ids: Tensor, lengths: Tensor) -> Tensor:
        longest = int(lengths.max()) if len(lengths) else 1
        return self.read(ids[:, :longest], lengths)


def lengths_of(ids: Tensor) -> Tensor:
    """How many words the rows of (n, t) have, (n,), 1 at least."""
    return (ids != 0).sum(1).clamp(min=1)


def pooled(states: Tensor, lengths: Tensor, pool: str) -> Tensor:
    """One vector of each row's states (n, t, d) at its first ``lengths`` (n,) words, (n, d).

    Args:
        states: What stands behind a row's end counts for nothing, as long as it is finite.
        lengths: From 1 to t.
        pool: ``"last"``, ``"max"`` or ``"mean"``.
    """
    n, t, d = states.shape
    if pool == "last":
        return states.gather(1, (lengths - 1)[:, None, None].expand(n, 1, d)).squeeze(1)
    there = (torch.arange(t, device=states.device) < lengths[:, None])[..., None]
    if pool == "max":
        return states.masked_fill(~there, -torch.inf).amax(1)
    return states.masked_fill(~there, 0.0).sum(1) / lengths[:, None]
